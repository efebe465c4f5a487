import { expect, it } from 'vitest'
import { claudeAnswer, claudeQuestion } from './claude.ts'

/** As documented for the event `PermissionRequest`. */
const documented = (tool_name: string, tool_input: object) =>
  JSON.stringify({
    ...{ session_id: 'abc123', transcript_path: '/home/ada/.claude/x.jsonl', cwd: '/home/ada/site' },
    ...{ permission_mode: 'default', hook_event_name: 'PermissionRequest', tool_name, tool_input },
  })

it('a documented request for a command becomes a question with the whole command', () => {
  const input = documented('Bash', { command: 'rm -rf node_modules', description: 'Remove the modules' })
  expect(claudeQuestion(input, '1')).toMatchObject({
    ...{ agent: 'claude', kind: 'command', title: 'Remove the modules', text: 'rm -rf node_modules' },
    ...{ folder: '/home/ada/site', binding: 'claude abc123 1' },
  })
})

it('a documented request for an edit becomes a question with its diff', () => {
  const input = documented('Edit', { file_path: '/a', old_string: 'x\ny', new_string: 'z' })
  expect(claudeQuestion(input, '1')).toMatchObject({
    kind: 'edit',
    files: ['/a'],
    diff: '--- /a\n+++ /a\n-x\n-y\n+z',
  })
})

it('other events and other texts are no questions', () => {
  expect(claudeQuestion('{"hook_event_name":"PreToolUse"}', '1')).toBeNull()
  expect(claudeQuestion('hello', '1')).toBeNull()
})

it('only the choice to allow is printed as allow', () => {
  expect(claudeAnswer('allow')).toContain('"behavior":"allow"')
  for (const choice of ['deny', 'always', '']) expect(claudeAnswer(choice)).toContain('"behavior":"deny"')
})
