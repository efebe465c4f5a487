import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openEnvelope } from '../channel/guest.ts'
import { type AppUnderTest, connectApp, textOf, until } from '../testing/app-under-test.ts'
import { draw, looks, viewerTerminal } from '../testing/drawn-screen.ts'
import { keeperUnderTest, killKeeper } from '../testing/keeper-under-test.ts'
import { PastFolder, pastFolderIn } from './past-folder.ts'

const CANARY = 'CANARY-9f27c1'
const SIZE = { cols: 60, rows: 20 }
const RESUME = 'codex resume 7f3c21e9-40b1-4c1e-9d5f-2a7b8c9d0e1f'
const KEY = new Uint8Array(32).fill(7)
const EVERY_MS = 50

const shows = (app: AppUnderTest, terminal: number, text: string) =>
  until(() => textOf(app.seen(terminal).bytes).includes(text))

/** A machine whose keeper can be killed, and what its runners said of their past terminals. */
function machine(secret = KEY) {
  const kept = keeperUnderTest()
  const folder = pastFolderIn(kept.stateFolder)
  const troubles: string[] = []
  const past = () => new PastFolder({ folder, secret, onTrouble: (message) => troubles.push(message) })
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.past'))
  return {
    ...kept,
    folder,
    troubles,
    files,
    next: (secretNow = secret) =>
      kept.runner({
        pastEveryMs: EVERY_MS,
        past: new PastFolder({ folder, secret: secretNow, onTrouble: (message) => troubles.push(message) }),
      }),
    past,
    kill: () => killKeeper(kept.stateFolder),
  }
}

type Runner = Awaited<ReturnType<ReturnType<typeof machine>['next']>>

/** An app that watches a terminal which has printed a screen with colours, a history, and how to go on. */
async function busy(runner: Runner, typed = '') {
  const app = connectApp(runner.accept)
  const terminal = await app.open(SIZE)
  app.attach(terminal, { size: SIZE })
  await until(() => app.seen(terminal).snapshots.length > 0)
  const line = `${typed}stty -echo; PS1=; seq 1 300; printf '\\033]2;title\\007\\033[1;31m${CANARY}\\033[0m\\n${RESUME}\\n'; echo REA""DY\n`
  app.type(terminal, 0, line)
  await shows(app, terminal, 'READY')
  return { app, terminal }
}

/** All cells of a terminal's screen as an app draws them, and the lines above it. */
async function picture(runner: Runner, terminal: number, name = 'two') {
  const app = connectApp(runner.accept, { app: name })
  app.attach(terminal, { size: SIZE })
  const { snapshots } = app.seen(terminal)
  await until(() => snapshots.some(({ kind }) => kind === 'screen'))
  app.say({ type: 'scrollback', terminal, request: 9, lines: 2_000 })
  await app.heard('snapshot', ({ request }) => request === 9)
  app.say({ type: 'ping', id: 77 })
  await app.heard('pong', ({ id }) => id === 77)
  const of = (kind: string) => snapshots.findLast((each) => each.kind === kind)?.bytes ?? new Uint8Array(0)
  const drawn = viewerTerminal(SIZE.cols, SIZE.rows)
  draw(drawn, of('screen'))
  app.cut()
  return { cells: looks(drawn), history: textOf(of('scrollback')) }
}

const written = (at: ReturnType<typeof machine>, test: (text: string) => boolean = () => true) =>
  until(() => {
    const found = at.files().length > 0 ? at.past().list(Date.now()) : []
    return found.some(({ record }) => test(record.name) && record.end > 1_000)
  })

it('after a reboot a terminal is listed as past, with its screen cell by cell, its history and how to go on', async () => {
  const at = machine()
  const beganAtMs = Date.now()
  const first = await at.next()
  const { terminal } = await busy(first, 'cd /usr; ')
  const before = await picture(first, terminal)
  await first.leave()
  await at.kill()
  const second = await at.next()
  const [info] = second.terminals.list
  expect(info).toMatchObject({ terminal, ...SIZE, exit: { code: 0, signal: 1 } })
  expect(info?.past).toMatchObject({ folder: '/usr', resume: RESUME })
  expect(info?.past?.seenAtMs).toBeGreaterThanOrEqual(beganAtMs)
  expect(info?.past?.seenAtMs).toBeLessThanOrEqual(Date.now())
  expect(second.terminals.openCount).toBe(0)
  expect(await picture(second, terminal)).toEqual(before)
  expect(before.history).toContain('250')
  expect(before.cells.join('\n')).toContain('codex resume')
  expect(at.troubles).toEqual([])
})

it('a runner that outlives its keeper lists the terminals as past at once, and opens new ones', async () => {
  const at = machine()
  const runner = await at.next()
  const { app, terminal } = await busy(runner, 'cd /usr; ')
  const before = await picture(runner, terminal)
  // A dead shell has no folder that could be read.
  await until(() =>
    at
      .past()
      .list(Date.now())
      .some(({ record }) => record.folder === '/usr'),
  )
  await at.kill()
  const { past } = await app.heard(
    'terminal',
    (told) => told.terminal === terminal && told.past !== undefined,
  )
  expect(past?.resume).toBe(RESUME)
  expect(await picture(runner, terminal)).toEqual(before)
  app.say({ type: 'open', request: 5, like: terminal, ...SIZE })
  const opened = await app.heard('opened', ({ request }) => request === 5)
  app.attach(opened.terminal, { writer: 'cd'.repeat(16), size: SIZE })
  app.type(opened.terminal, 0, 'pwd; echo DO""NE\n')
  await shows(app, opened.terminal, 'DONE')
  expect(textOf(app.seen(opened.terminal).bytes)).toContain('/usr')
})

