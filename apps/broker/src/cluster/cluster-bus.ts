import { z } from 'zod'
import { failureFields, type Log } from '../log/log.ts'
import type { ControlServer } from '../shell/connection.ts'

/**
 * Facts between broker instances, delivered at most once: `recheck.ts` makes up for a lost one. Fields are only added, since two
 * releases may run side by side.
 */
const clusterFact = z.discriminatedUnion('kind', [
  /** an app may no longer reach that runner, or any when null */
  z.object({ kind: z.literal('app-ended'), appSessionId: z.string(), runnerId: z.string().nullable() }),
  /** a life of a runner is over, and with it all connections up to that epoch */
  z.object({ kind: z.literal('runner-ended'), runnerId: z.string(), epoch: z.number() }),
  /** a connection of that epoch speaks for the runner: older ones are to be closed */
  z.object({ kind: z.literal('runner-superseded'), runnerId: z.string(), epoch: z.number() }),
  /** a broker began, or goes */
  z.object({ kind: z.literal('nodes-changed') }),
  /** something happened to a device pairing, by the digest of its token */
  z.object({ kind: z.literal('device-pairing-changed'), id: z.string() }),
  /** a device was revoked: its connections are to be closed */
  z.object({ kind: z.literal('device-revoked'), nodeId: z.string() }),
  /** something that the console shows changed */
  z.object({ kind: z.literal('changed') }),
])
export type ClusterFact = z.output<typeof clusterFact>

/** What one broker asks all others for the console, and how it answers. */
const census = z.object({
  channels: z.record(z.string(), z.number()),
  roundTripsMs: z.record(z.string(), z.number()),
  apps: z.record(z.string(), z.object({ label: z.string(), address: z.string() })),
  /** devices that have a connection there */
  meshNodes: z.array(z.string()).optional(),
})
/** By runner id: live channels, and the round trip of the control connection. By app session: label and address, while connected. */
export type Census = z.output<typeof census>

const FACT = 'cluster:fact'
const CENSUS = 'cluster:census'
/** Longer than the adapter itself waits for answers. */
const CENSUS_WITHIN_MS = 1_500

interface Parts {
  readonly isClustered: boolean
  readonly log: Log
}

/** Tells and asks the other brokers on the same Redis; without one there are none, and all of it is silence. */
export class ClusterBus {
  readonly #listeners = new Set<(fact: ClusterFact) => void>()
  #server: ControlServer | null = null
  /** what this broker answers when another asks */
  takeCensus: () => Census = () => ({ channels: {}, roundTripsMs: {}, apps: {} })

  constructor(private readonly parts: Parts) {}

  attach(server: ControlServer): void {
    this.#server = server
    if (!this.parts.isClustered) return
    server.on(FACT, (told: unknown) => this.#hear(told))
    server.on(CENSUS, (answer: unknown) => {
      if (typeof answer === 'function') answer(this.takeCensus())
    })
  }

  /** To all other brokers; never back to this one. */
  tell(fact: ClusterFact): void {
    if (this.parts.isClustered) this.#server?.serverSideEmit(FACT, fact)
  }

  onFact(listener: (fact: ClusterFact) => void): void {
    this.#listeners.add(listener)
  }

  /** What this broker and all others know. Those that do not answer in time are left out. */
  async census(): Promise<readonly Census[]> {
    const own = this.takeCensus()
    if (!this.parts.isClustered || this.#server === null) return [own]
    try {
      const asked: Promise<readonly unknown[]> = this.#server.serverSideEmitWithAck(CENSUS)
      const answers = await orNothing(asked, CENSUS_WITHIN_MS)
      return [own, ...answers.flatMap(readCensus)]
    } catch (problem) {
      this.parts.log.debug('cluster.census-incomplete', failureFields(problem))
      return [own, ...answersOf(problem).flatMap(readCensus)]
    }
  }

  #hear(told: unknown): void {
    const fact = clusterFact.safeParse(told)
    // A later release may tell what this one does not know.
    if (!fact.success) return
    for (const listener of this.#listeners) listener(fact.data)
  }
}

/** The adapter keeps silent for ever when Redis is lost while it asks how many there are. */
function orNothing(asked: Promise<readonly unknown[]>, withinMs: number): Promise<readonly unknown[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<readonly unknown[]>((resolve) => {
    timer = setTimeout(resolve, withinMs, [])
  })
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}

const readCensus = (answer: unknown): readonly Census[] => {
  const parsed = census.safeParse(answer)
  return parsed.success ? [parsed.data] : []
}

/** Socket.IO hands the answers that did come along with its complaint about those that did not. */
function answersOf(problem: unknown): readonly unknown[] {
  if (typeof problem !== 'object' || problem === null || !('responses' in problem)) return []
  return Array.isArray(problem.responses) ? problem.responses : []
}
