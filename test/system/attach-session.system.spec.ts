import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { FaultProxy } from '../faults/fault-proxy.ts'
import { attachedPersons, personWith, pipedInto } from './attached-persons.ts'
import { PersonTerminal } from './person-terminal.ts'
import { isAlive, LATCHKEY, latchkey, temporaryFolder } from './up-process.ts'

afterEach(cleanUp)

const machine = () => attachedPersons('LATCHKEY_DATA_DIR')

const PROMPT = /[$#%>] *$/m

it('~. detaches, the program runs on, and attach without a code goes back to it', async () => {
  const { ready, attach: person, folder } = await machine()
  const first = person(ready.link)
  await first.sees('Sealed: the broker cannot read it')
  await first.sees(PROMPT)
  first.type('KEPT=yes-$((40+2))\r')
  first.type('~.')
  await first.sees('Detached')
  expect(await first.exited).toBe(0)

  const [file = ''] = readdirSync(join(folder, 'attach'))
  expect(statSync(join(folder, 'attach', file)).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'attach')).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(folder, 'attach', file), 'utf8')).not.toContain(ready.code)

  const second = person()
  await second.sees(PROMPT)
  second.type('echo $KEPT\r')
  await second.sees(/^yes-42$/m)
  second.type('exit\r')
  await second.sees('ended')
  expect(await second.exited).toBe(0)
})

