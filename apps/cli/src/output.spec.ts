import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EXIT } from './exit-code.ts'
import { outputOf, witnessed } from './output.ts'

function printed(json = false) {
  let text = ''
  const stream = {
    write: (part: string) => {
      text += part
      return true
    },
  }
  const { output, sayRefused } = witnessed(outputOf({ json, quiet: false }, stream, stream))
  return { output, sayRefused, text: () => text }
}

const ACTS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

it('whatever a line, a question or an event is made of, nothing in it acts on the terminal', () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom('\x1b[2J', '\x1b]52;c;AA==\x07', '\u009b2J', '\u202e', '\r'),
      fc.string({ unit: 'binary' }),
    ),
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const text = parts.join('')
      const { output, text: all } = printed(true)
      output.say(text)
      output.complain(text)
      output.print(text)
      output.ask(text)
      output.pass(text)
      output.emit({ event: 'x', text })
      expect(all()).not.toMatch(ACTS)
    }),
    { numRuns: 200 },
  )
})

it('a command that is refused without an event of its own says so to a program, with what it complained about', () => {
  const refused = printed(true)
  refused.output.complain('There is no option --prot.')
  refused.sayRefused(EXIT.badUsage)
  expect(JSON.parse(refused.text().split('\n')[1] ?? '')).toEqual({
    event: 'refused',
    exitCode: 2,
    problems: ['There is no option --prot.'],
  })
  const told = printed(true)
  told.output.emit({ event: 'status', running: false })
  told.sayRefused(EXIT.brokerUnreachable)
  expect(told.text().trim().split('\n')).toHaveLength(1)
  const well = printed(true)
  well.sayRefused(EXIT.ended)
  expect(well.text()).toBe('')
})
