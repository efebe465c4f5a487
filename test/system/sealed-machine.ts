import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { atCleanUp, type TestBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { type RunnerOptions, startRunner } from '../../apps/runner/src/host.ts'
import { loadIdentity } from '../../apps/runner/src/identity.ts'
import type { RunnerEvent } from '../../apps/runner/src/runner-events.ts'
import type { AppUnderTest } from '../../apps/runner/src/testing/app-under-test.ts'
import { type Broker, type Keys, newKeys, pair, type RawChannel, seal } from './sealed-app.ts'

/** A machine that speaks sealed only, in this process, at a real broker, and what its owner can do with it. */

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-sealing-'))
  atCleanUp(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export async function machine(
  broker: Pick<TestBroker, 'url' | 'secret'>,
  options: Partial<RunnerOptions> = {},
  stateFolder = folder(),
) {
  const events: RunnerEvent[] = []
  const host = await startRunner({
    brokerUrl: broker.url,
    identity: loadIdentity(join(stateFolder, 'identity.json')),
    secret: broker.secret,
    shell: '/bin/sh',
    folder: '/tmp',
    stateFolder,
    allowUnsealed: false,
    onEvent: (event) => events.push(event),
    ...options,
  })
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= host.stop()
    return stopped
  }
  atCleanUp(stop)
  const all = <T extends RunnerEvent['type']>(type: T) =>
    events.filter((event): event is Extract<RunnerEvent, { type: T }> => event.type === type)
  await until('the machine to be there', () => all('link').some(({ status }) => status === 'online'))
  const last = <T extends RunnerEvent['type']>(type: T) => {
    const found = all(type).at(-1)
    if (found === undefined) throw new Error(`no ${type} was told`)
    return found
  }
  const code = () =>
    events.flatMap((e) => (e.type === 'registered' || e.type === 'code' ? [e.code] : [])).at(-1) ?? ''
  const shownPin = async () => {
    await until('a PIN to be shown', () => host.door.prompt?.shown != null)
    return host.door.prompt?.shown?.pin ?? ''
  }
  const ask = (request: object) => control(stateFolder, request)
  return { host, events, all, last, code, shownPin, ask, stop, stateFolder }
}
export type Machine = Awaited<ReturnType<typeof machine>>

const control = (stateFolder: string, request: object): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const socket = connect(join(stateFolder, 'control.sock'))
    let read = ''
    socket.on('error', reject)
    socket.on('data', (bytes: Buffer) => {
      read += bytes.toString()
      if (!read.endsWith('\n')) return
      socket.end()
      resolve(z.record(z.string(), z.unknown()).parse(JSON.parse(read)))
    })
    socket.write(`${JSON.stringify(request)}\n`)
  })

export const pinWay = (code: string) => ({ method: 'pin', code, label: 'Pixel 8' }) as const

export interface Paired {
  readonly raw: RawChannel
  readonly keys: Keys
  readonly app: AppUnderTest
  readonly ms: number
}

/** Lets an app in by typed code and PIN. */
export async function paired(broker: Broker, on: Machine, keys?: Keys): Promise<Paired> {
  const known = keys ?? (await newKeys())
  const raw = await pair(broker, { pairingCode: on.code() })
  const sealed = await seal(raw, known, pinWay(on.code()), on.shownPin)
  if (sealed.app === null) throw new Error(`not sealed: ${JSON.stringify(sealed.step)}`)
  return { raw, keys: known, app: sealed.app, ms: sealed.handshakeMs }
}

export const wrong = (pin: string): string => String((Number(pin) + 1) % 1_000_000).padStart(6, '0')
