import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { Stream } from '@latchkey/protocol/terminal/streams'
import { type Observable, subject } from '../observable.ts'
import { BulkPace } from './bulk-pace.ts'
import { type Digest, type FileTransfer, messageOf, type TransferRefusal } from './file-transfer.ts'
import type { FeatureVoice } from './link-feature.ts'

/** A file of this end. `read` rejects when it is not any more the file that it was. */
export interface FileSource {
  readonly name: string
  readonly bytes: number
  read(from: number, to: number): Promise<Uint8Array>
}

export interface WantedSending {
  /** 16 random bytes in hex; the same one again goes on with what the machine has */
  readonly key: string
  readonly source: FileSource
  /** whose folder it goes to; null: the folder in which the machine's shells start */
  readonly terminal: number | null
  /** the folder `.latchkey` in it, or that folder itself */
  readonly into: 'own' | 'working'
}

export type SendingState =
  /** for the link, or for other files */
  | { readonly status: 'waiting'; readonly have: number }
  /** `have`: the machine has written so many bytes */
  | { readonly status: 'sending'; readonly have: number }
  | { readonly status: 'done'; readonly path: string }
  | { readonly status: 'refused'; readonly code: TransferRefusal; readonly message: string }
  | { readonly status: 'canceled' }

export interface Sending {
  readonly name: string
  readonly bytes: number
  readonly state: Observable<SendingState>
  /** The machine removes the part that has arrived. */
  cancel(): void
}

/** Read at once: a small read costs a browser as much as a large one. */
const BLOCK_BYTES = 256 * 1024
/** More than this that the network has not taken would stand before a key that is pressed. */
const BUFFERED_BYTES_MAX = 64 * 1024

export class SendingFile implements Sending, FileTransfer {
  readonly number: number
  readonly state = subject<SendingState>({ status: 'waiting', have: 0 })
  readonly #wanted: WantedSending
  readonly #digest: Digest
  readonly #nowMs: () => number
  readonly #onOver: () => void
  readonly #pace = new BulkPace()
  #voice: FeatureVoice | null = null
  /** of this channel; null until the machine has said where to go on */
  #sent: number | null = null
  #have = 0
  #upTo = 0
  #block: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array(0) }
  #digested = 0
  /** of the whole, once it is read */
  #sha256: string | null = null
  #pumping = false
  /** there was news while the last step ran */
  #isStirred = false
  #ended = false

  constructor(
    number: number,
    wanted: WantedSending,
    how: { readonly digest: Digest; readonly nowMs: () => number; readonly onOver: () => void },
  ) {
    this.number = number
    this.#wanted = wanted
    this.#digest = how.digest
    this.#nowMs = how.nowMs
    this.#onOver = how.onOver
  }

  get name(): string {
    return this.#wanted.source.name
  }

  get bytes(): number {
    return this.#wanted.source.bytes
  }

  get isOver(): boolean {
    const { status } = this.state.current
    return status === 'done' || status === 'refused' || status === 'canceled'
  }

  cancel(): void {
    if (this.isOver) return
    this.#voice?.say({ type: 'fileCancel', transfer: this.number })
    this.#over({ status: 'canceled' })
  }

  begin(voice: FeatureVoice): void {
    const { key, terminal, into } = this.#wanted
    this.#voice = voice
    this.#sent = null
    this.#ended = false
    voice.say({
      type: 'sendFile',
      transfer: this.number,
      key,
      name: this.name.slice(0, 1_000),
      bytes: this.bytes,
      ...(terminal === null ? {} : { terminal }),
      into,
    })
  }