it('the terminal is given back when attach is ended from outside, in the middle of a full-screen program', async () => {
  const { ready } = await machine()
  const shell = new PersonTerminal('/bin/sh', [])
  atCleanUp(() => shell.kill())
  const folder = temporaryFolder()
  atCleanUp(folder.remove)
  shell.type(
    `LATCHKEY_DATA_DIR=${folder.path} ${process.execPath} ${LATCHKEY} attach '${ready.link}' & echo "pid=$!"; fg\r`,
  )
  const [, pid = ''] = /pid=(\d+)/.exec(await shell.sees(/pid=\d+$/m)) ?? []
  await shell.sees(/Sealed: the broker cannot read it[^]*^.*[$#%>] *$/m)
  shell.type("printf '\\033[?1049h\\033[?1000h\\033[?25lFULL-%s' $((1+1))\r")
  await shell.sees('FULL-2')
  process.kill(Number(pid), 'SIGTERM')
  await expect.poll(() => isAlive(Number(pid))).toBe(false)
  // Back on the main screen, and the shell asks for the next command.
  await shell.sees(/^At the beginning[^]*[$#%>] *$/m)
  shell.type('stty -a | tr ";" "\\n" | grep -o -- "-*icanon"; echo back-$((3+4))\r')
  await shell.sees(/^back-7$/m)
  expect(await shell.text()).toMatch(/^icanon$/m)
  for (const off of ['\x1b[?1049l', '\x1b[?1000l', '\x1b[?25h']) expect(shell.bytes).toContain(off)
})

it('a pipe is typed into a shell of its own, which ends with it', async () => {
  const { ready, elsewhere } = await machine()
  const { exitCode, output } = await pipedInto([ready.link], elsewhere, 'echo piped-$((6*7))\n')
  expect(exitCode).toBe(0)
  expect(output).toContain('piped-42')
})

it('--json tells what happens, one object a line', async () => {
  const { ready, elsewhere } = await machine()
  const typed = 'echo told-$((1+1)); exit 3\n'
  const { output: lines } = await pipedInto([ready.link, '--json'], elsewhere, typed)
  const events = lines
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  expect(events[0]).toMatchObject({ event: 'attached', sealed: true })
  const output = events
    .filter(({ event }) => event === 'output')
    .map(({ base64 }) => Buffer.from(String(base64), 'base64').toString())
    .join('')
  expect(output).toContain('told-2')
  expect(events.at(-1)).toMatchObject({ event: 'parted', why: 'exited', code: 3 })
})

it('who only looks sees what others type, and types nothing', async () => {
  const { up, ready, attach: person } = await machine()
  const driver = person(ready.link)
  await driver.sees(PROMPT)
  // A pairing URL is good once: the machine shows another one now.
  const { link } = await up.next(({ event }) => event === 'pairing-link')
  const folder = temporaryFolder()
  atCleanUp(folder.remove)
  const viewer = personWith([String(link), '--view'], { LATCHKEY_DATA_DIR: folder.path })
  await viewer.sees(PROMPT)
  viewer.type('echo from-the-viewer\r')
  driver.type('echo from-the-driver\r')
  await viewer.sees(/^from-the-driver$/m)
  expect(await driver.text()).not.toContain('viewer')
  // The driver's window sets the size now. A smaller window gets a notice, with the help wrapped to fit.
  driver.type('\r~s')
  viewer.resize(60, 20)
  await viewer.sees('make this window larger')
  expect(viewer.bytes).toMatch(/\x1b\]2;[^\x07]*100x45 in a window of 60x20/)
  viewer.type('~?')
  await viewer.sees('~~  type ~')
  viewer.type('~.')
  expect(await viewer.exited).toBe(0)
})

/** Reads 4 KiB at a time with a pause, as a busy program does, and tells what came. */
const SLOW_READER = `
const { createHash } = require('node:crypto')
const { readSync } = require('node:fs')
const [, , wanted] = process.argv
const hash = createHash('sha256')
const piece = Buffer.alloc(4096)
let got = 0
console.log('READY')
while (got < Number(wanted)) {
  const count = readSync(0, piece, 0, piece.length)
  hash.update(piece.subarray(0, count))
  got += count
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
}
console.log('SHA ' + hash.digest('hex').slice(0, 16) + ' END')
`

it('a paste that is longer than what may wait comes whole to a program that reads slowly', async () => {
  const { ready, attach: person, folder } = await machine()
  const script = join(folder, 'slow.cjs')
  writeFileSync(script, SLOW_READER)
  const pasted = Array.from({ length: 120_000 }, (_, at) => `line ${at}`)
    .join('\r')
    .replaceAll('~', '-')
  const someone = person(ready.link)
  await someone.sees(PROMPT)
  someone.type(`stty raw -echo; "${process.execPath}" ${script} ${pasted.length}; stty sane\r`)
  await someone.sees(/^ *READY/m)
  someone.type(pasted)
  const digest = createHash('sha256').update(pasted).digest('hex').slice(0, 16)
  await someone.sees(`SHA ${digest} END`, 60_000)
})

it('what was typed during a long loss is sent only when the person still wants it', async () => {
  const { ready, elsewhere } = await machine()
  const proxy = new FaultProxy(Number(new URL(ready.url).port))
  const brokerUrl = await proxy.listen()
  atCleanUp(() => proxy.close())
  const person = personWith([ready.link.replace(ready.url, brokerUrl)], elsewhere)
  await person.sees(PROMPT)
  // Everything that comes is cut at its first byte: the network is gone.
  proxy.plan = () => ({ kind: 'cut', afterBytes: 1 })
  proxy.cutAll()
  person.type('echo held-$((5+5))\r')
  await new Promise((resolve) => setTimeout(resolve, 11_000))
  proxy.plan = () => ({ kind: 'none' })
  person.type('~r')
  await person.sees('Send them now?', 40_000)
  expect(await person.text()).not.toMatch(/^held-10$/m)
  person.type('y')
  await person.sees(/^held-10$/m)
})

it('says why it could not attach, each with its own exit code', async () => {
  const nobody = await latchkey(['attach', 'K7M-2PQ-X3B', '--broker', 'http://127.0.0.1:9'])
  expect(nobody).toMatchObject({ exitCode: 3 })
  expect(nobody.stderr).toContain('cannot be reached')
  const { ready, elsewhere } = await machine()
  const wrong = await latchkey(['attach', '000-000-000', '--broker', ready.url], elsewhere)
  expect(wrong.exitCode).toBe(4)
  expect(wrong.stderr).toContain('No machine is showing this code')
  const unclear = await latchkey(['attach'], elsewhere)
  expect(unclear.exitCode).toBe(2)
  expect(unclear.stderr).toContain('No machine is known here yet')
})
