import { playStorm, type StormOptions } from '../../packages/connection/src/storms/storm.fixture.ts'
import { breaksAt, CAPACITY, COST, type Growth, growthOf, LIMITS, USE } from './growth.ts'

const FLEETS = [1_000, 10_000, 100_000, 1_000_000]

/** Three digits below a thousand, whole numbers above. */
const told = (value: number): string =>
  value < 1_000 ? String(Number(value.toPrecision(3))) : Math.round(value).toLocaleString('en')

const ROWS: ReadonlyArray<readonly [string, (growth: Growth) => number]> = [
  ['machines and apps at once', ({ ends }) => ends],
  ['broker instances', ({ brokers }) => brokers],
  ['open files of each', ({ filesEach }) => Math.round(filesEach)],
  ['memory of each, MiB', ({ memoryMibEach }) => Math.round(memoryMibEach)],
  ['runs of the store by each at rest, a second', ({ restingRunsPerSecondEach }) => restingRunsPerSecondEach],
  [
    'runs of the store by all for the comings and goings of a day, a second',
    ({ dailyRunsPerSecond }) => dailyRunsPerSecond,
  ],
  ['commands of Redis at rest, a second', ({ redisCommandsPerSecond }) => redisCommandsPerSecond],
  ['memory of Redis, MiB', ({ redisMib }) => Math.ceil(redisMib)],
  ['channels of Redis', ({ redisChannels }) => redisChannels],
  [
    'messages between brokers that Redis delivers, a second',
    ({ deliveriesPerSecond }) => deliveriesPerSecond,
  ],
  [
    'the same while all come back at once',
    ({ stormDeliveriesPerSecond }) => Math.round(stormDeliveriesPerSecond),
  ],
  ['rows of PostgreSQL', ({ postgresRows }) => postgresRows],
  ['one broker is killed: all are back after, seconds', ({ oneBrokerBackSeconds }) => oneBrokerBackSeconds],
  ['every connection is cut: all are back after, seconds', ({ allBackSeconds }) => allBackSeconds],
  ['records read when a broker is gone', ({ takeOverRecords }) => takeOverRecords],
  ['one answer for the console, bytes', ({ censusBytes }) => censusBytes],
]

/** One client of the simulation stands for so many. */
const EACH_STANDS_FOR = 10

const AT_REST: StormOptions = {
  seed: 1,
  clients: 10_000 / EACH_STANDS_FOR,
  behindOneAddress: 0,
  brokers: 3,
  costMs: COST.comeBackMs * EACH_STANDS_FOR,
  handshakeMs: COST.handshakeMs * EACH_STANDS_FOR,
  away: [],
  cut: false,
}
const untilMs = null

const STORMS: ReadonlyArray<readonly [string, Partial<StormOptions>]> = [
  ['all connections cut, three brokers', { cut: true }],
  ['all connections cut, one broker', { cut: true, brokers: 1 }],
  ['one of three brokers killed', { away: [{ broker: 0, fromMs: 0, untilMs }] }],
  [
    'six of seven brokers killed within a minute',
    { brokers: 7, away: [0, 1, 2, 3, 4, 5].map((broker) => ({ broker, fromMs: broker * 10_000, untilMs })) },
  ],
  ['no broker for 30 s', { away: [0, 1, 2].map((broker) => ({ broker, fromMs: 0, untilMs: 30_000 })) }],
  ['25,000 instead, all cut, one broker', { cut: true, brokers: 1, clients: 25_000 / EACH_STANDS_FOR }],
]

function stormRow(name: string, storm: Partial<StormOptions>): string {
  const { halfMs, lastMs, triesEach, livesEnded } = playStorm({ ...AT_REST, ...storm })
  return `| ${name} | ${told(halfMs / 1_000)} | ${told(lastMs / 1_000)} | ${told(triesEach)} | ${told(livesEnded * EACH_STANDS_FOR)} |`
}