  lost(): void {
    this.#voice = null
    this.#sent = null
    if (!this.isOver) this.state.set({ status: 'waiting', have: this.#have })
  }

  hear(message: RunnerFeatureMessage): void {
    if (this.isOver) return
    if (message.type === 'fileWritten') this.#written(message.have, message.upTo)
    else if (message.type === 'fileDone') this.#over({ status: 'done', path: message.path })
    else if (message.type === 'fileRefused')
      this.#over({ status: 'refused', code: message.code, message: message.message })
  }

  take(): boolean {
    return false
  }

  pump(): void {
    this.#isStirred = true
    if (!this.#pumping) void this.#pump()
  }

  #written(have: number, upTo: number): void {
    // A machine that says more than it was sent is wrong; the digest will tell.
    this.#have = Math.min(have, this.bytes)
    this.#upTo = Math.min(upTo, this.bytes)
    if (this.#sent === null) {
      this.#sent = this.#have
      this.#pace.begin(this.#have, this.#nowMs())
    } else this.#pace.delivered(this.#have, this.#nowMs())
    this.state.set({ status: 'sending', have: this.#have })
    this.pump()
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    try {
      while (this.#isStirred) {
        this.#isStirred = false
        while (await this.#step());
      }
    } catch (problem) {
      if (!this.isOver) {
        this.#voice?.say({ type: 'fileCancel', transfer: this.number })
        this.#over({ status: 'refused', code: 'OWN_FILE', message: messageOf(problem) })
      }
    } finally {
      this.#pumping = false
    }
  }

  /** Sends a chunk, or the end; false when there is nothing to do now. */
  async #step(): Promise<boolean> {
    const voice = this.#voice
    const from = this.#sent
    if (this.isOver || voice === null || from === null) return false
    if (from === this.bytes) return this.#end(voice)
    const allowed = Math.min(this.#upTo, this.#have + this.#pace.windowBytes)
    const to = Math.min(from + this.#pace.chunkBytes, this.bytes)
    if (to > allowed || !voice.writable || voice.bufferedBytes > BUFFERED_BYTES_MAX) return false
    const bytes = await this.#read(from, to)
    await this.#digestUpTo(from)
    // Meanwhile the channel was lost, and another one may go on elsewhere.
    if (voice !== this.#voice || this.#sent !== from || this.isOver) return true
    this.#digestBytes(from, bytes)
    voice.send({ stream: Stream.files, seq: from, number: this.number, bytes })
    this.#sent = to
    this.#pace.sent(to, this.#nowMs())
    return true
  }

  async #end(voice: FeatureVoice): Promise<boolean> {
    if (this.#ended) return false
    this.#ended = true
    await this.#digestUpTo(this.bytes)
    this.#sha256 ??= this.#digest.hex()
    if (voice === this.#voice) voice.say({ type: 'fileEnd', transfer: this.number, sha256: this.#sha256 })
    return voice !== this.#voice
  }

  async #read(from: number, to: number): Promise<Uint8Array> {
    const has = () => from >= this.#block.from && to <= this.#block.from + this.#block.bytes.length
    if (!has()) {
      const end = Math.min(Math.max(to, from + BLOCK_BYTES), this.bytes)
      this.#block = { from, bytes: await this.#wanted.source.read(from, end) }
    }
    if (!has()) throw new Error('The file became shorter while it was read.')
    return this.#block.bytes.subarray(from - this.#block.from, to - this.#block.from)
  }

  /** The machine had bytes from an earlier try of another process: they are part of the whole. */
  async #digestUpTo(offset: number): Promise<void> {
    while (this.#digested < offset) {
      const from = this.#digested
      const bytes = await this.#wanted.source.read(from, Math.min(from + BLOCK_BYTES, offset))
      if (bytes.length === 0) throw new Error('The file became shorter while it was read.')
      this.#digestBytes(from, bytes)
    }
  }

  #digestBytes(from: number, bytes: Uint8Array): void {
    const known = this.#digested - from
    if (known < 0 || known >= bytes.length) return
    this.#digest.update(bytes.subarray(known))
    this.#digested = from + bytes.length
  }

  #over(state: SendingState): void {
    this.state.set(state)
    this.#onOver()
  }
}
