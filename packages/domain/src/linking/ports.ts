import type { Instant } from '../kernel.ts'
import type { CodeBudget } from './code-budget.ts'
import type { SocketEvent } from './effects.ts'
import type { LinkMethod, LinkSessionId, PhoneNumber } from './link.ts'
import type { LinkRecord } from './records.ts'

/** Every kind of record that linking keeps, by the name of its key. */
export interface LinkingRecords {
  /** by session id */
  session: LinkRecord
  /** by number: which session has linked it, so that a second company cannot take it */
  phone: { readonly sessionId: LinkSessionId }
  /** `numbers`: what the digests of numbers are keyed with. Made once, so that no secret of the operator's changes them */
  secret: { readonly key: string }
  /** by `session:…`, `phone:…`, `address:…` */
  budget: CodeBudget
}
export type LinkingKind = keyof LinkingRecords

export interface LinkingKey<K extends LinkingKind = LinkingKind> {
  readonly kind: K
  readonly id: string
}

/** The named records as they stand together. Reading an unnamed key throws. */
export interface LinkingView {
  get<K extends LinkingKind>(kind: K, id: string): LinkingRecords[K] | undefined
}

export type LinkingWrite = {
  [K in LinkingKind]:
    | {
        readonly put: K
        readonly id: string
        readonly value: LinkingRecords[K]
        readonly sweepAt: Instant | null
      }
    | { readonly drop: K; readonly id: string }
}[LinkingKind]

/** Pure; may run several times. `now` is the store's time. */
export type LinkingDecide<Answer> = (
  view: LinkingView,
  now: Instant,
) => { readonly writes: readonly LinkingWrite[]; readonly answer: Answer }

/** One decision and the records it starts from: `store.run(operation)`. */
export interface LinkingOperation<Answer> {
  readonly keys: readonly LinkingKey[]
  readonly decide: LinkingDecide<Answer>
}

/** One row of credentials: `kind` and `name` as the client library calls it; sealed before it gets here. */
export interface CredentialRow {
  readonly kind: string
  readonly name: string
  /** null removes the row */
  readonly sealed: Uint8Array | null
}

/** Where sessions and their sealed credentials are kept. One suite tests every adapter. */
export interface LinkingStore {
  /** All writes of the decision or none. Rejects only when the store itself failed. */
  run<Answer>(operation: LinkingOperation<Answer>): Promise<Answer>
  /** All sessions, unordered: for restoring them and for taking over those whose node is gone. */
  sessions(): Promise<readonly LinkRecord[]>
  /**
   * Writes rows in one transaction if `epoch` is the one of the session's lease at that moment; else nothing, and false.
   * `replace` removes every other row of the session first.
   */
  writeCredentials(
    sessionId: LinkSessionId,
    epoch: number,
    rows: readonly CredentialRow[],
    options?: { readonly replace?: boolean },
  ): Promise<boolean>
  /** The named rows of one kind, or all rows of the session; missing ones are left out. */
  readCredentials(
    sessionId: LinkSessionId,
    wanted: { readonly kind: string; readonly names: readonly string[] } | 'all',
  ): Promise<ReadonlyArray<{ readonly kind: string; readonly name: string; readonly sealed: Uint8Array }>>
  /** Removes records past their `sweepAt`; answers with their number. */
  sweep(): Promise<number>
}

/** One row of credentials, opened. */
export interface CredentialText {
  readonly kind: string
  readonly name: string
  readonly text: string | null
}

/** The credentials of one session as the client library sees them: text, opened. Rejects when they cannot be read or kept. */
export interface CredentialShelf {
  read(kind: string, names: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** All of `rows` or nothing; a null value removes. */
  write(rows: readonly CredentialText[]): Promise<void>
}

/** One connection to WhatsApp. Every call settles in bounded time, whatever the other end does. */
export interface WhatsAppSocket {
  /** Asks for a code; its outcome is told as an event. */
  askForCode(phone: PhoneNumber): void
  /** Waits until everything that was to be kept is kept. Rejects when something could not be. */
  flush(): Promise<void>
  /** Tells WhatsApp that this device goes, and ends. */
  logOut(): Promise<void>
  /** Ends within two seconds; nothing is told afterwards. */
  end(): Promise<void>
}

/** How a connection is opened. Resolves with the connection at once; what it does is told by `on`. */
export interface SocketOptions {
  /** `fresh`: registers a new device and forgets the kept credentials; `linked`: logs in with them */
  readonly as: 'fresh' | 'linked'
  readonly method: LinkMethod | null
  readonly shelf: CredentialShelf
  /** every QR of this connection holds this long; null for the library's own times */
  readonly qrMs: number | null
  readonly on: (said: SocketEvent) => void
  /** a write failed under an open connection */
  readonly onWriteFailed: () => void
}

/** The client library behind the port: loaded only where linking is switched on. */
export interface WhatsAppLibrary {
  readonly name: string
  readonly version: string
  open(options: SocketOptions): Promise<WhatsAppSocket>
}
