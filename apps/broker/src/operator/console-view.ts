import { hostname } from 'node:os'
import { instant } from '@latchkey/domain/kernel'
import { asHeld, instanceOf } from '@latchkey/domain/runner-pairing/instance-lease'
import { isAlive, isOver, isPaired } from '@latchkey/domain/runner-pairing/life'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { AppSession, BrokerInstance, RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { ConsoleEvent, InstanceView, RunnerView } from '@latchkey/protocol/console'
import { activityOf } from '../audit/history-desk.ts'
import type { Census, ClusterBus } from '../cluster/cluster-bus.ts'
import type { Instances } from '../cluster/instances.ts'
import type { DeviceView } from '../device-pairing/device-view.ts'
import type { Health } from '../health/health.ts'
import type { LimitsDesk } from '../limits/limits-desk.ts'
import { lastSeenOf } from '../runner-pairing/app.use-cases.ts'

const RUNNERS_MAX = 200
const APPS_PER_RUNNER_MAX = 100
const ACTIVITY_MAX = 50

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly clock: () => number
  readonly bus: ClusterBus
  readonly instances: Instances
  readonly health: Health
  readonly limits: LimitsDesk
  readonly devices: DeviceView
}

/** The operator's picture of everything, made anew from the store and the live connections. */
export class ConsoleView {
  constructor(private readonly parts: Parts) {}

  /** @param until when the operator's session ends, milliseconds since the epoch; null for who came without one */
  async make(until: number | null): Promise<ConsoleEvent> {
    const [stored, nodes, census, sessions, history] = await Promise.all([
      this.parts.store.list('runner'),
      this.parts.store.list('node'),
      this.parts.bus.census(),
      this.parts.store.list('session'),
      this.parts.store.history({ limit: ACTIVITY_MAX }),
    ])
    const mesh = await this.parts.devices.forConsole(census)
    const leases = new Map<string, BrokerInstance>(nodes.map((node) => [node.nodeId, node]))
    const now = instant(this.parts.clock())
    const runners = stored.map((runner) => asHeld(runner, leases.get(instanceOf(runner) ?? ''), now))
    const byRunner = new Map<string, AppSession[]>(runners.map(({ runnerId }) => [runnerId, []]))
    for (const session of sessions) byRunner.get(session.runnerId)?.push(session)
    const newestFirst = [...runners].sort((a, b) => (lastSeenOf(b) ?? 0) - (lastSeenOf(a) ?? 0))
    const labels = new Map<string, string>(runners.map((runner) => [runner.runnerId, runner.label]))
    const serverTime = Math.floor(this.parts.clock())
    return {
      serverTime,
      host: hostname(),
      signedInUntil: until ?? serverTime,
      health: this.parts.health.view(),
      runners: newestFirst
        .slice(0, RUNNERS_MAX)
        .map((runner) => this.#runnerView(runner, byRunner.get(runner.runnerId) ?? [], census)),
      nodes: this.parts.instances.living.map((node) => this.#instanceView(node)),
      ...mesh,
      activity: history.map((entry) => activityOf(entry, labels)),
      limits: await this.parts.limits.view(),
    }
  }

  #instanceView({ nodeId, address, startedAt, summary }: BrokerInstance): InstanceView {
    return { nodeId, isHere: nodeId === this.parts.instances.nodeId, address, startedAt, ...summary }
  }

  #runnerView(runner: RunnerRecord, sessions: readonly AppSession[], census: readonly Census[]): RunnerView {
    const now = instant(this.parts.clock())
    const { runnerId, label } = runner
    const paired = sessions.filter((session) => isPaired(session, runner, this.parts.rules, now))
    return {
      runnerId,
      label,
      status: this.#statusOf(runner),
      roundTripMs: firstOf(census, (each) => each.roundTripsMs[runnerId]) ?? null,
      lastSeenAt: lastSeenOf(runner),
      node: instanceOf(runner),
      channels: firstOf(census, (each) => each.channels[runnerId]) ?? 0,
      apps: paired.slice(0, APPS_PER_RUNNER_MAX).map(({ appSessionId, pairedAt, seen }) => {
        const connected = firstOf(census, (each) => each.apps[appSessionId])
        const known = connected ?? seen ?? { label: '', address: '' }
        return { appSessionId, ...known, connected: connected !== undefined, pairedAt }
      }),
    }
  }

  /** As it stands now, whether or not a clean-up came by. */
  #statusOf(runner: RunnerRecord): RunnerView['status'] {
    const now = instant(this.parts.clock())
    if (runner.presence.status === 'unseen') return 'unseen'
    if (isOver(runner, this.parts.rules, now)) return 'gone'
    return isAlive(runner, now) ? 'online' : 'suspended'
  }
}

/** What the one broker that knows says of it. */
function firstOf<T>(census: readonly Census[], look: (each: Census) => T | undefined): T | undefined {
  for (const each of census) {
    const found = look(each)
    if (found !== undefined) return found
  }
  return undefined
}
