import type { pair } from '@latchkey/domain/runner-pairing/pair'
import type { authorise, pairingStatus, unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type {
  endIfDue,
  fallSilent,
  heartbeat,
  lose,
  sayGoodbye,
} from '@latchkey/domain/runner-pairing/presence'
import type { registerRunner, rotateCode } from '@latchkey/domain/runner-pairing/register'

/** The operations under test: the domain's own, or a copy of it with a fault in it. */
export interface Protocol {
  readonly registerRunner: typeof registerRunner
  readonly rotateCode: typeof rotateCode
  readonly heartbeat: typeof heartbeat
  readonly fallSilent: typeof fallSilent
  readonly lose: typeof lose
  readonly sayGoodbye: typeof sayGoodbye
  readonly endIfDue: typeof endIfDue
  readonly pair: typeof pair
  readonly unpair: typeof unpair
  readonly pairingStatus: typeof pairingStatus
  readonly authorise: typeof authorise
}
