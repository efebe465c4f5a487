import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentMachine } from './agent-machine.ts'

/** opencode's settings for a model server on loopback: no update, no sharing; it asks before it runs a command. */
export function writeOpencodeSettings({ home, model }: AgentMachine): void {
  const folder = join(home, '.config', 'opencode')
  mkdirSync(folder, { recursive: true })
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'fake',
    options: { baseURL: model.url, apiKey: 'dummy' },
    models: { 'fake-model': { name: 'fake-model', limit: { context: 100_000, output: 8_000 } } },
  }
  const settings = {
    ...{ autoupdate: false, share: 'disabled', model: 'fake/fake-model', small_model: 'fake/fake-model' },
    ...{
      enabled_providers: ['fake'],
      permission: { bash: 'ask', edit: 'ask' },
      provider: { fake: provider },
    },
  }
  writeFileSync(join(folder, 'opencode.json'), JSON.stringify(settings))
}
