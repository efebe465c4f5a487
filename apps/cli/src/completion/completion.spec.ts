import { expect, it } from 'vitest'
import { COMMANDS } from '../commands.ts'
import { optionsOf } from '../common-options.ts'
import { manPage } from './man-page.ts'
import { completionScript, SHELLS } from './scripts.ts'

it.each(SHELLS)('the completion for %s knows every command and every option', (shell) => {
  const script = completionScript(shell, COMMANDS)
  for (const command of COMMANDS) {
    expect(script, command.name).toMatch(new RegExp(`\\b${command.name}\\b`))
    for (const name of Object.keys(optionsOf(command)))
      expect(script, `${command.name} --${name}`).toMatch(new RegExp(`(--|-l )${name}\\b`))
  }
})

it('the manual page has every command with its options and examples, and no text of it is a request', () => {
  const page = manPage(COMMANDS, '1.2.3')
  const plain = page.replaceAll('\\-', '-').replaceAll('\\(aq', "'")
  for (const command of COMMANDS) {
    expect(plain).toContain(`.SS latchkey ${command.name}`)
    for (const name of Object.keys(optionsOf(command))) expect(plain, name).toContain(`--${name}`)
    for (const { line } of command.examples) expect(plain).toContain(line.slice(0, 20))
  }
  const requests = new Set(page.split('\n').flatMap((line) => /^[.'](\S+)/.exec(line)?.[1] ?? []))
  expect([...requests].toSorted()).toEqual(['B', 'I', 'PP', 'SH', 'SS', 'TH', 'TP', 'br'])
})
