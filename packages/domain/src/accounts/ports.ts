import type { Instant } from '../kernel.ts'
import type { AccountMethod, AccountSessionId, PhoneNumber } from './account.ts'
import type { CodeBudget } from './code-budget.ts'
import type { SocketEvent } from './effects.ts'
import type { AccountRecord } from './records.ts'

/** Every kind of record that linking keeps, by the name of its key. */
export interface AccountRecords {
  /** by session id */
  session: AccountRecord
  /** by number: which session has linked it, so that a second company cannot take it */
  phone: { readonly sessionId: AccountSessionId }
  /** `numbers`: what the digests of numbers are keyed with. Made once, so that no secret of the operator's changes them */
  secret: { readonly key: string }
  /** by `session:…`, `phone:…`, `address:…` */
  budget: CodeBudget
}
export type AccountKind = keyof AccountRecords

export interface AccountKey<K extends AccountKind = AccountKind> {
  readonly kind: K
  readonly id: string
}

/** The named records as they stand together. Reading an unnamed key throws. */
export interface AccountView {
  get<K extends AccountKind>(kind: K, id: string): AccountRecords[K] | undefined
}

export type AccountWrite = {
  [K in AccountKind]:
    | {
        readonly put: K
        readonly id: string
        readonly value: AccountRecords[K]
        readonly sweepAt: Instant | null
      }
    | { readonly drop: K; readonly id: string }
}[AccountKind]

/** Pure; may run several times. `now` is the store's time. */
export type AccountDecide<Answer> = (
  view: AccountView,
  now: Instant,
) => { readonly writes: readonly AccountWrite[]; readonly answer: Answer }

/** One decision and the records it starts from: `store.run(operation)`. */
export interface AccountOperation<Answer> {
  readonly keys: readonly AccountKey[]
  readonly decide: AccountDecide<Answer>
}

/** One row of credentials: `kind` and `name` as the client library calls it; sealed before it gets here. */
export interface CredentialRow {
  readonly kind: string
  readonly name: string
  /** null removes the row */
  readonly sealed: Uint8Array | null
}

/** Where sessions and their sealed credentials are kept. One suite tests every adapter. */
export interface AccountStore {
  /** All writes of the decision or none. Rejects only when the store itself failed. */
  run<Answer>(operation: AccountOperation<Answer>): Promise<Answer>
  /** All sessions, unordered: for restoring them and for taking over those whose broker instance is gone. */
  sessions(): Promise<readonly AccountRecord[]>
  /** Sessions in the order of their ids, from the first one after `after` on; null: from the beginning. */
  page(query: { readonly after: string | null; readonly limit: number }): Promise<readonly AccountRecord[]>
  /**
   * Writes rows in one transaction if `epoch` is the one of the session's lease at that moment; else nothing, and false.
   * `replace` removes every other row of the session first.
   */
  writeCredentials(
    sessionId: AccountSessionId,
    epoch: number,
    rows: readonly CredentialRow[],
    options?: { readonly replace?: boolean },
  ): Promise<boolean>
  /** The named rows of one kind, or all rows of the session; missing ones are left out. */
  readCredentials(
    sessionId: AccountSessionId,
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
  readonly method: AccountMethod | null
  readonly shelf: CredentialShelf
  /** every QR of this connection holds this long; null for the library's own times */
  readonly qrMs: number | null
  /** what the phone lists this device as, where a QR is scanned; null: the library's own words */
  readonly deviceName: string | null
  /** the address of the proxy through which alone it connects; null: directly */
  readonly proxy: string | null
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
