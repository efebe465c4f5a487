import { runnerSubjects } from '@latchkey/domain/limits/subjects'
import { parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import { isRunnerOnline } from '@latchkey/domain/runner-pairing/founding-sessions'
import type { Operation, PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { FromConnection } from '@latchkey/domain/runner-pairing/presence'
import { parseRunnerId } from '@latchkey/domain/runner-pairing/records'
import { registerRunner } from '@latchkey/domain/runner-pairing/register'
import { defaultPairingRules as rules } from '@latchkey/domain/runner-pairing/rules'
import { type MemoryPairingStore, memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { StoreUnavailable } from '@latchkey/stores/store-unavailable'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ClusterBus } from '../cluster/cluster-bus.ts'
import { Instances } from '../cluster/instances.ts'
import { openLog } from '../log/log.ts'
import { ChangeSignal } from '../shell/change-signal.ts'
import { TerminalRelay } from '../terminal/relay.ts'
import { PairingNotifier } from './pairing.notifier.ts'
import { RunnerPresence } from './runner-presence.ts'

const log = openLog('silent')
const clock = () => Date.now()
const ours = parseRunnerId('r')
const proposedCode = parsePairingCode('AAA-AAA-AAA')
if (ours === null || proposedCode === null) throw new Error('a test used a name that is none')
const runnerId = ours

let memory: MemoryPairingStore
/** as each broker sees it */
let isStoreAway = false
const started: { stop(): void }[] = []

/** One broker on the store that all of them share, as far as presence goes. */
async function broker() {
  const store: PairingStore = {
    ...memory,
    run: async (operation) => {
      if (isStoreAway) throw new StoreUnavailable('it is away')
      return memory.run(operation)
    },
  }
  const summary = { host: 'h', version: '0', runners: 0, apps: 0, terminals: 0 }
  const facts = () => ({ address: null, publicUrl: null, summary })
  const instances = new Instances({ isAlone: false, store: store, rules, clock, log, facts })
  const relay = new TerminalRelay({ ticketCheck: async () => null, log, onChange: () => {} })
  const notifier = new PairingNotifier({
    relay,
    changes: new ChangeSignal(),
    bus: new ClusterBus({ isClustered: false, log }),
  })
  const presence = new RunnerPresence({ store, rules, clock, log, instances, notifier })
  await presence.begin()
  const stop = () => {
    presence.stop()
    relay.stop()
    void instances.stop()
  }
  started.push({ stop })
  const register = async (): Promise<FromConnection> => {
    const command = {
      runnerId,
      proposedCode: proposedCode ?? fail(),
      incarnation: 'p',
      publicKey: null,
      label: '',
      routeTickets: [],
      proof: { secret: true, signature: false },
      subjects: runnerSubjects('r', '192.0.2.1'),
      node: instances.nodeId,
    }
    const answer = await presence.registering('r', () => ask(registerRunner(command, rules)))
    if (!answer.ok) throw new Error(answer.refusal.reason)
    const from = { runnerId, epoch: answer.value.epoch }
    presence.registered(from)
    return from
  }
  return { presence, instances, register, stop }
}

const fail = (): never => {
  throw new Error('unreachable')
}
const ask = <Answer>(operation: Operation<Answer>): Promise<Answer> => memory.run(operation)
const isOnline = () => ask(isRunnerOnline({ runnerId }))
const status = () => memory.peek('runner', 'r')?.presence.status
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  memory = memoryPairingStore({ clock })
  isStoreAway = false
})
afterEach(() => {
  for (const each of started.splice(0)) each.stop()
  vi.useRealTimers()
})

describe('a runner that this broker holds', () => {
  it('costs the store nothing while it is heard', async () => {
    const { presence, register } = await broker()
    const from = await register()
    const before = memory.peek('runner', 'r')
    for (let beat = 0; beat < 100; beat++) {
      await wait(10_000)
      expect(await presence.heard(from)).toBe('heard')
    }
    expect(memory.peek('runner', 'r')).toBe(before)
    expect(await isOnline()).toBe(true)
  })

  it('is away after thirty seconds of silence, back by a word, and over when it says none', async () => {
    const { presence, register } = await broker()
    const from = await register()
    await wait(29_999)
    expect(await isOnline()).toBe(true)
    await wait(2)
    expect(status()).toBe('silent')
    expect(await isOnline()).toBe(false)
    await wait(20_000)
    expect(await presence.heard(from)).toBe('heard')
    expect(status()).toBe('online')
    await wait(30_001)
    expect(status()).toBe('silent')
    await wait(60_000)
    expect(status()).toBe('gone')
    expect(await presence.heard(from)).toBe('stale')
  })

  it('is no ghost when the store was away as it left', async () => {
    const { presence, register } = await broker()
    const from = await register()
    isStoreAway = true
    await expect(presence.connectionEnded(from, 'transport close')).rejects.toThrow(StoreUnavailable)
    isStoreAway = false
    expect(await isOnline(), 'nobody could say so yet').toBe(true)
    await wait(5_000)
    expect(status()).toBe('suspended')
  })

  it('answers heartbeats while the store is away, however long', async () => {
    const { presence, register } = await broker()
    const from = await register()
    isStoreAway = true
    for (let beat = 0; beat < 30; beat++) {
      await wait(10_000)
      expect(await presence.heard(from)).toBe('heard')
    }
    expect(await isOnline()).toBe(false)
    isStoreAway = false
    await wait(1_000)
    expect(await isOnline()).toBe(true)
  })

  it('is another broker’s once it registers there: what is left here changes nothing', async () => {
    const first = await broker()
    const second = await broker()
    const from = await first.register()
    const later = await second.register()
    expect(later.epoch).toBeGreaterThan(from.epoch)
    await first.presence.connectionEnded(from, 'transport close')
    for (let beat = 0; beat < 12; beat++) {
      await wait(10_000)
      expect(await second.presence.heard(later)).toBe('heard')
      expect(await isOnline()).toBe(true)
    }
  })
})

describe('a broker that dies', () => {
  it('leaves runners that others end when they do not come back, once', async () => {
    const first = await broker()
    await broker()
    await broker()
    await first.register()
    first.presence.stop()
    await first.instances.stop()
    expect(await isOnline()).toBe(false)
    const gen = memory.peek('runner', 'r')?.gen ?? 0
    await wait(59_000)
    expect(status()).toBe('online')
    await wait(6_000)
    expect(status()).toBe('gone')
    expect(memory.peek('runner', 'r')?.gen).toBe(gen + 1)
  })

  it('is survived by what the next one finds at its start', async () => {
    const first = await broker()
    await first.register()
    first.stop()
    await wait(3 * 60 * 60 * 1_000)
    expect(status(), 'nobody was there').toBe('online')
    await broker()
    await wait(10)
    expect(status()).toBe('gone')
    expect(memory.peek('code', 'AAA-AAA-AAA')?.status).toBe('tombstone')
  })
})
