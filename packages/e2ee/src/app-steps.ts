import type { Entropy } from '@latchkey/domain/kernel'
import type { Grant } from './grant.ts'
import type { ChannelSecrets, HandshakeEnded, Ignored } from './handshake.ts'
import type { AgreementKey, Primitives } from './primitives.ts'

/** How this app comes in, with the secrets for it. */
export type WayIn =
  | { readonly method: 'pin'; readonly code: string; readonly label: string }
  | {
      readonly method: 'qr'
      readonly code: string
      readonly label: string
      /** the runner's X25519 key, from the QR code */
      readonly reach: Uint8Array
      /** 16 bytes, from the QR code */
      readonly oneTimeSecret: Uint8Array
    }
  | {
      readonly method: 'resume'
      readonly reach: Uint8Array
      readonly appId: Uint8Array
      readonly resumeKey: Uint8Array
    }
  | {
      /** by a share link, which opens one terminal; nothing of the grant is kept */
      readonly method: 'share'
      readonly label: string
      readonly reach: Uint8Array
      /** 8 bytes, not secret */
      readonly shareId: Uint8Array
      /** 16 bytes, from the fragment */
      readonly secret: Uint8Array
    }
  | {
      /** as a device of the machine's owner */
      readonly method: 'fleet'
      readonly label: string
      readonly reach: Uint8Array
      /** 16 bytes, known to the fleet */
      readonly secret: Uint8Array
      /** by which the owner names this app's key */
      readonly certificate: Uint8Array
    }

export interface AppHandshakeOptions {
  readonly primitives: Primitives
  readonly entropy: Entropy
  readonly runnerId: string
  /** 16 bytes, from the broker */
  readonly pid: Uint8Array
  /** this app's X25519 key, the same for all its runners' lives */
  readonly key: AgreementKey
  readonly way: WayIn
  /** u16, told to the runner in its greeting; no bit has a meaning yet */
  readonly capabilities: number
}

export type AppStep =
  /** ask the person for the PIN on the runner's screen, then call `enterPin` */
  | {
      readonly status: 'pin-wanted'
      readonly pinDigits: number
      readonly ttlS: number
      readonly runnerLabel: string
      readonly send: readonly Uint8Array[]
    }
  | { readonly status: 'waiting'; readonly send: readonly Uint8Array[] }
  /** keep grant and key BEFORE the first frame is sent: it may make the runner forget the key before this one */
  | {
      readonly status: 'open'
      readonly grant: Grant
      readonly runner: RunnerKeys
      readonly secrets: ChannelSecrets
      readonly send: readonly Uint8Array[]
    }
  | HandshakeEnded
  | Ignored

/** The runner's keys, as the app now knows them. `sign` is null unless CPace told it; a revocation list brings it along. */
export interface RunnerKeys {
  readonly reach: Uint8Array
  readonly sign: Uint8Array | null
}
