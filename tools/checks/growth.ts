import { RENEWALS_PER_LEASE } from '../../apps/broker/src/cluster/instances.ts'
import { KEYS_PER_READ, RECHECKED_EVERY_MS } from '../../apps/broker/src/cluster/recheck.ts'
import { STAMPED_EVERY_MS } from '../../apps/broker/src/cluster/stay-in-touch.ts'
import { AUDIT_KEPT_MAX } from '../../packages/domain/src/audit/history.ts'
import { defaultPairingRules } from '../../packages/domain/src/runner-pairing/rules.ts'

/** How a fleet is used. An assumption of docs/scale.md: change it and read the tables again. */
export const USE = {
  /** apps with an open page, for each machine */
  appsAtOnce: 0.1,
  /** apps that are paired, for each machine */
  appsPaired: 2,
  machineReturnsPerDay: 4,
  appArrivalsPerDay: 10,
  /**
   * Machines and apps on one broker instance, of which each has two connections: as many as one takes back within its clients'
   * patience (`storm.model`), and as LATCHKEY_LIMIT_SOCKETS_TOTAL lets in by default.
   */
  endsPerBroker: 10_000,
  brokersLeast: 3,
  /** terminal links that a load balancer by hash still brings to another broker than their machine's */
  carriedShare: 0.06,
} as const

/** What one costs, by the runs named in docs/scale.md. */
export const COST = {
  brokerMib: 125,
  /** a machine or an app with its two connections */
  endKib: 56,
  /** each connection that is carried has two more: out of one broker, into another */
  filesPerEnd: 2,
  filesPerCarried: 2,
  filesPerBroker: 5,
  /**
   * Processor time of a broker for one that comes back, on a busy core. Not measured as a whole yet: a handshake took 0.3 ms, and
   * 0.7 with registering, on a quiet machine; `HANDSHAKE_MS` of the broker counts 1.5.
   */
  comeBackMs: 2,
  /** the part of it before anything is asked */
  handshakeMs: 0.4,
  /** runs of the store for a machine that was lost and comes back: loss, key, registration, ticket */
  runsPerMachine: 4,
  /** for an app: status and ticket, the status that it asks for, the ticket's use, and its machine's new tickets */
  runsPerApp: 4,
  /** messages to all brokers for a machine that comes back with its app: away, superseded, online, and changes for consoles */
  publishedPerMachine: 4.5,
  /** commands of a resting broker, most of them inside its scripts */
  redisCommandsPerBroker: 6.3,
  /** the same for each machine, its stamp not counted */
  redisCommandsPerMachine: 0.02,
  /** a machine with its code, its apps' list, its history, and one app */
  redisBytesPerMachine: 3_540,
  redisBytesPerApp: 600,
  redisBytesAtLeast: 168_000,
  /** of one machine in the answer that a console asks every broker for */
  censusBytesPerMachine: 90,
} as const

/** What one of each can take. */
export const CAPACITY = {
  /** one core of Redis with scripts, half of what it did alone on a quiet machine (bench/RESULTS.md) */
  redisCommandsPerSecond: 50_000,
  /** records that a Redis lists */
  redisRecordsPerSecond: 200_000,
  redisDeliveriesPerSecond: 100_000,
  /** a longer message holds up everything else that its broker does */
  messageBytes: 4_000_000,
} as const

/** Everything per second is of the whole broker, unless its name says otherwise. */
export interface Growth {
  readonly machines: number
  readonly ends: number
  readonly brokers: number
  readonly filesEach: number
  readonly memoryMibEach: number
  /** leases, checks */
  readonly restingRunsPerSecondEach: number
  /** machines and apps that come and go on a day */
  readonly dailyRunsPerSecond: number
  readonly redisCommandsPerSecond: number
  readonly redisMib: number
  readonly redisChannels: number
  readonly deliveriesPerSecond: number
  readonly postgresRows: number
  /** until all are back that one killed broker had */
  readonly oneBrokerBackSeconds: number
  /** until all are back when every connection is cut */
  readonly allBackSeconds: number
  /** messages that Redis delivers each second while all come back */
  readonly stormDeliveriesPerSecond: number
  /** records that all brokers read together when one of them is gone */
  readonly takeOverRecords: number
  readonly censusBytes: number
}

const DAY_S = 24 * 60 * 60

