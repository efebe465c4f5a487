import { hostname } from 'node:os'
import { instant } from '@latchkey/domain/kernel'
import { isAlive, isOver, isPaired } from '@latchkey/domain/runner-pairing/life'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { AppSession, RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { ActivityView, ConsoleEvent, RunnerView } from '@latchkey/protocol/console'
import { Inject, Injectable } from '@nestjs/common'
import { Health } from '../health/health.ts'
import { lastSeenOf } from '../runner-pairing/app.use-cases.ts'
import type { KnownApps } from '../runner-pairing/known-apps.ts'
import { PairingNotifier } from '../runner-pairing/pairing.notifier.ts'
import { appRoom } from '../shell/connection.ts'
import type { TerminalRelay } from '../terminal/relay.ts'
import { CLOCK, KNOWN_APPS, PAIRING_RULES, PAIRING_STORE, RELAY } from '../wiring.ts'

const RUNNERS_MAX = 200
const APPS_PER_RUNNER_MAX = 100
const ACTIVITY_MAX = 50

/** The operator's picture of everything, made anew from the store and the live connections. */
@Injectable()
export class ConsoleView {
  readonly #store: PairingStore
  readonly #rules: PairingRules
  readonly #clock: () => number
  readonly #relay: TerminalRelay
  readonly #knownApps: KnownApps
  readonly #notifier: PairingNotifier
  readonly #health: Health

  constructor(
    @Inject(PAIRING_STORE) store: PairingStore,
    @Inject(PAIRING_RULES) rules: PairingRules,
    @Inject(CLOCK) clock: () => number,
    @Inject(RELAY) relay: TerminalRelay,
    @Inject(KNOWN_APPS) knownApps: KnownApps,
    @Inject(PairingNotifier) notifier: PairingNotifier,
    @Inject(Health) health: Health,
  ) {
    this.#store = store
    this.#rules = rules
    this.#clock = clock
    this.#relay = relay
    this.#knownApps = knownApps
    this.#notifier = notifier
    this.#health = health
  }

  /** @param until when the operator's session ends, milliseconds since the epoch; null for who came without one */
  async make(until: number | null): Promise<ConsoleEvent> {
    const [runners, sessions, history] = await Promise.all([
      this.#store.list('runner'),
      this.#store.list('session'),
      this.#store.history({ limit: ACTIVITY_MAX }),
    ])
    const byRunner = new Map<string, AppSession[]>(runners.map(({ runnerId }) => [runnerId, []]))
    for (const session of sessions) byRunner.get(session.runnerId)?.push(session)
    const newestFirst = [...runners].sort((a, b) => (lastSeenOf(b) ?? 0) - (lastSeenOf(a) ?? 0))
    const labels = new Map<string, string>(runners.map((runner) => [runner.runnerId, runner.label]))
    const serverTime = Math.floor(this.#clock())
    return {
      serverTime,
      host: hostname(),
      signedInUntil: until ?? serverTime,
      health: this.#health.view(),
      runners: newestFirst
        .slice(0, RUNNERS_MAX)
        .map((runner) => this.#runnerView(runner, byRunner.get(runner.runnerId) ?? [])),
      activity: history.map(
        (entry): ActivityView => ({
          at: entry.at,
          outcome: entry.outcome,
          appSessionId: entry.appSessionId ?? '',
          runnerId: entry.runnerId,
          runnerLabel: entry.runnerId === null ? null : (labels.get(entry.runnerId) ?? null),
          maskedCode: entry.maskedCode,
          errorCode: entry.errorCode,
        }),
      ),
    }
  }

  #runnerView(runner: RunnerRecord, sessions: readonly AppSession[]): RunnerView {
    const now = instant(this.#clock())
    const { runnerId, label } = runner
    const paired = sessions.filter((session) => isPaired(session, runner, this.#rules, now))
    return {
      runnerId,
      label,
      status: this.#statusOf(runner),
      roundTripMs: this.#notifier.roundTripMs(runnerId),
      lastSeenAt: lastSeenOf(runner),
      channels: this.#relay.channelCount(runnerId),
      apps: paired.slice(0, APPS_PER_RUNNER_MAX).map(({ appSessionId, pairedAt }) => ({
        appSessionId,
        ...this.#knownApps.of(appSessionId),
        connected: this.#notifier.isConnected(appRoom(appSessionId)),
        pairedAt,
      })),
    }
  }

  /** As it stands now, whether or not a clean-up came by. */
  #statusOf(runner: RunnerRecord): RunnerView['status'] {
    const now = instant(this.#clock())
    if (runner.presence.status === 'unseen') return 'unseen'
    if (isOver(runner, this.#rules, now)) return 'gone'
    return isAlive(runner, now) ? 'online' : 'suspended'
  }
}
