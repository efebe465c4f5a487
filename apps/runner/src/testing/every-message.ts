import type { FromKeeper, ToKeeper } from '../keeper/keeper-messages.ts'

const bytes = (text: string) => Uint8Array.from(Buffer.from(text))
const picture = { offset: 900, resizes: 2, replied: 7, cols: 80, rows: 24, bytes: bytes('packed') }
const exit = { code: 3, signal: null }

/** One message of each kind, with all its fields. */
export const TO_KEEPER: readonly ToKeeper[] = [
  { type: 'hello', version: 1, role: 'runner', token: bytes('token') },
  {
    type: 'open',
    request: 5,
    terminal: 6,
    size: { cols: 80, rows: 24 },
    name: 'Terminal 1',
    program: { file: '/bin/sh', args: ['-l', ''], cwd: '/tmp', env: { TERM: 'xterm', Ä: 'ö' } },
  },
  { type: 'follow', terminal: 6 },
  { type: 'rest', terminal: 6, offset: 2 ** 40 },
  { type: 'attach', terminal: 6, connection: 4, writer: 'app writer' },
  { type: 'detach', terminal: 6, connection: 4, writer: 'app writer' },
  { type: 'giveUp', terminal: 6, writer: 'app writer' },
  { type: 'input', terminal: 6, connection: 4, from: 11, writer: 'app writer', bytes: bytes('ls\n') },
  { type: 'reply', terminal: 6, from: 7, bytes: bytes('\x1b[1;1R') },
  { type: 'resize', terminal: 6, size: { cols: 40, rows: 20 } },
  { type: 'pause', terminal: 6 },
  { type: 'resume', terminal: 6 },
  { type: 'end', terminal: 6 },
  { type: 'kill', terminal: 6 },
  { type: 'forget', terminal: 6 },
  { type: 'describe', terminal: 6, name: 'logs', note: bytes('note') },
  { type: 'picture', terminal: 6, picture },
  { type: 'endAll' },
  { type: 'retire' },
]

export const FROM_KEEPER: readonly FromKeeper[] = [
  { type: 'welcome', version: 1, pid: 4_242, startedAtMs: 1_700_000_000_000, runner: true },
  { type: 'refused', busy: true, sentence: 'Another runner has these terminals.' },
  { type: 'opened', request: 5, pid: 77, tty: '/dev/pts/3', startedAtMs: 1_700_000_000_001 },
  { type: 'notOpened', request: 5, message: 'no processes left' },
  {
    type: 'kept',
    terminal: 6,
    start: 100,
    end: 1_000,
    first: { cols: 80, rows: 24 },
    replied: 7,
    picture,
  },
  { type: 'output', terminal: 6, offset: 2 ** 33, bytes: bytes('printed') },
  { type: 'resized', terminal: 6, resized: { seq: 3, offset: 950, cols: 40, rows: 20 } },
  { type: 'applied', terminal: 6, upTo: 14, writer: 'app writer' },
  { type: 'stirred', terminal: 6, end: 1_001 },
  { type: 'exited', terminal: 6, exit, end: 1_002 },
  {
    type: 'listed',
    info: {
      terminal: 6,
      pid: 77,
      tty: '/dev/pts/3',
      startedAtMs: 1_700_000_000_001,
      cols: 40,
      rows: 20,
      start: 100,
      end: 1_000,
      pictureAt: 900,
      replied: 7,
      exit,
      name: 'logs',
      note: bytes('note'),
      ledger: { writers: [['app writer', 14]], givenUp: ['app older'] },
      // What version 1 does not say.
      resized: { seq: 0, offset: 0 },
    },
  },
]
