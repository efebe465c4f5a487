import { base64url } from '@latchkey/protocol/bytes'
import type { ReplyOf } from '@latchkey/protocol/call'
import type { pushCalls } from '@latchkey/protocol/push'
import { registrationMessage } from '@latchkey/protocol/runner-identity'
import { type Refusal, type runnerCalls, type terminalCalls } from '@latchkey/protocol/runner-pairing'
import type { ControlSocket } from '../control-socket.ts'

export type RunnerCalls = typeof runnerCalls & typeof terminalCalls & typeof pushCalls
export type RunnerControl = ControlSocket<RunnerCalls>
export type Registered = ReplyOf<typeof runnerCalls, 'runner:register'>

/** This runner's identity and its proofs. */
export interface RunnerCredentials {
  readonly runnerId: string
  /** X25519 ‖ Ed25519 public keys, 64 bytes */
  readonly publicKey: Uint8Array
  /** Ed25519 */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** the broker's enrolment secret; absent for a runner that the broker knows by its key. Read at each registration. */
  readonly secret?: string | undefined
  /** 16 random bytes in hex, chosen when the process started */
  readonly incarnation: string
  /** how the machine calls itself */
  readonly label: string
  /** SHA-256 in hex of the text of each route ticket that opens a way to this runner now; asked at each registration */
  readonly routeTickets?: () => readonly string[]
  /** the devices whose apps this runner knows; asked at each registration */
  readonly deviceIds?: () => readonly string[]
}

/** Another runner may hold the code that this one drew: so many fresh ones are tried before it waits. */
const FRESH_CODES_MAX = 3

/** Refusals that a fresh code cures. */
export const CODE_SPENT: ReadonlySet<string> = new Set(['DUPLICATE_CODE', 'CODE_EXPIRED', 'CODE_NOT_FOUND'])

/**
 * Registers over a connection that has just opened: the same code as before first, since a process that comes back in time
 * keeps it, then fresh ones.
 */
export const register = (
  control: RunnerControl,
  who: RunnerCredentials,
  code: string | null,
  freshCode: () => string,
): Promise<Registered | Refusal> =>
  untilFree((each) => registerWith(control, who, each), code ?? freshCode(), freshCode, FRESH_CODES_MAX)

/** A new code for a living runner: its pairings stay. */
export const rotate = (
  control: RunnerControl,
  freshCode: () => string,
): Promise<ReplyOf<typeof runnerCalls, 'runner:rotate'> | Refusal> =>
  untilFree(
    (pairingCode) => control.call('runner:rotate', { pairingCode }),
    freshCode(),
    freshCode,
    FRESH_CODES_MAX - 1,
  )

/** Asks with `code`, and while that is spent with up to `freshMax` fresh ones. */
async function untilFree<Reply extends { readonly success: true }>(
  ask: (code: string) => Promise<Reply | Refusal>,
  code: string,
  freshCode: () => string,
  freshMax: number,
): Promise<Reply | Refusal> {
  let answer = await ask(code)
  for (let fresh = 0; fresh < freshMax && !answer.success && CODE_SPENT.has(answer.code); fresh++)
    answer = await ask(freshCode())
  return answer
}

async function registerWith(
  control: RunnerControl,
  who: RunnerCredentials,
  pairingCode: string,
): Promise<Registered | Refusal> {
  const challenge = await control.call('runner:challenge', {})
  if (!challenge.success) return challenge
  const { nonce } = challenge
  return control.call('runner:register', {
    runnerId: who.runnerId,
    pairingCode,
    ...(who.secret === undefined ? {} : { secret: who.secret }),
    incarnation: who.incarnation,
    publicKey: base64url(who.publicKey),
    nonce,
    signature: base64url(who.sign(registrationMessage(who.runnerId, pairingCode, nonce))),
    label: who.label.slice(0, 64),
    ...(who.routeTickets === undefined ? {} : { routeTickets: [...who.routeTickets()] }),
    ...(who.deviceIds === undefined ? {} : { deviceIds: [...who.deviceIds()] }),
  })
}
