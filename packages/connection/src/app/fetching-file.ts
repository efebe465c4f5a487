import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { FeatureBytes } from '@latchkey/protocol/terminal/streams'
import { type Observable, subject } from '../observable.ts'
import { BulkPace } from './bulk-pace.ts'
import { type Digest, type FileTransfer, messageOf, type TransferRefusal } from './file-transfer.ts'
import type { FeatureVoice } from './link-feature.ts'

/** Where a fetched file goes: bytes come in order, each once. */
export interface FileSink {
  write(bytes: Uint8Array): Promise<void> | void
}

export interface FoundFile {
  /** as the machine knows it, absolute */
  readonly path: string
  readonly bytes: number
  readonly changedAtMs: number
}

export type FetchingState =
  /** the machine has not said yet whether there is such a file */
  | { readonly status: 'asking' }
  /** nothing comes before `take` */
  | { readonly status: 'found'; readonly file: FoundFile }
  | { readonly status: 'fetching'; readonly file: FoundFile; readonly have: number; readonly waits: boolean }
  /** whole, by its digest */
  | { readonly status: 'done'; readonly file: FoundFile }
  | { readonly status: 'refused'; readonly code: TransferRefusal; readonly message: string }
  | { readonly status: 'canceled' }

export interface Fetching {
  readonly state: Observable<FetchingState>
  /** Lets the bytes of a file that was found come. */
  accept(sink: FileSink): void
  cancel(): void
}

/** Credit is renewed when it is this part of a window. */
const GRANT_FRACTION = 1 / 8

export class FetchingFile implements Fetching, FileTransfer {
  readonly number: number
  readonly state = subject<FetchingState>({ status: 'asking' })
  readonly #path: string
  readonly #terminal: number | null
  readonly #digest: Digest
  readonly #nowMs: () => number
  readonly #onOver: () => void
  readonly #pace = new BulkPace()
  #voice: FeatureVoice | null = null
  #sink: FileSink | null = null
  #tag: string | null = null
  /** the machine has found it on this channel */
  #open = false
  #received = 0
  #written = 0
  #granted = 0
  #last: Promise<void> = Promise.resolve()

  constructor(
    number: number,
    wanted: { readonly path: string; readonly terminal: number | null },
    how: { readonly digest: Digest; readonly nowMs: () => number; readonly onOver: () => void },
  ) {
    this.number = number
    this.#path = wanted.path
    this.#terminal = wanted.terminal
    this.#digest = how.digest
    this.#nowMs = how.nowMs
    this.#onOver = how.onOver
  }

  get isOver(): boolean {
    const { status } = this.state.current
    return status === 'done' || status === 'refused' || status === 'canceled'
  }

  accept(sink: FileSink): void {
    const { current } = this.state
    if (current.status !== 'found') return
    this.#sink = sink
    this.state.set({ status: 'fetching', file: current.file, have: 0, waits: !this.#open })
    this.#grant()
  }

  cancel(): void {
    if (this.isOver) return
    this.#voice?.say({ type: 'fileCancel', transfer: this.number })
    this.#over({ status: 'canceled' })
  }

  begin(voice: FeatureVoice): void {
    this.#voice = voice
    voice.say({
      type: 'fetchFile',
      transfer: this.number,
      path: this.#path,
      ...(this.#terminal === null ? {} : { terminal: this.#terminal }),
      from: this.#received,
      ...(this.#tag === null ? {} : { tag: this.#tag }),
    })
  }

  lost(): void {
    this.#voice = null
    this.#open = false
    this.#tellProgress()
  }

  hear(message: RunnerFeatureMessage): void {
    if (this.isOver) return
    if (message.type === 'fileFound') this.#found(message)
    else if (message.type === 'fileSent') void this.#sent(message.sha256)
    else if (message.type === 'fileRefused')
      this.#over({ status: 'refused', code: message.code, message: message.message })
  }

  take({ seq, bytes }: FeatureBytes): boolean {
    // It was canceled here, and the machine did not know yet.
    if (this.isOver) return true
    if (!this.#open || seq !== this.#received || seq + bytes.length > this.#granted) return false
    this.#received += bytes.length
    this.#digest.update(bytes)
    this.#pace.delivered(this.#received, this.#nowMs())
    this.#last = this.#last.then(() => this.#write(bytes))
    return true
  }

  pump(): void {}

  #found({
    path,
    bytes,
    changedAtMs,
    tag,
  }: Extract<RunnerFeatureMessage, { readonly type: 'fileFound' }>): void {
    this.#open = true
    this.#tag = tag
    this.#granted = this.#received
    this.#pace.begin(this.#received, this.#nowMs())
    if (this.state.current.status === 'asking')
      this.state.set({ status: 'found', file: { path, bytes, changedAtMs } })
    this.#tellProgress()
    this.#grant()
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.isOver) return
    try {
      await this.#sink?.write(bytes)
    } catch (problem) {
      this.cancel()
      return this.state.set({ status: 'refused', code: 'OWN_FILE', message: messageOf(problem) })
    }
    this.#written += bytes.length
    this.#tellProgress()
    this.#grant()
  }

  #grant(): void {
    const { current } = this.state
    if (!this.#open || current.status !== 'fetching') return
    const { windowBytes } = this.#pace
    const upTo = Math.min(this.#written + windowBytes, current.file.bytes)
    const isWorth = upTo - this.#granted >= windowBytes * GRANT_FRACTION || upTo === current.file.bytes
    // A file without bytes ends by its first credit.
    if (!isWorth || (upTo <= this.#granted && current.file.bytes > this.#granted)) return
    if (upTo === this.#granted && this.#received > 0) return
    this.#granted = upTo
    this.#pace.sent(upTo, this.#nowMs())
    this.#voice?.say({ type: 'fileCredit', transfer: this.number, upTo })
  }

  async #sent(sha256: string): Promise<void> {
    await this.#last
    const { current } = this.state
    if (current.status !== 'fetching') return
    const isWhole = this.#written === current.file.bytes && this.#digest.hex() === sha256
    if (isWhole) return this.#over({ status: 'done', file: current.file })
    const message = 'The file did not arrive as the machine has it. Fetch it again.'
    this.#over({ status: 'refused', code: 'DAMAGED', message })
  }

  #tellProgress(): void {
    const { current } = this.state
    if (current.status !== 'fetching') return
    this.state.set({ ...current, have: this.#written, waits: !this.#open })
  }

  #over(state: FetchingState): void {
    this.state.set(state)
    this.#onOver()
  }
}
