import type { RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { expect, it } from 'vitest'
import { openEnvelope } from '../channel/guest.ts'
import { type AppUnderTest, connectApp, textOf, until } from '../testing/app-under-test.ts'
import { machineUnderTest } from '../testing/machine-under-test.ts'

const PRINTS = 'for n in $(seq 300); do echo before-$n; done; echo E""ND\n'

type Machine = ReturnType<typeof machineUnderTest>

/** An app that came to know the machine at that time. */
const appSince = (machine: Machine, app: string, knownSinceMs: number): AppUnderTest =>
  connectApp(
    (channel: RunnerChannel) =>
      machine.serve(channel, {
        envelope: openEnvelope,
        handle: app,
        appId: app,
        sealed: true,
        label: app,
        mayType: true,
        mayApprove: true,
        maySend: true,
        knownSinceMs,
        only: null,
      }),
    { app },
  )

/** A terminal that has printed 300 lines, and the app that did it. */
async function printed(machine: Machine) {
  const first = appSince(machine, 'first', 0)
  const terminal = await first.open({ cols: 80, rows: 24 })
  first.attach(terminal)
  first.type(terminal, 0, PRINTS)
  await until(() => textOf(first.seen(terminal).bytes).includes('END\r\n'))
  return { first, terminal }
}

let requests = 0
async function scrollback(app: AppUnderTest, terminal: number): Promise<string> {
  const count = app.seen(terminal).snapshots.filter(({ kind }) => kind === 'scrollback').length
  app.say({ type: 'scrollback', terminal, request: ++requests, lines: 10_000 })
  const all = () => app.seen(terminal).snapshots.filter(({ kind }) => kind === 'scrollback')
  await until(() => all().length > count)
  return textOf(all().at(-1)?.bytes ?? new Uint8Array(0))
}

const watches = async (app: AppUnderTest, terminal: number, from: number | null = null) => {
  app.attach(terminal, { from })
  await until(() => app.seen(terminal).snapshots.length > 0)
}

it('an app that is paired later sees the screen and what follows, and nothing of what was above', async () => {
  const machine = machineUnderTest()
  const { first, terminal } = await printed(machine)
  const late = appSince(machine, 'late', Date.now() + 1)
  await watches(late, terminal)
  expect(textOf(late.seen(terminal).snapshots[0]?.bytes ?? new Uint8Array(0))).toContain('before-300')
  expect(await scrollback(late, terminal)).not.toContain('before-')
  first.type(terminal, PRINTS.length, 'for n in $(seq 100); do echo after-$n; done; echo F""IN\n')
  await until(() => textOf(late.seen(terminal).bytes).includes('FIN\r\n'))
  const above = await scrollback(late, terminal)
  expect(above).toMatch(/after-20\b/)
  // What stood on the screen when it came was shown to it.
  expect(above).toMatch(/before-300\b/)
  expect(above).not.toMatch(/before-200\b/)
  expect(await scrollback(first, terminal)).toMatch(/before-2\b/)
})

it('nor does it get it by asking from an offset of before', async () => {
  const machine = machineUnderTest()
  const { first, terminal } = await printed(machine)
  const late = appSince(machine, 'late', Date.now() + 1)
  await watches(late, terminal, 0)
  expect(textOf(late.seen(terminal).bytes)).not.toMatch(/before-1\b/)
  expect(late.seen(terminal).from).toBeGreaterThan(3_000)
  expect(textOf(first.seen(terminal).bytes)).toMatch(/before-1\b/)
})

it('a newcomer sees all of what it was there for, and of terminals that began later', async () => {
  const machine = machineUnderTest()
  const late = appSince(machine, 'late', Date.now() - 1)
  const { terminal } = await printed(machine)
  await watches(late, terminal)
  expect(await scrollback(late, terminal)).toMatch(/before-2\b/)
})

it('the owner can share the past with everybody', async () => {
  const machine = machineUnderTest({ shareHistory: true })
  const { terminal } = await printed(machine)
  const late = appSince(machine, 'late', Date.now() + 1)
  await watches(late, terminal)
  expect(await scrollback(late, terminal)).toMatch(/before-2\b/)
})
