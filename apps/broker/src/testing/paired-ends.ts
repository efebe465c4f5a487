import { FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { expect } from 'vitest'
import { code, registerFounding, type TestBroker, ticketOf } from './harness.ts'
import { enterTerminal } from './terminal-client.ts'

/** A runner and an app of it, both on both planes. */
export async function pairedEnds(broker: TestBroker) {
  const runner = await broker.connect()
  const registered = await registerFounding(runner, broker, 'runner-1', code(1))
  const runnerEnd = await enterTerminal(broker.port, ticketOf(registered))
  expect(await runnerEnd.next()).toMatchObject({ type: FrameType.opened, channel: NO_CHANNEL })
  const join = async (label: string) => {
    const app = await broker.connect({ label })
    const paired = await app.call('app:pair', { pairingCode: code(1) })
    const appEnd = await enterTerminal(broker.port, ticketOf(paired))
    const opened = await appEnd.next()
    const open = await runnerEnd.next()
    return { app, paired, appEnd, opened, open, channel: opened.channel }
  }
  return { runner, runnerEnd, join }
}
