import { z } from 'zod'
import type { AdapterQuestion } from '../questions/adapter-wire.ts'

/**
 * Claude Code, by a hook of its event `PermissionRequest`. It is proprietary and was not run: these facts are read in its public
 * documentation, and the tests use the documented JSON.
 *
 * - The hook's stdin has `session_id`, `cwd`, `hook_event_name`, `tool_name`, `tool_input`. There is no id of the call.
 * - On stdout, `hookSpecificOutput.decision.behavior` is `allow` or `deny`; no output leaves the decision to the desk.
 * - The desk's prompt is shown meanwhile, and the first answer wins. The hook is not told of the outcome.
 * - Hooks are children of the process that asks, with its environment: the terminal mark is exact.
 */
const request = z.object({
  session_id: z.string().max(128),
  cwd: z.string().max(4_096).optional(),
  hook_event_name: z.literal('PermissionRequest'),
  tool_name: z.string().min(1).max(64),
  tool_input: z.record(z.string(), z.unknown()),
})

/** The hook's own limit in the settings, seconds. */
export const CLAUDE_HOOK_TIMEOUT_S = 600
/** The question ends before the hook is killed. */
const LASTS_MS = (CLAUDE_HOOK_TIMEOUT_S - 10) * 1000

/** The question in a hook's input; null when it is none. @param nonce tells one call of the hook from another */
export function claudeQuestion(input: string, nonce: string): AdapterQuestion | null {
  const asked = request.safeParse(parsed(input)).data
  if (asked === undefined) return null
  const { session_id, cwd, tool_name, tool_input } = asked
  const text = (name: string) => (typeof tool_input[name] === 'string' ? tool_input[name] : undefined)
  const [command, path, before, after] = ['command', 'file_path', 'old_string', 'new_string'].map(text)
  const isEdit = path !== undefined && before !== undefined && after !== undefined
  return {
    agent: 'claude',
    kind: command !== undefined ? 'command' : isEdit ? 'edit' : 'tool',
    title: text('description') ?? `Claude Code wants to use ${tool_name}`,
    text: command ?? JSON.stringify(tool_input, null, 2),
    ...(cwd === undefined ? {} : { folder: cwd }),
    files: path === undefined ? [] : [path],
    ...(isEdit ? { diff: `--- ${path}\n+++ ${path}\n${marked('-', before)}\n${marked('+', after)}` } : {}),
    choices: [
      { id: 'allow', label: 'Allow', covers: `this use of ${tool_name}, once`, effect: 'allow' },
      { id: 'deny', label: 'Deny', covers: `this use of ${tool_name}`, effect: 'deny' },
    ],
    ...{ lastsMs: LASTS_MS, binding: `claude ${session_id} ${nonce}` },
  }
}

/** The line that a hook prints to give this choice. */
export const claudeAnswer = (choice: string): string =>
  JSON.stringify({
    hookSpecificOutput: {
      hookEventName: 'PermissionRequest',
      decision:
        choice === 'allow' ? { behavior: 'allow' } : { behavior: 'deny', message: 'Denied on a phone.' },
    },
  })

const marked = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((line) => `${mark}${line}`)
    .join('\n')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
