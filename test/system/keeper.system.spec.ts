import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'
import { PersonTerminal } from './person-terminal.ts'
import { isAlive, latchkey, Program, temporaryFolder } from './up-process.ts'

/** So often the runner is killed, at random moments; CONTRIBUTING.md says how it is done in full. */
const KILLS = Number(process.env['LATCHKEY_RUNNER_KILLS'] ?? 2)
const LINES = 150 + 100 * KILLS

const upFile = z.object({ runnerPid: z.number() })
const statusEvent = z.looseObject({
  running: z.boolean(),
  terminals: z.array(z.looseObject({ name: z.string(), pid: z.number() })),
})

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A house whose terminals outlive its `up`; they end with the test. */
function house() {
  const folder = temporaryFolder()
  cleanUps.push(folder.remove)
  cleanUps.push(() => endKeeper(join(folder.path, 'runner')))
  return {
    dataDir: folder.path,
    up: async () => {
      const up = new Program(['up', '--local', '--port', '0', '--data-dir', folder.path], {
        LATCHKEY_END_TERMINALS: '',
      })
      cleanUps.push(() => up.stop())
      const ready = await up.next(({ event }) => event === 'ready', 60_000)
      return { up, link: String(ready['link']) }
    },
    runnerPid: () => upFile.parse(JSON.parse(readFileSync(join(folder.path, 'up.json'), 'utf8'))).runnerPid,
    status: async () =>
      statusEvent.parse(JSON.parse((await latchkey(['status', '--json', '--data-dir', folder.path])).stdout)),
    stop: (...args: string[]) => latchkey(['stop', '--json', '--data-dir', folder.path, ...args]),
  }
}

/** An app elsewhere: this link lets it in, and its key brings it back. */
async function attached(link: string): Promise<PersonTerminal> {
  const elsewhere = temporaryFolder()
  cleanUps.push(elsewhere.remove)
  const person = PersonTerminal.latchkey(['attach', link], { XDG_STATE_HOME: elsewhere.path })
  cleanUps.push(() => person.kill())
  await person.sees(/[$#%>] *$/m, 60_000)
  return person
}

const ms = (duration = 0) => `${duration.toFixed(0)} ms`
const SHELL_PID = /^pid=(\d+)=$/m
const counting = (lines: number) =>
  `echo pid=$$=; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo line-$i-end; sleep 0.02; done; echo all-$((1+1))-done\r`

it('a runner that is killed again and again ends no terminal, loses no byte, types nothing twice', async () => {
  const { up: start, runnerPid } = house()
  const { up, link } = await start()
  const person = await attached(link)
  person.type(counting(LINES))
  await person.sees('line-20-end', 60_000)
  const pid = SHELL_PID.exec(await person.text())?.[1]
  const backMs: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000))
    person.type(`echo typed-$((${kill}+100))\r`)
    process.kill(runnerPid(), 'SIGKILL')
    const { retryInMs } = await up.next((event) => event['status'] === 'restarting', 60_000)
    const startsMs = performance.now() + Number(retryInMs)
    await up.next((event) => event.event === 'code', 60_000)
    // Input older than ten seconds would be asked about before it is sent.
    await up.next((event) => event.event === 'app' && event['action'] === 'connected', 60_000)
    backMs.push(performance.now() - startsMs)
  }
  backMs.sort((a, b) => a - b)
  console.info(
    `an app is back after the next runner starts: median ${ms(backMs.at(backMs.length / 2))}, worst ${ms(backMs.at(-1))}`,
  )
  await person.sees('all-2-done', 120_000)
  await person.sees(`typed-${KILLS + 99}`, 60_000)
  person.type('echo pid=$$=\r')
  await expect
    .poll(async () => (await person.text()).match(new RegExp(SHELL_PID, 'gm'))?.length, { timeout: 60_000 })
    .toBe(2)
  const lines = await person.lines()
  const numbers = lines.flatMap((line) => /^line-(\d+)-end$/.exec(line)?.[1] ?? [])
  expect(numbers).toEqual(Array.from({ length: LINES }, (_, at) => String(at + 1)))
  const typed = lines.flatMap((line) => /typed-(\d+)$/.exec(line)?.[1] ?? [])
  expect(typed).toEqual(Array.from({ length: KILLS }, (_, at) => String(at + 100)))
  expect(new Set((await person.text()).match(new RegExp(SHELL_PID, 'gm')))).toEqual(new Set([`pid=${pid}=`]))
}, 600_000)

it('stop leaves terminals, status names them, the next up shows them, and stop --terminals ends them', async () => {
  const { up: start, status, stop } = house()
  const first = await start()
  const person = await attached(first.link)
  person.type('echo pid=$$=\r')
  const pid = Number(SHELL_PID.exec(await person.sees(SHELL_PID))?.[1])
  const running = await status()
  expect(running).toMatchObject({ running: true, terminals: [{ name: 'Terminal 1', pid }] })
  const stopped = await stop()
  expect(JSON.parse(stopped.stdout)).toEqual({ event: 'stopped', running: true, terminals: 1 })
  expect(stopped.stderr).toMatch(/1 terminal stays open for the next "npx latchkey up"/)
  expect(await first.up.ended()).not.toBeNull()
  expect(isAlive(pid)).toBe(true)
  expect(await status()).toMatchObject({ running: false, terminals: [{ pid }] })
  const second = await start()
  await expect.poll(status).toMatchObject({ running: true, terminals: [{ pid }] })
  const ended = await stop('--terminals')
  expect(ended.stderr).toContain('1 terminal will be closed')
  expect(JSON.parse(ended.stdout)).toEqual({ event: 'stopped', running: true, terminals: 0 })
  await expect.poll(() => isAlive(pid)).toBe(false)
  expect(await second.up.ended()).not.toBeNull()
  const nothing = await stop()
  expect([nothing.exitCode, nothing.stderr]).toEqual([3, expect.stringContaining('Nothing runs here.')])
}, 300_000)
