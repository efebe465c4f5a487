import type { LedgerState } from '@latchkey/domain/terminal/input-ledger'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Exit, Program } from '../pty/pty-process.ts'

/**
 * What a runner and its keeper say to each other. Both sides may be of different releases: a message that is not known is
 * passed over, fields are only added, at the end, and the version says which of them the other side knows. It grows with every
 * change of the keeper: an older one is replaced when it has no terminals.
 */
export const KEEPER_VERSION = 2

/** runner: uses the terminals, one at a time. owner: looks at them and may end them; the command line. */
export type KeeperRole = 'runner' | 'owner'

/** What happens to one size of a terminal: the `seq`-th change of it, counted from 1, after `offset` bytes of output. */
export interface Resized extends Size {
  readonly seq: number
  readonly offset: number
}

/** Of a terminal whose size never changed, or whose keeper does not say it (version 1). */
export const NEVER_RESIZED: Pick<Resized, 'seq' | 'offset'> = { seq: 0, offset: 0 }

/** An emulator's state as its runner packed it, after `offset` bytes of output. The keeper does not look inside. */
export interface KeptPicture extends Size {
  readonly offset: number
  /** changes of size that are in it */
  readonly resizes: number
  /** bytes of the terminal's own answers that were typed before it */
  readonly replied: number
  readonly bytes: Uint8Array
}

/** A terminal without its output. */
export interface KeptTerminalInfo extends Size {
  readonly terminal: number
  readonly pid: number
  /** path of the terminal that the program has */
  readonly tty: string
  /** epoch milliseconds */
  readonly startedAtMs: number
  /** the output that is kept: [start, end), by offset */
  readonly start: number
  readonly end: number
  /** offset of the kept picture; null when there is none */
  readonly pictureAt: number | null
  readonly replied: number
  readonly exit: Exit | null
  readonly name: string
  /** what the runner wanted to remember about it */
  readonly note: Uint8Array
  readonly ledger: LedgerState
  /** the last change of its size */
  readonly resized: Pick<Resized, 'seq' | 'offset'>
}

export type ToKeeper =
  | {
      readonly type: 'hello'
      readonly version: number
      readonly role: KeeperRole
      readonly token: Uint8Array
    }
  | {
      readonly type: 'open'
      readonly request: number
      readonly terminal: number
      readonly size: Size
      readonly name: string
      readonly program: Program
    }
  /** sends the kept output, then new output as it comes */
  | About<'follow'>
  /** stops sending, if nothing was printed after `offset` */
  | About<'rest', { readonly offset: number }>
  | About<'attach', { readonly writer: string; readonly connection: number }>
  | About<'detach', { readonly writer: string; readonly connection: number }>
  | About<'giveUp', { readonly writer: string }>
  /** typed by an app: `from` is the offset in all that this writer typed */
  | About<
      'input',
      {
        readonly writer: string
        readonly connection: number
        readonly from: number
        readonly bytes: Uint8Array
      }
    >
  /** typed by the terminal itself: `from` is the offset in all its answers */
  | About<'reply', { readonly from: number; readonly bytes: Uint8Array }>
  | About<'resize', { readonly size: Size }>
  | About<'pause'>
  | About<'resume'>
  /** HUP, then KILL */
  | About<'end'>
  | About<'kill'>
  /** nothing more of a terminal that has ended is wanted */
  | About<'forget'>
  | About<'describe', { readonly name: string; readonly note: Uint8Array }>
  | About<'picture', { readonly picture: KeptPicture }>
  | { readonly type: 'endAll' }
  /** ends the keeper when it has no terminals */
  | { readonly type: 'retire' }

export type FromKeeper =
  /** one for each terminal, before `welcome` */
  | { readonly type: 'listed'; readonly info: KeptTerminalInfo }
  | {
      readonly type: 'welcome'
      readonly version: number
      readonly pid: number
      readonly startedAtMs: number
      /** whether a runner is there */
      readonly runner: boolean
    }
  /** followed by the end of the connection */
  | { readonly type: 'refused'; readonly busy: boolean; readonly sentence: string }
  | {
      readonly type: 'opened'
      readonly request: number
      readonly pid: number
      readonly tty: string
      readonly startedAtMs: number
    }
  | { readonly type: 'notOpened'; readonly request: number; readonly message: string }
  /** answers `follow`; the kept output comes next, as if it were printed now */
  | About<
      'kept',
      {
        readonly start: number
        readonly end: number
        /** the size at the beginning */
        readonly first: Size
        readonly picture: KeptPicture | null
        readonly replied: number
      }
    >
  | About<'output', { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> }>
  /** in its place among the output */
  | About<'resized', { readonly resized: Resized }>
  /** everything of this writer below `upTo` was typed */
  | About<'applied', { readonly writer: string; readonly upTo: number }>
  /** something was printed in a terminal that is not followed */
  | About<'stirred', { readonly end: number }>
  /** `end`: all output there will ever be */
  | About<'exited', { readonly exit: Exit; readonly end: number }>

type About<T extends string, Fields = unknown> = { readonly type: T; readonly terminal: number } & Fields

/** One direction of a connection between a keeper and its client, and when it has room. */
export interface KeeperPort<Message> {
  send(message: Message): void
  /** the other side takes less than is sent: `onDrain` of its owner follows */
  readonly isFull: boolean
  close(): void
}
