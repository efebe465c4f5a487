import type { ReplyOf } from '@latchkey/protocol/call'
import type { appCalls, Refusal } from '@latchkey/protocol/runner-pairing'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Size } from '@latchkey/protocol/terminal/streams'
import type { Observable } from '../observable.ts'
import type { Platform } from '../transport.ts'
import type { LinkFeature } from './link-feature.ts'
import type { LinkState } from './link-state.ts'
import type { AppSealing, PairingUrlSecret } from './sealer.ts'

export type Paired = ReplyOf<typeof appCalls, 'app:pair'>
export type PairingStatus = ReplyOf<typeof appCalls, 'app:pairing:status'>
export type Unpaired = ReplyOf<typeof appCalls, 'app:unpair'>

/** Codes TIMEOUT (outcome unknown: ask `status`) and NETWORK_ERROR (never sent) are this end's own. */
export type { Refusal }

/** A terminal to open. `like`: in the folder of that past terminal; `private`: its machine keeps nothing of it on disk. */
export interface WantedTerminal extends Size {
  readonly name?: string
  readonly like?: number
  readonly private?: boolean
}

export interface AppLinkOptions {
  /** http(s) address of the broker, with its path when it is not at the root */
  readonly brokerUrl: string
  /** what `onCredential` handed over last time; null for an app session that begins */
  readonly credential: string | null
  /** the peer token of this device in the broker's mesh, asked at each connection; null for a device outside it */
  readonly peerToken?: () => string | null
  /** how this app calls itself, for the person at the machine; at most 64 characters */
  readonly label: string
  /** BCP 47 */
  readonly locale: string
  readonly platform: Platform
  /** how input and output are sealed from the broker; null: not at all */
  readonly seal: AppSealing | null
  /** what this app does with machines beside their terminals */
  readonly features?: readonly LinkFeature[]
  /** A new or renewed credential: keep it, it is the app's right to its machine. */
  readonly onCredential: (credential: string) => void
}

/** One app session with at most one machine. Comes back by itself after any loss, until `close`. */
export interface AppLink {
  readonly state: Observable<LinkState>
  /** every terminal of the machine, as last heard; empty before the first connection */
  readonly terminals: Observable<readonly TerminalInfo[]>
  /** the machine as it calls itself; null before the first connection */
  readonly machine: Observable<Machine | null>
  /** the runner this app is paired with, as the broker says; null when there is none or it is not known yet */
  readonly pairing: Observable<Pairing | null>

  /**
   * Whether the last channel was sealed; null before there was one. Stays what it was while the link is away.
   */
  readonly sealed: Observable<boolean | null>

  /**
   * Pairs with the machine that shows `code`. Waits up to 8 s for the broker. Ends all watches of an earlier machine.
   * With `secret`, from a pairing URL, the person is asked nothing. Without it the state becomes `pin-wanted` when the link is
   * sealed and the machine new to this app.
   */
  pair(code: string, secret?: PairingUrlSecret | null): Promise<Paired | Refusal>
  /**
   * The digits on the machine's screen, with the state `pin-wanted`. One try each; the state says what became of it. Digits
   * that were typed in the last ten minutes are not used: say so, and ask again.
   */
  givePin(pin: string): GivenPin
  /** The person will not type it: the machine takes its PIN down, the state becomes `refused` with `given-up`. */
  cancelPin(): void
  status(): Promise<PairingStatus | Refusal>
  unpair(): Promise<Unpaired | Refusal>

  /** The page became visible, the device came online: finds out within 2 s whether the link is alive, else makes a new one. */
  wake(): void
  /** Ends the waiting for the next try; after a refusal, begins a new attempt with the same code. */
  reconnectNow(): void
  close(): void

  /**
   * The machine sends its output at once, which waits for `watch`. Before the first connection it goes with the greeting; later,
   * without one, the answer is OFFLINE.
   */
  openTerminal(wanted: WantedTerminal): Promise<OpenedTerminal>
  /** False when the machine is not reached: nothing was sent then. */
  closeTerminal(terminal: number): boolean
  rename(terminal: number, name: string): boolean
  /** Begins or ends a recording on the machine; false also when the machine makes none. */
  record(terminal: number, on: boolean): boolean