/** What a fleet of so many machines takes. */
export function growthOf(
  machines: number,
  {
    apps = machines * USE.appsAtOnce,
    brokers = brokersFor(machines + apps),
    carriedShare = USE.carriedShare,
  }: { readonly apps?: number; readonly brokers?: number; readonly carriedShare?: number } = {},
): Growth {
  const ends = machines + apps
  const endsEach = ends / brokers
  const { instanceLeaseMs } = defaultPairingRules
  const renewals = (1_000 * RENEWALS_PER_LEASE) / instanceLeaseMs
  const checks =
    (Math.ceil(machines / brokers / KEYS_PER_READ) + Math.ceil(apps / brokers / KEYS_PER_READ)) *
    (1_000 / RECHECKED_EVERY_MS)
  const returns = (machines * USE.machineReturnsPerDay) / DAY_S
  const arrivals = (machines * USE.appsPaired * USE.appArrivalsPerDay) / DAY_S
  const allBackSeconds = (endsEach * COST.comeBackMs) / 1_000
  const stormSeconds = Math.max(1, allBackSeconds)
  return {
    machines,
    ends,
    brokers,
    filesEach: endsEach * (COST.filesPerEnd + carriedShare * COST.filesPerCarried) + COST.filesPerBroker,
    memoryMibEach: COST.brokerMib + (endsEach * COST.endKib) / 1_024,
    // Its own lease, and a look at the others with each renewal.
    restingRunsPerSecondEach: 2 * renewals + checks,
    dailyRunsPerSecond: returns * COST.runsPerMachine + arrivals * COST.runsPerApp,
    redisCommandsPerSecond:
      brokers * COST.redisCommandsPerBroker +
      machines * (COST.redisCommandsPerMachine + 1_000 / STAMPED_EVERY_MS),
    redisMib:
      (COST.redisBytesAtLeast + machines * COST.redisBytesPerMachine + apps * COST.redisBytesPerApp) /
      2 ** 20,
    // One for questions, one for answers to all, and one for each broker's own answers.
    redisChannels: brokers + 2,
    deliveriesPerSecond: returns * COST.publishedPerMachine * brokers,
    postgresRows: machines + Math.min(AUDIT_KEPT_MAX, machines * USE.appsPaired),
    oneBrokerBackSeconds: (endsEach * COST.comeBackMs) / 1_000 / Math.max(1, brokers - 1),
    allBackSeconds,
    stormDeliveriesPerSecond: (machines / stormSeconds) * COST.publishedPerMachine * brokers,
    takeOverRecords: machines * (brokers - 1),
    censusBytes: machines * COST.censusBytesPerMachine,
  }
}

/** One more than are needed, so that one may be gone. */
const brokersFor = (ends: number): number =>
  Math.max(USE.brokersLeast, Math.ceil(ends / USE.endsPerBroker) + 1)

/** One thing that growth exhausts. */
export interface Limit {
  readonly what: string
  /** more than 1 is too much */
  readonly load: (growth: Growth) => number
  readonly next: string
}

/** What gives way, and what to do there. */
export const LIMITS: readonly Limit[] = [
  {
    what: 'taking over from a broker that is gone: every other broker reads every machine, and has the time of a lease for it',
    load: ({ takeOverRecords }) =>
      takeOverRecords / CAPACITY.redisRecordsPerSecond / (defaultPairingRules.instanceLeaseMs / 1_000),
    next: 'a list of its machines by broker instance, read by one of the others',
  },
  {
    what: 'messages to every broker while all machines come back at once',
    load: ({ stormDeliveriesPerSecond }) => stormDeliveriesPerSecond / CAPACITY.redisDeliveriesPerSecond,
    next: 'sharded publish and subscribe: a channel for each shard of machines, heard by the brokers that have some of it',
  },
  {
    what: 'the console: one answer about every machine, asked of every broker',
    load: ({ censusBytes }) => censusBytes / CAPACITY.messageBytes,
    next: 'pages: a broker answers about the machines that are on the screen',
  },
  {
    what: 'one Redis: leases, checks, and the stamps that are written for other programs',
    load: ({ redisCommandsPerSecond }) => redisCommandsPerSecond / CAPACITY.redisCommandsPerSecond,
    next: 'no stamps where nothing reads them; then a directory by hash, one Redis and PostgreSQL for each cell of brokers',
  },
]

/** The number of machines from which on it is too much, to two digits; null when it is not below `most`. */
export function breaksAt({ load }: Limit, most = 10_000_000): number | null {
  let [good, bad] = [0, most]
  if (load(growthOf(most)) <= 1) return null
  while (bad - good > Math.max(1, good / 200)) {
    const middle = Math.floor((good + bad) / 2)
    if (load(growthOf(middle)) > 1) bad = middle
    else good = middle
  }
  const step = 10 ** Math.max(0, Math.floor(Math.log10(bad)) - 1)
  return Math.round(bad / step) * step
}
