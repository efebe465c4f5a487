import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { AccountCounters } from '../accounts/account-counters.ts'
import type { DeviceCleanUp } from '../device-pairing/device-clean-up.ts'
import type { DeviceCounts } from '../device-pairing/device-counts.ts'
import type { MeasuredStore } from '../health/health.ts'
import type { LimitsWatch } from '../limits/limits-watch.ts'
import type { PushUseCases } from '../push/push.use-cases.ts'
import type { PairingNotifier } from '../runner-pairing/pairing.notifier.ts'
import type { CallCounts } from '../shell/call-counts.ts'
import type { TerminalRelay } from '../terminal/relay.ts'
import { BROKER_VERSION } from '../version.ts'

/** Seconds: a commit on this machine's disk, on the next machine, on one that is in trouble. */
const STORE_SECONDS = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

const LAG_RESOLUTION_MS = 20
const NANOSECONDS = 1e9
const MICROSECONDS = 1e6

type Kind = 'counter' | 'gauge'
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Parts {
  readonly store: MeasuredStore
  readonly watch: LimitsWatch
  readonly relay: TerminalRelay
  readonly notifier: PairingNotifier
  readonly calls: CallCounts
  readonly devices: DeviceCounts
  readonly cleanUp: DeviceCleanUp
  readonly push: PushUseCases
  readonly linking: AccountCounters | null
}

