import { startPairing } from '@latchkey/domain/device-pairing/join'
import { defaultDeviceRules } from '@latchkey/domain/device-pairing/rules'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import { memoryPairingRepository } from '@latchkey/stores/memory/pairing.repository'
import { memoryPairingStore } from '@latchkey/stores/memory/pairing.store'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ClusterBus } from '../cluster/cluster-bus.ts'
import { openLog } from '../log/log.ts'
import { PairingNotifier } from '../runner-pairing/pairing.notifier.ts'
import { ChangeSignal } from '../shell/change-signal.ts'
import { TerminalRelay } from '../terminal/relay.ts'
import { storeTicketCheck } from '../terminal/ticket-check.ts'
import { DeviceService } from './device.service.ts'
import { DeviceCleanUp } from './device-clean-up.ts'
import { DeviceConnections } from './device-connections.ts'
import { DeviceCounts } from './device-counts.ts'
import { DeviceNotifier } from './device-notifier.ts'
import { joinTokenDigest } from './device-secrets.ts'

const START_MS = 1_700_000_000_000
const MINUTE_MS = 60_000

beforeEach(() => void vi.useFakeTimers({ now: START_MS }))
afterEach(() => void vi.useRealTimers())

it('every minute fails what is over, an hour later forgets it, tells who follows, logs and counts it', async () => {
  const lines: string[] = []
  const log = openLog('info', { write: (line) => void lines.push(line) })
  const clock = () => Date.now()
  const repository = memoryPairingRepository({ clock })
  const store = memoryPairingStore({ clock })
  const changes = new ChangeSignal()
  const bus = new ClusterBus({ isClustered: false, log })
  const relay = new TerminalRelay({
    ticketCheck: storeTicketCheck(store, defaultPairingRules),
    log,
    onChange: () => {},
  })
  const notifier = new DeviceNotifier({ changes, bus })
  const pairing = new PairingNotifier({ relay, changes, bus })
  const connections = new DeviceConnections({
    store,
    rules: defaultPairingRules,
    relay,
    bus,
    log,
    sockets: pairing,
  })
  const nodes = new DeviceService({
    repository,
    rules: defaultDeviceRules,
    log,
    counts: new DeviceCounts(),
    changes,
    connections,
    expel: async () => {},
  })
  const cleanUp = new DeviceCleanUp({
    repository,
    rules: defaultDeviceRules,
    log,
    notifier,
    connections,
    nodes,
  })
  const token = joinTokenDigest('token')
  await repository.run(startPairing({ token, name: null }, defaultDeviceRules))
  let told = 0
  notifier.follow(token, () => told++)

  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS)
  expect(cleanUp.counts).toEqual({ runs: 4, failed: 0, purged: 0 })
  expect(lines).toEqual([])
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(cleanUp.counts).toEqual({ runs: 5, failed: 1, purged: 0 })
  expect(told).toBe(1)
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
  expect(cleanUp.counts).toMatchObject({ failed: 1, purged: 1 })
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['device.expired', 'device.purged'])
  cleanUp.stop()
  relay.stop()
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS)
  expect(cleanUp.counts.runs, 'it has ended').toBe(65)
})
