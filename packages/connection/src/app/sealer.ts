import type { Envelope } from '@latchkey/protocol/terminal/envelope'
import type { TypedPinStore } from './typed-pins.ts'

/**
 * The sealing of a pairing URL, handed in: this package knows no cryptography. `packages/e2ee/src/app-sealer.ts` is the one
 * implementation; platforms bring primitives, a store and a lock.
 */
export interface Sealer {
  /** Whether this app was ever let in sealed by that runner: then nothing else will do (SECURITY C52). */
  knows(runnerId: string): Promise<boolean>
  /** The route ticket that leads to a known runner without a code; null for an unknown one. */
  routeTicket(runnerId: string): Promise<string | null>
  /** The route ticket in a pairing URL; null when the URL does not name its runner. */
  pairingUrlTicket(secret: PairingUrlSecret): string | null
  /** The name of the pairing by which this app was last let in there, where its broker takes a credential in place of a ticket; else null. */
  pairingName(runnerId: string): Promise<string | null>
  /** One handshake to open one channel. */
  handshake(meeting: SealMeeting): SealHandshake
}

/**
 * How an app comes in to a runner that it does not know yet. A known one is returned to by the key it granted, unless the
 * runner has just turned that away (`asNew`): then with a key of its own that the runner never saw.
 */
export type WayIn =
  /** a typed code: the person is asked for the PIN on the machine's screen */
  | { readonly by: 'code'; readonly code: string; readonly asNew: boolean }
  /** a QR code or pairing URL: the person is asked nothing */
  | { readonly by: 'link'; readonly code: string; readonly secret: PairingUrlSecret; readonly asNew: boolean }

/** The parts of a pairing URL besides its code. */
export interface PairingUrlSecret {
  /** the runner's X25519 key, 32 bytes */
  readonly reach: Uint8Array
  /** 16 bytes; good once */
  readonly oneTimeSecret: Uint8Array
  /** the runner that the URL names; null where it names none: the code finds it then */
  readonly runnerId: string | null
  /** of a device of the machine's owner: the owner's word about this app's key, in place of a secret that is good once */
  readonly certificate?: Uint8Array
}

export interface SealMeeting {
  readonly runnerId: string
  /** 16 bytes, from the broker */
  readonly pid: Uint8Array
  /** whether the broker takes the app's credential in place of a ticket the next time */
  readonly takesCredential?: boolean
  /** null without a code or pairing URL: the app comes in by an earlier grant, or not at all */
  readonly way: WayIn | null
  /** how this app calls itself */
  readonly label: string
}

/** Feed it every payload, one after the other; send what each step says. It ends with `open` or `refused`. */
export interface SealHandshake {
  begin(): Promise<SealStep>
  hear(payload: Uint8Array): Promise<SealStep>
  enterPin(pin: string): Promise<SealStep>
  /** Gives up. Whatever the handshake held is free again. */
  cancel(): Promise<SealStep>
}

export type SealStep =
  | { readonly status: 'waiting'; readonly send: readonly Uint8Array[] }
  | {
      readonly status: 'pin-wanted'
      readonly digits: number
      readonly withinMs: number
      /** as the machine calls itself, cleaned for display */
      readonly machine: string
      readonly send: readonly Uint8Array[]
    }
  /** What the runner granted is stored already. */
  | { readonly status: 'open'; readonly envelope: SealedEnvelope; readonly send: readonly Uint8Array[] }
  | { readonly status: 'refused'; readonly refusal: SealRefusal; readonly send: readonly Uint8Array[] }

export interface SealedEnvelope extends Envelope {
  /** It has served its hour: a new handshake is due, so that a stolen key heals. */
  readonly isStale: boolean
  /** Forgets its keys. */
  end(): void
}

/**
 * Why no sealed channel came about. What the machine answers before it is proved could come from the broker as well: a
 * refusal ends a handshake, and never makes the app forget a key or go on unsealed.
 */
export type SealRefusal =
  /** not the PIN on the screen, which is burnt now: `reconnectNow` asks for a fresh one */
  | 'pin-mismatch'
  /** somebody else is being asked for a PIN: wait a minute, then `reconnectNow` */
  | 'busy'
  /** too many wrong PINs: pairing is locked until the machine's owner unlocks it */
  | 'locked'
  /** the machine has shown as many PINs as it may for a while; a pairing URL still lets in, and its owner's unlocking */
  | 'window-closed'
  /** PIN, code or pairing URL are no longer good: `pair` with the one that the machine shows now */
  | 'expired'
  /** the machine's owner turned this app away, or the machine has forgotten it: `pair` by its code asks anew */
  | 'revoked'
  /** one of the two ends is too old for the other */
  | 'version'
  /** a proof failed: a wrong pairing URL, or an attacker in between */
  | 'not-authentic'
  /** this is another machine than the one that this app knows by this name (SECURITY C51) */
  | 'runner-changed'
  /** this app has no key for this machine: `pair` by its code or pairing URL */
  | 'no-key'
  /** the machine does not seal, and nothing less will do */
  | 'cannot-seal'
  /** the person gave up, or the connection was lost too often while the person was asked */
  | 'given-up'

/** How a link is sealed. */
export interface AppSealing {
  readonly sealer: Sealer
  /** the runner of this link, once that is known: the app speaks to no other */
  readonly runnerId: string | null
  /**
   * Whether a machine that does not seal is spoken to all the same, which the state then says. Never one that this app
   * has seen sealed, and never by a link with a key.
   */
  readonly allowUnsealed: boolean
  /** the PINs that were typed before; absent: those of this link alone */
  readonly typedPins?: TypedPinStore
}

/** One runner, as a sealed app remembers it. */
export interface SealedRunner {
  readonly runnerId: string
  /** as it calls itself */
  readonly label: string
  /** its X25519 key: another key is another runner */
  readonly reach: Uint8Array
  /** 16 bytes: how it knows this app */
  readonly appId: Uint8Array
  /** 32 secret bytes: with which this app returns */
  readonly resumeKey: Uint8Array
  readonly permissions: { readonly view: boolean; readonly input: boolean; readonly admin: boolean }
  /** the greatest time that this app has greeted it with */
  readonly greetedAtMs: number
  /** the broker's name for the pairing, 16 bytes in hex, where it takes a credential in place of a ticket */
  readonly pairingName?: string | undefined
}

/** Where a platform keeps what a sealed app remembers: readable by its user alone, each record whole or not at all. */
export interface SealStore {
  read(runnerId: string): Promise<SealedRunner | null>
  /** Resolves once it would survive a crash. */
  keep(runner: SealedRunner): Promise<void>
}
