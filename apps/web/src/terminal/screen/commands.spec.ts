import { Terminal } from '@xterm/xterm'
import { expect, test } from 'vitest'
import { commandsOf } from './commands.ts'

test('commands that ended while the link was away have no times, and later ones have', async () => {
  const terminal = new Terminal({ cols: 40, rows: 8, allowProposedApi: true })
  const commands = commandsOf(terminal)
  const run = () =>
    new Promise<void>((drawn) => terminal.write('\x1b]133;C\x07out\r\n\x1b]133;D;0\x07', drawn))
  await run()
  commands.away()
  await run()
  commands.typed()
  await run()
  const isTimed = commands.marks.commands.map(({ startedAtMs, endedAtMs }) => [startedAtMs, endedAtMs])
  expect(isTimed).toEqual([
    [expect.any(Number), expect.any(Number)],
    [null, null],
    [expect.any(Number), expect.any(Number)],
  ])
  expect(commandsOf(terminal)).toBe(commands)
  terminal.dispose()
})