  /**
   * Before the first connection: `watch` of this terminal will follow, so it is asked for with the greeting. Costs nothing when it does
   * not, or when there is no such terminal.
   */
  expect(terminal: number, size: Size): void
  /** Begins to watch; a second watch of the same terminal ends the first. `size` is what this app would like to have. */
  watch(terminal: number, size: Size, sink: TerminalSink): TerminalWatch
}

export interface Machine {
  readonly name: string
  readonly shell: string
  /** this app's handle, as in `TerminalInfo.owner` and `watchers` */
  readonly you: string
  /** false when the owner of the machine lets this app only look */
  readonly mayType: boolean
  /** whether it takes files from this app */
  readonly maySend: boolean
}

export interface Pairing {
  readonly runnerId: string
  readonly runnerLabel: string
}

export type OpenedTerminal =
  | { readonly ok: true; readonly terminal: number }
  /** OFFLINE: nothing was sent. TIMEOUT: the outcome is unknown, look at `terminals`. Else the machine's own code. */
  | { readonly ok: false; readonly code: string; readonly message: string }

/** A terminal's whole screen as bytes to write to an empty one of this size. */
export interface Snapshot extends Size {
  readonly bytes: Uint8Array
}

/** Where a watched terminal is drawn. Calls come in the order of the output. */
export interface TerminalSink {
  /** Draw `bytes`, then call `drawn` once: that is what lets the machine send more. The bytes are the sink's to keep. */
  write(bytes: Uint8Array, drawn: () => void): void
  /** Replace everything drawn so far: at the beginning, and when too much was missed. */
  reset(snapshot: Snapshot, drawn: () => void): void
  /** `byteCount` bytes of output are lost for good; a `reset` follows. Show it. */
  gap(byteCount: number): void
  /** The terminal's size, which this app may not have chosen: draw with it. */
  size(size: Size): void
  /** The program has ended and all its output has been written. */
  exited(exit: { readonly code: number; readonly signal: number | null }): void
  /** The terminal is no more (closed, or another machine was paired). Nothing is heard after this. */
  gone(): void
}

/** The outcome of `givePin`. `typed-before`: nothing was sent, for a machine shows new digits each time. */
export type GivenPin = 'given' | 'typed-before' | 'not-asked'

/** The outcome of `type`. `full`: more than 1 MiB is unacknowledged, nothing was taken. */
export type Typed = 'taken' | 'full' | 'view-only' | 'ended'

/** Input that the machine has not acknowledged yet. */
export interface PendingInput {
  readonly byteCount: number
  /** the bytes themselves, oldest first, to show them as pending */
  bytes(): Uint8Array
}

/** Input that waited too long to be sent without a question. */
export interface HeldInput extends PendingInput {
  /** when the oldest of it was typed */
  readonly sinceMs: number
}

export interface TerminalWatch {
  readonly terminal: number
  readonly pending: Observable<PendingInput>
  /**
   * Not null: at reconnect the oldest unacknowledged input was older than 10 s. Nothing is sent, not even new
   * input, until `sendHeld` or `discardHeld`.
   */
  readonly held: Observable<HeldInput | null>
  /**
   * How many bytes `type` takes now. A paste that is longer is refused before its first byte; a source that can wait is read
   * through an `InputGate`.
   */
  readonly room: number
  /** Takes bytes to be typed once, in order, now or after the next reconnection. All of them or nothing. */
  type(bytes: Uint8Array): Typed
  sendHeld(): void
  /** Forgets the held input. Input after the question arose stays. */
  discardHeld(): void
  /** The size this app would like, coalesced for 150 ms. The machine is asked unless another app owns the size. */
  resize(size: Size): void
  /** Makes this app's size the terminal's. */
  takeSize(size: Size): void
  /** The drawing is spoilt: a `reset` with the whole screen follows. Input is not touched. */
  redraw(): void
  /** Up to `lines` lines above the screen; null when the machine is not reached or does not answer within 10 s. */
  scrollback(lines: number): Promise<Snapshot | null>
  /** Ends the watch; the terminal lives on. */
  detach(): void
}
