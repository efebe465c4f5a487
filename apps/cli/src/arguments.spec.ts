import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'

const example = { line: 'latchkey up', does: 'starts' }
const up: Command = {
  name: 'up',
  summary: '',
  words: '',
  wordsMax: 0,
  examples: [example, example, example],
  options: {
    port: { type: 'string', value: 'NUMBER', help: '' },
    local: { type: 'boolean', help: '' },
  },
  run: async () => EXIT.ended,
}

it('options are read in both their forms', () => {
  const read = readArguments(up, ['--port', '0', '--local', '-q'])
  expect(read).toMatchObject({
    ok: true,
    texts: new Map([['port', '0']]),
    switches: new Set(['local', 'quiet']),
  })
  expect(readArguments(up, ['--port=7000'])).toMatchObject({ texts: new Map([['port', '7000']]) })
})

it('every problem is listed, with what was probably meant', () => {
  const read = readArguments(up, ['--prot', '1', '--local=yes', '--port', '--json', 'x'])
  expect(read).toEqual({
    ok: false,
    problems: [
      'There is no option --prot. Did you mean --port?',
      '--local takes no value.',
      '--port needs a value: --port NUMBER.',
      '"x" is too much: latchkey up [options].',
    ],
  })
})

it('a misspelt option is one problem, together with its value', () => {
  const problems = ['There is no option --prot. Did you mean --port?']
  expect(readArguments(up, ['--prot', '1'])).toEqual({ ok: false, problems })
  expect(readArguments(up, ['--prot=1'])).toEqual({ ok: false, problems })
  expect(readArguments(up, ['--prot', '--local'])).toEqual({ ok: false, problems })
})

it('names of object members are unknown options like any other', () => {
  expect(readArguments(up, ['--__proto__', '--constructor'])).toMatchObject({ ok: false })
  expect(readArguments(up, ['--toString'])).toMatchObject({ problems: ['There is no option --toString.'] })
})
