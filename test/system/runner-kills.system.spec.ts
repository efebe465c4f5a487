import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp, type TestBroker, testBroker } from '../../apps/broker/src/testing/harness.ts'
import { type AppUnderTest, textOf, until, WRITER } from '../../apps/runner/src/testing/app-under-test.ts'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'
import { type Keys, linkWay, newKeys, pair, resumeWay, seal, ticketText } from './sealed-app.ts'

/** So often the runner is killed, at random moments; CONTRIBUTING.md says how it is done in full. */
const KILLS = Number(process.env['LATCHKEY_RUNNER_KILLS'] ?? 2)
const TERMINALS = 20
const size = { cols: 80, rows: 24 }

afterEach(cleanUp)

/** A runner as a process over one data folder, started again as often as is wanted. */
function machine(broker: TestBroker) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-kills-'))
  let child: ChildProcess | null = null
  atCleanUp(async () => {
    child?.kill('SIGKILL')
    await endKeeper(join(folder, 'runner'))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const told: Record<string, unknown>[] = []
  const last = (event: string) => told.findLast((each) => each['event'] === event)
  return {
    last,
    async start() {
      told.length = 0
      child = fork(new URL('../../apps/cli/dist/bundle/runner.js', import.meta.url).pathname, [], {
        env: {
          PATH: process.env['PATH'],
          LATCHKEY_SHELL: '/bin/sh',
          LATCHKEY_BROKER_URL: broker.url,
          LATCHKEY_RUNNER_SECRET: broker.secret,
          LATCHKEY_DATA_DIR: folder,
        },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      child.on('message', (message) => {
        if (typeof message === 'object' && message !== null) told.push({ ...message })
      })
      let said = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
      await until(
        () => last('fragment') !== undefined && last('link')?.['status'] === 'online',
        60_000,
      ).catch(() => {
        throw new Error(`the runner is not online: ${JSON.stringify(told)} ${said}`)
      })
    },
    async kill() {
      const ending = child
      if (ending === null) return
      ending.kill('SIGKILL')
      await once(ending, 'exit')
    },
  }
}

/** An app that types into one terminal and keeps what it saw of it, over as many connections as it takes. */
class TypingApp {
  readonly #broker: TestBroker
  readonly #keys: Keys
  #app: AppUnderTest
  #terminal = 0
  #typed = ''
  #have = Buffer.alloc(0)

  private constructor(broker: TestBroker, keys: Keys, app: AppUnderTest) {
    this.#broker = broker
    this.#keys = keys
    this.#app = app
  }

  static async byLink(broker: TestBroker, runnerId: string, fragment: string): Promise<TypingApp> {
    const keys = await newKeys()
    const way = linkWay(fragment)
    const raw = await pair(broker, { runnerId, routeTicket: ticketText(way.oneTimeSecret, runnerId) })
    const { app } = await seal(raw, keys, way)
    if (app === null) throw new Error('the link opened nothing')
    return new TypingApp(broker, keys, app)
  }

  get app(): AppUnderTest {
    return this.#app
  }

  /** What it saw of its terminal, by offset without a gap. */
  get seen(): string {
    this.#take()
    return this.#have.toString()
  }

  async watch(terminal: number): Promise<void> {
    this.#terminal = terminal
    this.#app.attach(terminal, { from: 0, size })
    await this.#app.heard('attached', (told) => told.terminal === terminal)
  }

  type(text: string): void {
    this.#app.type(this.#terminal, this.#typed.length, text)
    this.#typed += text
  }

  /** Comes back by its key, and goes on: no code, no PIN. */
  async comeBack(runnerId: string): Promise<void> {
    this.#take()
    const { grant } = this.#keys
    if (grant === null) throw new Error('it was never let in')
    const raw = await pair(this.#broker, { runnerId, routeTicket: ticketText(grant.resumeKey, runnerId) })
    const { app } = await seal(raw, this.#keys, resumeWay(this.#keys))
    if (app === null) throw new Error('its key opens nothing')
    this.#app = app
    const from = this.#have.length
    app.attach(this.#terminal, { from, writer: WRITER, size })
    const { applied, offset } = await app.heard('attached', ({ terminal }) => terminal === this.#terminal)
    expect(offset, 'it goes on where it was').toBe(from)
    if (applied < this.#typed.length) app.type(this.#terminal, applied, this.#typed.slice(applied))
  }

  #take(): void {
    const { from, bytes, misplaced } = this.#app.seen(this.#terminal)
    expect(misplaced).toBe(0)
    if (from + bytes.length > this.#have.length)
      this.#have = Buffer.concat([this.#have, Buffer.from(bytes).subarray(this.#have.length - from)])
  }
}

const counting = (lines: number) =>
  `stty -echo; PS1=; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo line-$i-end; sleep 0.05; done; echo all-$((1+1))-done\n`

const numbered = (text: string, word: string) =>
  [...text.matchAll(new RegExp(`^${word}-(\\d+)-end\\r$`, 'gm'))].map(([, number]) => Number(number))

it('twenty busy terminals and two who type survive every kill: no byte is lost or doubled either way', async () => {
  const broker = await testBroker({ 'limit-new-apps': '10000', 'limit-sockets': '10000' })
  const on = machine(broker)
  await on.start()
  const runnerId = String(on.last('registered')?.['runnerId'])
  const first = await TypingApp.byLink(broker, runnerId, String(on.last('fragment')?.['fragment']))
  await until(() => on.last('fragment')?.['fragment'] !== undefined)
  const usedLink = String(on.last('fragment')?.['fragment'])
  const second = await TypingApp.byLink(broker, runnerId, usedLink)
  const lines = 100 + 40 * KILLS
  const terminals: number[] = []
  for (let opened = 0; opened < TERMINALS; opened++) terminals.push(await first.app.open(size))
  const busy = terminals.slice(2)
  for (const terminal of busy) {
    first.app.attach(terminal, { from: 0, writer: 'cd'.repeat(16), size })
    first.app.type(terminal, 0, counting(lines))
  }
  await first.watch(terminals[0] ?? 0)
  await second.watch(terminals[1] ?? 0)
  for (const app of [first, second]) app.type(counting(lines))
  await until(() => first.seen.includes('line-5-end') && second.seen.includes('line-5-end'), 60_000)
  const backMs: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700))
    for (const app of [first, second]) app.type(`echo typed-${kill + 1}-end\n`)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
    await on.kill()
    const killedMs = performance.now()
    await on.start()
    await Promise.all([first.comeBack(runnerId), second.comeBack(runnerId)])
    backMs.push(performance.now() - killedMs)
  }
  const all = Array.from({ length: lines }, (_, at) => at + 1)
  const kills = Array.from({ length: KILLS }, (_, at) => at + 1)
  for (const app of [first, second]) {
    await until(() => numbered(app.seen, 'typed').length >= KILLS, 120_000)
    expect(numbered(app.seen, 'line')).toEqual(all)
    expect(numbered(app.seen, 'typed')).toEqual(kills)
  }
  for (const terminal of busy) {
    first.app.attach(terminal, { from: 0, writer: 'ef'.repeat(16), size })
    await until(() => textOf(first.app.seen(terminal).bytes).includes('all-2-done'), 120_000)
    expect(numbered(textOf(first.app.seen(terminal).bytes), 'line')).toEqual(all)
  }
  const { terminals: listed } = await first.app.heard('welcome')
  expect(listed.map(({ exit }) => exit)).toEqual(terminals.map(() => null))
  backMs.sort((a, b) => a - b)
  const worst = backMs.at(-1) ?? 0
  const median = backMs[Math.floor(backMs.length / 2)] ?? 0
  console.info(
    `${KILLS} kills; two apps are back: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`,
  )
}, 1_200_000)
