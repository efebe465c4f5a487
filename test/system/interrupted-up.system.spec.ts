import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { endKeeper } from '../../apps/runner/src/testing/keeper-under-test.ts'
import { PersonTerminal } from './person-terminal.ts'
import { isAlive, temporaryFolder } from './up-process.ts'

const CTRL_C = '\u0003'
/** Interrupts that come closer are one that was passed on twice. */
const ANOTHER_INTERRUPT_MS = 300

/** A person presses again, later than the same press could be passed on. */
async function pressAgain(up: PersonTerminal): Promise<void> {
  const askedMs = performance.now()
  await expect.poll(() => performance.now() - askedMs).toBeGreaterThan(ANOTHER_INTERRUPT_MS)
  up.type(CTRL_C)
}

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Someone looks at `latchkey up` in a terminal, and an app has a shell there. */
async function watchedUp(...options: readonly string[]) {
  const [house, elsewhere] = [temporaryFolder(), temporaryFolder()]
  cleanUps.push(house.remove, elsewhere.remove, () => endKeeper(join(house.path, 'runner')))
  const up = PersonTerminal.latchkey(['up', '--local', '--port', '0', '--data-dir', house.path, ...options], {
    LATCHKEY_END_TERMINALS: '',
  })
  cleanUps.push(() => up.kill())
  await up.sees('Waiting for an app')
  up.type('c')
  await expect.poll(() => up.bytes).toMatch(COPIED)
  const link = Buffer.from(COPIED.exec(up.bytes)?.[1] ?? '', 'base64').toString()
  const app = PersonTerminal.latchkey(['attach', link], { XDG_STATE_HOME: elsewhere.path })
  cleanUps.push(() => app.kill())
  await app.sees(/[$#%>] *$/m)
  app.type('echo pid=$$=\r')
  const pid = Number(SHELL_PID.exec(await app.sees(SHELL_PID))?.[1])
  await up.sees('1 terminal')
  return { up, pid }
}

const COPIED = /\u001b\]52;c;([^\u0007]+)\u0007/
const SHELL_PID = /^pid=(\d+)=$/m
/** The width of the window breaks text into lines, also within a word. */
const withoutBlanks = (text: string) => text.replace(/\s+/g, '')

it('Ctrl-C asks while a terminal is open, says that it stays and how to end it, and leaves it', async () => {
  const { up, pid } = await watchedUp()
  up.type(CTRL_C)
  await up.sees('1 app connected, 1 terminal open: press Ctrl-C again to stop. Terminals go on.')
  await pressAgain(up)
  expect(await up.exited).toBe(130)
  expect(withoutBlanks(await up.text())).toContain(
    withoutBlanks(
      'Stopping: 1 terminal stays open for the next "latchkey up". To end it: latchkey stop --terminals',
    ),
  )
  expect(isAlive(pid)).toBe(true)
})

it('with --end-terminals Ctrl-C says that the terminal will be closed, and closes it', async () => {
  const { up, pid } = await watchedUp('--end-terminals')
  up.type(CTRL_C)
  await up.sees(/press Ctrl-C again to stop\.\s*$/m)
  await pressAgain(up)
  expect(await up.exited).toBe(130)
  const said = await up.text()
  expect(said).toContain('Stopping: 1 terminal will be closed.')
  expect(said).not.toContain('go on')
  await expect.poll(() => isAlive(pid)).toBe(false)
})
