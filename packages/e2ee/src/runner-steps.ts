import type { Entropy } from '@latchkey/domain/kernel'
import type { ChannelSecrets, HandshakeEnded, HandshakeRefusal, Ignored, Method } from './handshake.ts'
import type { AgreementKey, Primitives } from './primitives.ts'
import type { ResumeKeys } from './resume-keys.ts'

/** The input and the answers of the runner's end of a handshake. */

export interface RunnerHandshakeOptions {
  readonly primitives: Primitives
  readonly entropy: Entropy
  /** 16 bytes, from the broker */
  readonly pid: Uint8Array
  /** the pairing code that is shown, in any form */
  readonly code: string
  readonly runner: RunnerIdentity
  readonly pinDigits: number
  /** how long the PIN can be typed; the limit is L7's 120 s */
  readonly pinTtlS: number
  /** the runner's own knowledge; asked when it matters, not before */
  readonly policy: RunnerPolicy
}

export interface RunnerIdentity {
  readonly runnerId: string
  /** the X25519 key, and the public half of the Ed25519 key */
  readonly reach: AgreementKey
  readonly sign: Uint8Array
  readonly label: string
}

export interface RunnerPolicy {
  /** Whether somebody may come in this way now; if not, why. One handshake at a time, windows and locks are decided here. */
  admit(method: Method): HandshakeRefusal | null
  /** The secret in the QR code that is shown, 16 bytes; null when there is none. */
  oneTimeSecret(): Uint8Array | null
  /** The secret of the share link of this id, 16 bytes; null when there is none, or it has ended. */
  shareSecret(shareId: Uint8Array): Uint8Array | null
  /** What the fleet of this machine's owner knows, 16 bytes; null where it has no owner, or none may come so. */
  fleetSecret(): Uint8Array | null
  knownApp(appId: Uint8Array): KnownApp | null
  /** Whether this key was ever revoked: it stays out for ever, also with a PIN. */
  isRevoked(appKey: Uint8Array): boolean
}

export interface KnownApp {
  readonly appKey: Uint8Array
  readonly keys: ResumeKeys
  /** the greatest time this app has greeted with, milliseconds by its own clock */
  readonly greetedAtMs: number
  /** held: an alarm was raised, and these keys open nothing until the owner has decided */
  readonly standing: 'welcome' | 'held' | 'revoked'
}

/** An app that proved its key and the secret of its way in. Store `greetedAtMs` before anything else happens. */
export interface ProvedApp {
  readonly method: Method
  readonly appKey: Uint8Array
  /** how it calls itself, cleaned for display; null when it returns, since the runner has its name */
  readonly label: string | null
  /** null when it is new */
  readonly appId: Uint8Array | null
  /** the resume key that it came with, secret; null when it is new */
  readonly resumeKey: Uint8Array | null
  /** the share link that it came by; null for every other way */
  readonly shareId: Uint8Array | null
  /** what a device of a fleet showed, unchecked; null for every other way */
  readonly certificate: Uint8Array | null
  readonly greetedAtMs: number
  readonly capabilities: number
}

export type RunnerStep =
  | { readonly status: 'waiting'; readonly send: readonly Uint8Array[] }
  /** show the PIN, with who asks; take it down at the next step */
  | {
      readonly status: 'pin-asked'
      readonly pin: string
      readonly label: string
      readonly send: readonly Uint8Array[]
    }
  /** the PIN is burnt: a guess was made, right or wrong. Count it before `send` is sent */
  | { readonly status: 'pin-burnt'; readonly send: readonly Uint8Array[] }
  /** call `grant`, or `refuse` */
  | { readonly status: 'proved'; readonly app: ProvedApp; readonly send: readonly [] }
  | { readonly status: 'open'; readonly secrets: ChannelSecrets; readonly send: readonly Uint8Array[] }
  /** two hold this app's keys: hold it, tell the owner */
  | { readonly status: 'cloned'; readonly appId: Uint8Array; readonly send: readonly Uint8Array[] }
  | HandshakeEnded
  | Ignored
