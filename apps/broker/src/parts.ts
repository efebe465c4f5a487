import { hostname } from 'node:os'
import type { BrokerParts } from './broker.module.ts'
import { ClusterBus } from './cluster/cluster-bus.ts'
import { Nodes } from './cluster/nodes.ts'
import type { Stores } from './cluster/open-stores.ts'
import { StoreClock, telling } from './cluster/store-clock.ts'
import type { DataDirectory } from './config/data-directory.ts'
import { pairingRules } from './config/rules.ts'
import type { Settings } from './config/settings.ts'
import { Health, MeasuredStore } from './health/health.ts'
import { clientAddresses } from './http/client-address.ts'
import { Reach } from './http/reach.ts'
import { LimitsWatch } from './limits/limits-watch.ts'
import { SecretDoor } from './limits/secret-door.ts'
import type { Log } from './log/log.ts'
import { OperatorAccess } from './operator/operator-access.ts'
import { Pulse } from './operator/pulse.ts'
import { storeAdmission } from './terminal/admission.ts'
import { TerminalRelay } from './terminal/relay.ts'
import { TicketOffice } from './terminal/tickets.ts'
import { BROKER_VERSION } from './version.ts'

export const hostOf = ({ local, host }: Settings): string => (local ? '127.0.0.1' : host)

/** Makes what does not know of the framework. Everything in it takes the store's time, on which all brokers agree. */
export function partsOf(made: {
  readonly settings: Settings
  readonly log: Log
  /** the process's own, milliseconds since the epoch */
  readonly clock: () => number
  readonly data: DataDirectory
  readonly stores: Stores
  readonly isTls: boolean
  readonly webRoot: string
}): BrokerParts {
  const { settings, log, data, stores, webRoot } = made
  const { secrets } = stores
  const storeClock = new StoreClock(made.clock)
  const clock = storeClock.now
  const asSet = pairingRules(settings)
  // Nobody waits for the lease of a broker that is alone, and each renewal is a write to the disk of some small machine.
  const rules = stores.kind === 'sqlite' ? { ...asSet, nodeLeaseMs: asSet.leaseMs } : asSet
  const store = new MeasuredStore(telling(storeClock, stores.store))
  const pulse = new Pulse()
  const relay = new TerminalRelay({
    admission: storeAdmission(store, rules),
    log,
    onChange: () => pulse.beat(),
  })
  const reach = new Reach({
    host: hostOf(settings),
    publicUrl: settings.publicUrl,
    tls: made.isTls,
    isShared: stores.isShared,
  })
  const nodes = new Nodes({
    isAlone: stores.kind === 'sqlite',
    store,
    rules,
    clock,
    log,
    facts: (counts) => ({
      address: settings.nodeUrl ?? reach.addressForBrokers,
      publicUrl: settings.nodePublicUrl ?? null,
      summary: { host: hostname(), version: BROKER_VERSION, terminals: relay.socketCount, ...counts },
    }),
  })
  const watch = new LimitsWatch(log, clock, pulse)
  const door = new SecretDoor(store, rules, watch)
  return {
    settings,
    data,
    secrets,
    rules,
    store,
    devices: stores.devices,
    clock,
    log,
    pulse,
    nodes,
    bus: new ClusterBus({ isClustered: stores.redis !== null, log }),
    tickets: new TicketOffice({ nodes, signingKey: secrets.signingKey, clock }),
    relay,
    reach,
    addresses: clientAddresses(settings.trustedProxies, log),
    health: new Health(clock, store, stores.kind, () => nodes.writeNow(), stores.needed),
    watch,
    door,
    access: new OperatorAccess({ store, clock, door, ...secrets }),
    webRoot,
  }
}
