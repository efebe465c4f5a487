import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { storeTime } from '../decide.ts'
import { deviceOf, tokenOf } from '../device-pairing/event-subject.ts'
import { settleMesh } from '../device-pairing/settle-mesh.ts'
import { MemoryMesh } from './mesh.ts'

/** Keeps everything in this process. A transaction is one turn of the event loop, which makes it atomic. */
export function memoryPairingRepository(options: {
  /** milliseconds since the epoch; the repository never lets it run backwards */
  readonly clock: () => number
}): PairingRepository {
  const time = storeTime(options.clock)
  const mesh = new MemoryMesh()
  return {
    async run(operation) {
      const now = time()
      const settling = settleMesh(operation, now)
      let step = settling.next()
      while (!step.done) step = settling.next(mesh.read(step.value, now))
      const { writes, events = [], answer } = step.value
      for (const write of writes) mesh.apply(write, now)
      mesh.remember(events)
      return answer
    },
    async listDevices() {
      return [...mesh.nodes.values()]
        .filter(({ revokedAt }) => revokedAt === null)
        .sort((a, b) => a.createdAt - b.createdAt)
    },
    listPairings: async (limit) => newest(mesh.pairings.values(), limit, ({ startedAt }) => startedAt),
    listTokens: async (limit) => newest(mesh.tokens.values(), limit, ({ createdAt }) => createdAt),
    listSessions: async (limit) => newest(mesh.sessions.values(), limit, ({ createdAt }) => createdAt),
    listEnrolments: async () => [...mesh.enrolments.values()].sort((a, b) => a.at - b.at),
    listJoinKeys: async (limit) => newest(mesh.joinKeys.values(), limit, ({ createdAt }) => createdAt),
    listWatchers: async () => [...mesh.watchers.values()].sort((a, b) => a.createdAt - b.createdAt),
    async listEvents({ limit, nodeId, token }) {
      return mesh.events
        .filter(
          ({ event }) =>
            (nodeId === undefined || deviceOf(event) === nodeId) &&
            (token === undefined || tokenOf(event) === token),
        )
        .slice(-Math.max(1, limit))
        .reverse()
    },
    purge: async (kept) => mesh.purge(kept, time()),
  }
}

const newest = <T>(records: Iterable<T>, limit: number, atOf: (record: T) => number): readonly T[] =>
  [...records].sort((a, b) => atOf(b) - atOf(a)).slice(0, limit)
