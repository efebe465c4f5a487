import type {
  MeshKey,
  MeshOperation,
  MeshOutcome,
  MeshReading,
  MeshReadings,
  MeshView,
} from '@latchkey/domain/device-pairing/ports'
import { type Instant, invariant } from '@latchkey/domain/kernel'

/** What one key was read as. */
export type Reading = MeshReadings[MeshReading] | undefined

/** What a decision came to, all it asked for having been read. */
export type SettledMesh<Answer> = Exclude<MeshOutcome<Answer>, { readonly need: readonly MeshKey[] }>

/** A decision that asks for more this often goes in circles. */
const ROUNDS_MAX = 16

/**
 * Runs a decision, showing it what it named and then what it asks for, until it knows what to write. Yields one key at a
 * time and is given what it stands for, so that stores which wait for their answers and stores which do not run the same.
 */
export function* settleMesh<Answer>(
  { keys, decide }: MeshOperation<Answer>,
  now: Instant,
): Generator<MeshKey, SettledMesh<Answer>, Reading> {
  const read = new Map<string, Reading>()
  const view: MeshView = {
    has: (kind, id) => read.has(nameOf({ kind, id })),
    get: <K extends MeshReading>(kind: K, id: string) => {
      const name = nameOf({ kind, id })
      invariant(read.has(name), `a decision read ${kind} without naming it`)
      // Kept under a name that begins with its kind, so it is of that kind.
      return read.get(name) as MeshReadings[K] | undefined
    },
  }
  let wanted = keys
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = read.size
    for (const key of wanted) if (!read.has(nameOf(key))) read.set(nameOf(key), yield key)
    invariant(round === 0 || read.size > before, 'a decision asked for what it has been shown')
    const outcome = decide(view, now)
    if (!('need' in outcome)) return outcome
    wanted = outcome.need
  }
  invariant(false, 'a decision kept asking for more')
}

const nameOf = ({ kind, id }: MeshKey): string => `${kind}:${id}`
