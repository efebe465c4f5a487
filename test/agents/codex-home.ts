import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentMachine } from './agent-machine.ts'

/** codex's settings for a model server on loopback: no update, no telemetry, no sign-in; it asks before it runs a command. */
export function writeCodexSettings({ home, work, model }: AgentMachine): void {
  const folder = join(home, '.codex')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'config.toml'),
    `model = "fake-model"
model_provider = "fake"
approval_policy = "on-request"
sandbox_mode = "workspace-write"
check_for_update_on_startup = false

[model_providers.fake]
name = "fake"
base_url = "${model.url}"
wire_api = "responses"
env_key = "MODEL_KEY"

[analytics]
enabled = false

[feedback]
enabled = false

[features]
apps = false
plugins = false
remote_plugin = false
plugin_sharing = false
daemon_auto_start = false

[tui]
screen_reader_detection_done = true

[projects."${work}"]
trust_level = "trusted"
`,
  )
}