it('what is on disk is sealed, for its owner alone', async () => {
  const at = machine()
  const runner = await at.next()
  await busy(runner, `: ${CANARY}; `)
  await written(at)
  expect(statSync(at.folder).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(at.folder)) {
    const path = join(at.folder, name)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const bytes = readFileSync(path).toString('latin1')
    for (const word of [CANARY, 'codex', 'Terminal 1', '/tmp']) expect(bytes).not.toContain(word)
  }
})

it('a terminal that is closed, or ends by itself, is not one of before', async () => {
  const at = machine()
  const runner = await at.next()
  const one = await busy(runner)
  await written(at)
  one.app.say({ type: 'close', terminal: one.terminal })
  await one.app.heard('gone', ({ terminal }) => terminal === one.terminal)
  await until(() => at.files().length === 0)
  const two = await busy(runner)
  await written(at)
  two.app.type(two.terminal, typedBytes(two.app), 'exit 3\n')
  await two.app.heard('exited')
  await until(() => at.files().length === 0)
  await runner.leave()
  await at.kill()
  expect((await at.next()).terminals.list).toEqual([])
})

/** How much of the app's input was typed. */
const typedBytes = (app: AppUnderTest): number =>
  app.messages.findLast((message) => message.type === 'applied')?.upTo ?? 0

it('nothing of a private terminal is written, also by the next runner', async () => {
  const at = machine()
  const first = await at.next()
  const app = connectApp(first.accept)
  app.say({ type: 'open', request: 1, private: true, ...SIZE })
  const { terminal } = await app.heard('opened')
  app.attach(terminal, { size: SIZE })
  app.type(terminal, 0, `stty -echo; echo ${CANARY}; echo REA""DY\n`)
  await shows(app, terminal, 'READY')
  expect(first.terminals.list).toMatchObject([{ private: true }])
  await first.leave()
  const second = await at.next()
  expect(second.terminals.list).toMatchObject([{ private: true }])
  const again = connectApp(second.accept)
  again.attach(terminal, { size: SIZE })
  again.type(terminal, (await again.heard('attached')).applied, 'echo AGA""IN\n')
  await shows(again, terminal, 'AGAIN')
  await second.leave()
  expect(at.files()).toEqual([])
  await at.kill()
  expect((await at.next()).terminals.list).toEqual([])
})

it('an app that came later sees nothing of it, and one that came meanwhile no history of before', async () => {
  const at = machine()
  const first = await at.next()
  const { app, terminal } = await busy(first)
  first.terminals.knows('meanwhile', Date.now() + 1)
  app.type(terminal, typedBytes(app), 'seq 301 500; echo AF""TER\n')
  await shows(app, terminal, 'AFTER')
  await first.leave()
  await at.kill()
  const second = await at.next()
  const guest = {
    envelope: openEnvelope,
    appId: null,
    sealed: false,
    label: 'later',
    mayType: true,
    mayApprove: true,
    maySend: true,
    only: null,
  }
  const later = connectApp((channel) =>
    second.serve(channel, { ...guest, handle: 'later', knownSinceMs: Date.now() + 60_000 }),
  )
  expect((await later.heard('welcome')).terminals).toEqual([])
  later.attach(terminal)
  expect((await later.heard('error')).code).toBe('NO_SUCH_TERMINAL')
  later.say({ type: 'close', terminal })
  later.say({ type: 'ping', id: 1 })
  await later.heard('pong')
  expect(second.terminals.list).toHaveLength(1)
  const { history } = await picture(second, terminal, 'meanwhile')
  expect(history).toContain('301')
  expect(history).not.toContain('250')
})

it('one is forgotten by closing it, for good', async () => {
  const at = machine()
  const first = await at.next()
  const { terminal } = await busy(first)
  await first.leave()
  await at.kill()
  const second = await at.next()
  const app = connectApp(second.accept)
  app.say({ type: 'close', terminal })
  await app.heard('gone')
  expect(at.files()).toEqual([])
  expect(second.terminals.list).toEqual([])
})

it('files that are corrupt or of another machine are passed over, and said', async () => {
  const at = machine()
  const first = await at.next()
  await busy(first)
  await first.leave()
  await at.kill()
  const [name = ''] = at.files()
  const bytes = readFileSync(join(at.folder, name))
  const flipped = Uint8Array.from(bytes)
  flipped[bytes.length - 40] = (flipped[bytes.length - 40] ?? 0) ^ 1
  writeFileSync(join(at.folder, '1700000000000-1.past'), bytes)
  writeFileSync(join(at.folder, '1700000000000-2.past'), 'no such file')
  writeFileSync(join(at.folder, '1700000000000-3.past'), flipped)
  writeFileSync(join(at.folder, '1700000000000-4.past'), '')
  mkdirSync(join(at.folder, '1700000000000-5.past'))
  writeFileSync(join(at.folder, 'notes.txt'), 'of somebody else')
  const second = await at.next()
  expect(second.terminals.list).toHaveLength(1)
  expect(at.troubles).toEqual([`4 files in ${at.folder} cannot be read with this machine's key: ignored.`])
  await second.leave()
  await at.kill()
  const stranger = await at.next(new Uint8Array(32).fill(8))
  expect(stranger.terminals.list).toEqual([])
  expect(realpathSync(join(at.folder, 'notes.txt'))).toContain('notes.txt')
})