/**
 * What this broker process counts and measures, in the text that Prometheus reads. Labels come from closed lists: no id,
 * address or code is ever one.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #lag: IntervalHistogram

  constructor(private readonly parts: Parts) {
    this.#lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
    this.#lag.enable()
    this.#calls(parts.calls)
    this.#limits(parts.watch)
    this.#connections(parts.relay, parts.notifier)
    this.#devices(parts.devices, parts.cleanUp)
    this.#push(parts.push)
    this.#store(parts.store)
    this.#process()
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  async text(): Promise<string> {
    const text = await this.#registry.metrics()
    this.#lag.reset()
    const { linking } = this.parts
    return linking === null
      ? text
      : `${text}
${await linking.registry.metrics()}`
  }

  stop(): void {
    this.#lag.disable()
    this.#registry.clear()
  }

  #calls(calls: CallCounts): void {
    const answered = () => calls.counts()
    this.#sampled(
      'counter',
      'latchkey_calls_total',
      'Calls of runners and apps, by how they were answered.',
      () => answered().map(({ call, outcome, count }) => [{ call, outcome }, count]),
    )
    this.#sampled('counter', 'latchkey_pairing_attempts_total', 'Attempts of apps to pair, by outcome.', () =>
      answered()
        .filter(({ call }) => call === 'app:pair')
        .map(({ outcome, count }) => [{ outcome }, count]),
    )
  }

  #limits(watch: LimitsWatch): void {
    this.#sampled(
      'counter',
      'latchkey_wrong_guesses_total',
      'Wrong guesses that were charged, by what was guessed.',
      () => Object.entries(watch.counts.failures).map(([what, count]) => [{ what }, count]),
    )
    this.#single('counter', 'latchkey_bans_total', 'Bans that began.', () => watch.counts.bans)
    this.#single(
      'counter',
      'latchkey_held_off_total',
      'Attempts not judged because of a ban.',
      () => watch.counts.heldOff,
    )
    this.#single('counter', 'latchkey_alarms_total', 'Times the alarm rang.', () => watch.counts.alarms)
    this.#single(
      'counter',
      'latchkey_breaker_opened_total',
      'Times typed codes were switched off for all.',
      () => watch.counts.breaks,
    )
    this.#single(
      'counter',
      'latchkey_known_codes_total',
      'Codes that too many had found.',
      () => watch.counts.knownCodes,
    )
  }

  #connections(relay: TerminalRelay, notifier: PairingNotifier): void {
    this.#sampled('gauge', 'latchkey_sockets', 'Open connections of runners and apps, by plane.', () => [
      [{ plane: 'control' }, notifier.connectionCount],
      [{ plane: 'terminal' }, relay.socketCount],
    ])
    this.#single(
      'gauge',
      'latchkey_terminal_channels',
      'Apps that are at terminals through this broker.',
      () => [...relay.channelCounts().values()].reduce((sum, channels) => sum + channels, 0),
    )
  }

  #devices(devices: DeviceCounts, cleanUp: DeviceCleanUp): void {
    this.#sampled(
      'counter',
      'latchkey_device_pairing_total',
      'What was asked of device pairing, by step and how it was answered.',
      () => devices.counts().map(({ step, outcome, count }) => [{ step, outcome }, count]),
    )
    this.#single(
      'counter',
      'latchkey_device_clean_ups_total',
      'Runs of the clean-up of device pairing.',
      () => cleanUp.counts.runs,
    )
    this.#single(
      'counter',
      'latchkey_device_pairings_expired_total',
      'Pairings of devices that the clean-up failed.',
      () => cleanUp.counts.failed,
    )
    this.#single(
      'counter',
      'latchkey_device_records_forgotten_total',
      'Pairings, tokens, sessions, nodes and events that the clean-up forgot.',
      () => cleanUp.counts.purged,
    )
  }

  #push({ counts }: PushUseCases): void {
    this.#sampled('counter', 'latchkey_push_total', 'Notifications, by what became of them.', () =>
      [...counts].map(([outcome, count]) => [{ outcome }, count]),
    )
  }

  #store(store: MeasuredStore): void {
    const seconds = new Histogram({
      name: 'latchkey_store_seconds',
      help: 'How long the store took, by operation, what it was about, and whether it went well.',
      labelNames: ['operation', 'about', 'outcome'],
      buckets: STORE_SECONDS,
      registers: [this.#registry],
    })
    store.onCall = ({ operation, about, tookMs, ok }) =>
      seconds.observe({ operation, about, outcome: ok ? 'ok' : 'failed' }, tookMs / 1_000)
    this.#single('gauge', 'latchkey_store_up', 'Whether the last call of the store went well.', () =>
      Number(store.ok),
    )
  }

  #process(): void {
    this.#sampled(
      'gauge',
      'latchkey_event_loop_lag_seconds',
      'How late the event loop was since the last scrape.',
      () =>
        (
          [
            ['0.5', this.#lag.percentile(50)],
            ['0.99', this.#lag.percentile(99)],
            ['1', this.#lag.max],
          ] as const
        ).map(
          // What it measures includes the interval it measures by.
          ([quantile, ns]) => [{ quantile }, Math.max(0, ns / NANOSECONDS - LAG_RESOLUTION_MS / 1_000)],
        ),
    )
    this.#single('gauge', 'process_resident_memory_bytes', 'Resident memory.', () =>
      process.memoryUsage.rss(),
    )
    this.#single(
      'gauge',
      'process_heap_bytes',
      'Memory of JavaScript objects.',
      () => process.memoryUsage().heapUsed,
    )
    this.#single('counter', 'process_cpu_seconds_total', 'Processor time, user and system.', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / MICROSECONDS
    })
    this.#sampled('gauge', 'latchkey_info', 'Always 1; says the version.', () => [
      [{ version: BROKER_VERSION }, 1],
    ])
  }

  #single(kind: Kind, name: string, help: string, value: () => number): void {
    this.#sampled(kind, name, help, () => [[{}, value()]])
  }

  /** A metric that is read from its source at each scrape, so that nothing is counted twice. */
  #sampled(kind: Kind, name: string, help: string, samples: () => readonly Sample[]): void {
    const metric: Gauge | Counter = new (kind === 'gauge' ? Gauge : Counter)({
      name,
      help,
      labelNames: LABELS[name] ?? [],
      registers: [this.#registry],
      collect: () => {
        metric.reset()
        for (const [labels, value] of samples()) metric.inc(labels, value)
      },
    })
  }
}

const LABELS: Readonly<Record<string, readonly string[]>> = {
  latchkey_calls_total: ['call', 'outcome'],
  latchkey_pairing_attempts_total: ['outcome'],
  latchkey_wrong_guesses_total: ['what'],
  latchkey_sockets: ['plane'],
  latchkey_push_total: ['outcome'],
  latchkey_device_pairing_total: ['step', 'outcome'],
  latchkey_event_loop_lag_seconds: ['quantile'],
  latchkey_info: ['version'],
}
