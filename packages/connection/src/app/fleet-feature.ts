import type { FleetRights } from '@latchkey/domain/fleet/fleet'
import type { FleetFact } from '@latchkey/protocol/terminal/fleet'
import { type Observable, subject } from '../observable.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'

/** The owner of a machine, and the owner's devices, as the machine knows them. */
export interface FleetFeature extends LinkFeature {
  /** null while no channel is open, or where the machine knows of no fleets */
  readonly fact: Observable<FleetFact | null>
  /** the reason of the machine's last refusal, for a person; null when it has refused nothing since */
  readonly refused: Observable<string | null>
  /** Gives the machine this owner (base64url), and says what the owner's devices may do there. */
  adopt(owner: string, allowed: FleetRights): void
  /** Brings a signed list (base64url): the machine takes it if it is newer. */
  give(list: string): void
}

export function fleetFeature(): FleetFeature {
  const fact = subject<FleetFact | null>(null)
  const refused = subject<string | null>(null)
  let voice: FeatureVoice | null = null
  return {
    name: 'fleet',
    hears: new Set(['fleet', 'fleetRefused']),
    fact,
    refused,
    offered: (given) => {
      voice = given
    },
    hear(message) {
      if (message.type === 'fleetRefused') refused.set(message.message)
      if (message.type !== 'fleet') return
      const { type: _, ...said } = message
      fact.set(said)
    },
    lost() {
      voice = null
      fact.set(null)
    },
    adopt(owner, allowed) {
      refused.set(null)
      voice?.say({ type: 'fleetAdopt', owner, allowed })
    },
    give: (list) => voice?.say({ type: 'fleetList', list }),
  }
}
