import type { ConsoleEvent } from '@latchkey/protocol/console'
import { expect, it } from 'vitest'
import { keeperLines, pastLines, statusLines } from './table.ts'

const overview: ConsoleEvent = {
  serverTime: 7_200_000,
  host: 'forge',
  signedInUntil: 0,
  health: {
    startedAt: 0,
    store: { kind: 'sqlite', lastCallMs: 1, ok: true },
    eventLoopLagMs: 0,
    version: '1.0.0',
  },
  runners: [
    {
      runnerId: 'r',
      label: 'forge',
      status: 'online',
      roundTripMs: 0.4,
      lastSeenAt: 7_199_000,
      channels: 1,
      apps: [
        {
          appSessionId: 'a',
          label: 'Pixel\u001b[31m 8',
          address: '192.168.1.9',
          connected: true,
          pairedAt: 1,
        },
      ],
    },
  ],
  activity: [],
}

it('broker, runners and apps are one line each', () => {
  const lines = statusLines(overview, 'http://127.0.0.1:6969')
  expect(lines[0]).toContain('up 2 h   store sqlite')
  expect(lines[1]).toMatch(/Runner {3}forge +online, 0 ms {3}1 live channel/)
  expect(lines[2]).toContain('connected')
})

it('a locked machine is said to be, why, and how it is opened again', () => {
  expect(statusLines(overview, 'x', 'owner').at(-1)).toMatch(/Locked.*you said so.*latchkey unlock/)
  expect(statusLines(overview, 'x', null).join('\n')).not.toContain('ocked')
})

it('a name that an app gave itself cannot draw on the terminal', () => {
  expect(statusLines(overview, 'x').join('')).not.toContain('\u001b')
})

it('terminals of before are one line, and none when there are none', () => {
  expect(pastLines(2)).toEqual(['Past     2 terminals of before, with the last screen: see an app'])
  expect(pastLines(0)).toEqual([])
})

it('the keeper is a line, and each terminal one with its age and size', () => {
  const info = {
    terminal: 7,
    pid: 12,
    tty: '/dev/pts/1',
    startedAtMs: 60_000,
    cols: 80,
    rows: 24,
    start: 0,
    end: 9,
    pictureAt: null,
    replied: 0,
    exit: null,
    name: 'build\u001b[31m',
    note: new Uint8Array(0),
    ledger: { writers: [], givenUp: [] },
    resized: { seq: 0, offset: 0 },
  }
  const [keeper, terminal] = keeperLines({ pid: 11, startedAtMs: 0, terminals: [info] }, 7_260_000)
  expect(keeper).toBe('Keeper   process 11   up 2 h   1 terminal')
  expect(terminal).toMatch(/Terminal build.* 2 h +80x24 +process 12/)
  expect(terminal).not.toContain('\u001b')
  expect(terminal).not.toContain('recording')
  const [, recorded] = keeperLines({ pid: 11, startedAtMs: 0, terminals: [info] }, 7_260_000, new Set([7]))
  expect(recorded).toMatch(/process 12 +recording$/)
})
