import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CLAUDE_HOOK_TIMEOUT_S } from '@latchkey/runner/agents/claude'
import { z } from 'zod'

/** The file of an agent in which it finds our adapter, and how its text is changed. */
export interface AgentFile {
  readonly path: string
  /** The text with our part, which is there once; a sentence in `problem` when the file cannot be read. */
  install(text: string | null): { readonly text: string } | { readonly problem: string }
  /** The text without our part; null: nothing of others is in it. */
  uninstall(text: string): string | null
  isInstalled(text: string): boolean
}

type Env = Readonly<Record<string, string | undefined>>

export const AGENT_FILES: Readonly<Record<string, (env: Env) => AgentFile>> = {
  opencode: opencodePlugin,
  claude: claudeSettings,
}

const home = (env: Env): string => env['HOME'] || homedir()

/** A file of our own: opencode loads every file of this folder. */
function opencodePlugin(env: Env): AgentFile {
  const folder = env['XDG_CONFIG_HOME'] || join(home(env), '.config')
  const plugin = createRequire(import.meta.url).resolve('@latchkey/runner/agents/opencode-plugin')
  const text = `${OPENCODE_MARK}
export const Latchkey = async (context) => {
  try {
    return await (await import(${JSON.stringify(plugin)})).latchkey(context, process.env)
  } catch {
    return {}
  }
}
`
  const isInstalled = (now: string) => now.startsWith(OPENCODE_MARK)
  return {
    path: join(folder, 'opencode', 'plugins', 'latchkey.js'),
    install: (now) =>
      now === null || isInstalled(now)
        ? { text }
        : { problem: 'A plugin of that name is there, and it is not ours. Move it away.' },
    uninstall: (now) => (isInstalled(now) ? null : now),
    isInstalled,
  }
}
const OPENCODE_MARK =
  '// Latchkey: questions of opencode also go to your phone. To remove it: latchkey agents uninstall opencode'

const hookEntry = z.looseObject({ command: z.string().optional() })
const matcher = z.looseObject({ hooks: z.array(hookEntry).optional() })
const settings = z.looseObject({ hooks: z.record(z.string(), z.array(matcher)).optional() })
type Settings = z.output<typeof settings>

/** One hook in a file that others write too. */
function claudeSettings(env: Env): AgentFile {
  const folder = env['CLAUDE_CONFIG_DIR'] || join(home(env), '.claude')
  const bin = fileURLToPath(new URL('../../bin/latchkey.mjs', import.meta.url))
  const command = `${JSON.stringify(process.execPath)} ${JSON.stringify(bin)} ${CLAUDE_HOOK}`
  const ours = { type: 'command', command, timeout: CLAUDE_HOOK_TIMEOUT_S }
  return {
    path: join(folder, 'settings.json'),
    install: (now) => {
      const read = readSettings(now ?? '{}')
      if (read === null) return { problem: 'It is not the JSON that Claude Code documents. Mend it first.' }
      const others = withoutOurs(read)
      const asking = [...(others.hooks?.['PermissionRequest'] ?? []), { matcher: '*', hooks: [ours] }]
      return { text: written({ ...others, hooks: { ...others.hooks, PermissionRequest: asking } }, now) }
    },
    uninstall: (now) => {
      const read = readSettings(now)
      if (read === null) return now
      const others = withoutOurs(read)
      return Object.keys(others).length === 0 ? null : written(others, now)
    },
    isInstalled: (now) => {
      const read = readSettings(now)
      return read !== null && JSON.stringify(read) !== JSON.stringify(withoutOurs(read))
    },
  }
}
const CLAUDE_HOOK = 'hook claude'

function readSettings(text: string): Settings | null {
  try {
    return settings.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

const isOurs = ({ command = '' }: z.output<typeof hookEntry>): boolean =>
  command.includes('latchkey') && command.endsWith(CLAUDE_HOOK)

function withoutOurs({ hooks, ...rest }: Settings): Settings {
  if (hooks === undefined) return rest
  const kept = Object.entries(hooks).flatMap(([event, matchers]) => {
    const others = matchers.flatMap((one) => {
      const left = one.hooks?.filter((hook) => !isOurs(hook))
      if (left === undefined || left.length === one.hooks?.length) return [one]
      return left.length === 0 ? [] : [{ ...one, hooks: left }]
    })
    return others.length === 0 && matchers.length > 0 ? [] : [[event, others] as const]
  })
  return kept.length === 0 ? rest : { ...rest, hooks: Object.fromEntries(kept) }
}

/** With the indentation that the file had. */
function written(value: Settings, before: string | null): string {
  const indent = /^\{\r?\n([ \t]+)"/.exec(before ?? '')?.[1] ?? '  '
  return `${JSON.stringify(value, null, indent)}\n`
}
