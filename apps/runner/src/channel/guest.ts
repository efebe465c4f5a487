import { type Envelope, unsealed } from '@latchkey/protocol/terminal/envelope'

/** An envelope with an end: what one channel of the runner speaks through. */
export interface AppEnvelope extends Envelope {
  /** @param replay whether it tells of the past */
  seal(plaintext: Uint8Array, replay?: boolean): Uint8Array
  /** false once nothing can be sealed any more */
  readonly isOpen: boolean
  /** the app said goodbye, and it was the app */
  readonly wasLeft: boolean
  /** a new handshake is overdue: the app should have come back by itself */
  readonly isStale: boolean
  /** the last thing to send; null when there is nothing */
  goodbye(): Uint8Array | null
}

export const openEnvelope: AppEnvelope = {
  ...unsealed,
  isOpen: true,
  wasLeft: false,
  isStale: false,
  goodbye: () => null,
}

/** The app that owns a channel, after it was let in. */
export interface Guest {
  readonly envelope: AppEnvelope
  /** the name by which other apps know it and its typing is counted */
  readonly handle: string
  /** the name that the owner uses, 16 bytes in hex; null in a host without a doorkeeper */
  readonly appId: string | null
  /** it has proved its keys: the broker reads nothing of what it says and hears */
  readonly sealed: boolean
  readonly label: string
  readonly mayType: boolean
  /** may answer questions of agents */
  readonly mayApprove: boolean
  /** may send files */
  readonly maySend: boolean
  /** when it came to know this machine, epoch milliseconds */
  readonly knownSinceMs: number
  /** the one terminal of a share link; null for an app that this machine knows */
  readonly only: number | null
}