/** `docs/scale.md`: what a fleet takes, by the formulas of `growth.ts`. */
export function scaleDocument(): string {
  const fleets = FLEETS.map((machines) => growthOf(machines))
  const table = ROWS.map(([name, of]) => `| ${name} | ${fleets.map((each) => told(of(each))).join(' | ')} |`)
  const storms = STORMS.map(([name, storm]) => stormRow(name, storm))
  const limits = LIMITS.map((limit) => ({ ...limit, at: breaksAt(limit) }))
    .sort((a, b) => (a.at ?? Number.POSITIVE_INFINITY) - (b.at ?? Number.POSITIVE_INFINITY))
    .map(({ what, at, next }) => `| ${at === null ? 'over 10,000,000' : told(at)} | ${what} | ${next} |`)
  return `# Growth

Written by \`npm run fix\` from \`tools/checks/growth.ts\`: change the formulas, not this file. \`tools/checks/growth.spec.ts\` compares
them with what was measured, so that a change which makes a machine dearer is noticed.

## How a fleet is used

For each machine ${USE.appsAtOnce} apps are open at once and ${USE.appsPaired} are paired; it comes back ${USE.machineReturnsPerDay} times a day, and each paired app arrives
${USE.appArrivalsPerDay} times. A broker instance has at most ${told(USE.endsPerBroker)} machines and apps, each with two connections, and there is always one instance more
than that takes. The load balancer chooses by a hash of the machine, so that ${Math.round(100 * USE.carriedShare)} in a hundred terminal links are carried on.

## What it takes

| machines | ${FLEETS.map((each) => told(each)).join(' | ')} |
| --- | ${FLEETS.map(() => '---:').join(' | ')} |
${table.join('\n')}

Heartbeats are no part of it: they end at the broker instance, which renews one lease for all its machines. Terminal bytes never go
through a store. A busy terminal costs its broker processor time alone; \`node bench/load/run.mjs\` measures how much.

## What gives way first

| from about so many machines | what | the next step |
| ---: | --- | --- |
${limits.join('\n')}

And one broker instance by itself, whatever the fleet. A client gives a connection up after 10 s. One that comes back costs some
${COST.comeBackMs} ms, so in that time ${told(10_000 / COST.comeBackMs)} are served, and the others come again. With 10,000 on one instance the last is back within 30 s. With
25,000 many are away for longer than the minute in which their pairings are kept. With 50,000 the instance makes handshakes for those
that have given up, and never has them all back. So \`LATCHKEY_LIMIT_SOCKETS_TOTAL\` is no number to raise without more instances; the
next step there is to refuse connections while more than ten seconds' worth wait.

## Storms, simulated

\`packages/connection/src/storms\` plays ten thousand clients in virtual time, with the waits of the product, the leases and the budgets
of the domain, and brokers that need their time for each. \`npm test -- storm.model\` plays a few seeds of each storm;
\`LATCHKEY_STORMS=10000 npm test -- storm.model\` all of them. A change of the waits, the lease or the grace that makes a storm worse fails
there.

| 10,000 clients, ${COST.comeBackMs} ms each | half are back after, s | the last, s | tries each | longer away than the grace |
| --- | ---: | ---: | ---: | ---: |
${storms.join('\n')}

## Measured

The costs in the formulas, and where they are from:

| cost | figure | from |
| --- | ---: | --- |
| memory of a broker without connections | ${COST.brokerMib} MiB | \`bench/storms/cut.mjs\`, \`restingMib\` |
| a machine or an app with both connections | ${COST.endKib} KiB | the same, \`brokerKibEach\` |
| processor time for one that comes back | ${COST.comeBackMs} ms | assumed: a handshake took 0.3 ms and 0.7 with registering, on a quiet machine ([RESULTS](../bench/RESULTS.md)). Of 400 connections cut on a machine with a load of 11 to 14 each end took 9 to 11 ms (\`brokerCpuMsEach\`), so that times of a return are up to five times as long there |
| runs of the store for a machine, and for an app, that comes back | ${COST.runsPerMachine}, ${COST.runsPerApp} | the same, \`storeRuns\` |
| messages between brokers for a machine with its app | ${COST.publishedPerMachine} | the same, \`publishedEach\` |
| commands of Redis for a resting broker, and for a resting machine | ${COST.redisCommandsPerBroker}, ${COST.redisCommandsPerMachine} a second | the same, \`redisCommandsPerSecond\` at two counts |
| memory of Redis for a machine | ${told(COST.redisBytesPerMachine)} bytes | the same, \`redisBytesEach\` at two counts |

One Redis is taken to bear half of what it did alone: ${told(CAPACITY.redisCommandsPerSecond)} commands, ${told(CAPACITY.redisDeliveriesPerSecond)} delivered messages, ${told(CAPACITY.redisRecordsPerSecond)} listed records a
second. Measured at 20, 60 and 100 machines with an app each, on three brokers and a busy machine, 1 December 2026: the formulas
say the same within a tenth. Not measured: more machines than that in one run, and the time of a whole coming back on a quiet
machine; the commands for both are in [bench/README.md](../bench/README.md).
`
}
