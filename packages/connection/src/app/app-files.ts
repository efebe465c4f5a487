import type { RunnerFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { type FeatureBytes, Stream } from '@latchkey/protocol/terminal/streams'
import { type Observable, subject } from '../observable.ts'
import { type Fetching, FetchingFile } from './fetching-file.ts'
import type { Digest, FileTransfer } from './file-transfer.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'
import { type Sending, SendingFile, type WantedSending } from './sending-file.ts'

/** More at once only share the way; the rest waits in order. */
const OPEN_MAX = 3
const NUMBERS = 0x10000

/** Files between this app and its machine. Hand `feature` to the link. */
export interface AppFiles {
  readonly feature: LinkFeature
  /** whether the machine of the last channel exchanges files */
  readonly isOffered: Observable<boolean>
  send(wanted: WantedSending): Sending
  /** @param wanted.path absolute, from `~`, or from the folder of the terminal */
  fetch(wanted: { readonly path: string; readonly terminal: number | null }): Fetching
}

export function appFiles(how: { readonly newDigest: () => Digest; readonly nowMs: () => number }): AppFiles {
  const isOffered = subject(false)
  const transfers = new Transfers()
  const parts = () => ({ digest: how.newDigest(), nowMs: how.nowMs, onOver: () => transfers.next() })
  return {
    isOffered,
    feature: {
      name: 'files',
      hears: new Set(['fileWritten', 'fileDone', 'fileFound', 'fileSent', 'fileRefused']),
      streams: new Set([Stream.files]),
      offered: (voice) => {
        isOffered.set(true)
        transfers.offered(voice)
      },
      hear: (message) => transfers.hear(message),
      take: (bytes) => transfers.take(bytes),
      pump: () => transfers.pump(),
      lost: () => transfers.lost(),
    },
    send: (wanted) => transfers.add(new SendingFile(transfers.freeNumber(), wanted, parts())),
    fetch: (wanted) => transfers.add(new FetchingFile(transfers.freeNumber(), wanted, parts())),
  }
}

/** All files that are on their way or wait, in order. */
class Transfers {
  readonly #waiting: FileTransfer[] = []
  readonly #open = new Map<number, FileTransfer>()
  #voice: FeatureVoice | null = null
  #lastNumber = 0

  /** A number that no transfer has: numbers of transfers that have ended come back last. */
  freeNumber(): number {
    this.#lastNumber = (this.#lastNumber + 1) % NUMBERS
    return this.#lastNumber
  }

  add<T extends FileTransfer>(transfer: T): T {
    this.#waiting.push(transfer)
    this.next()
    return transfer
  }

  /** Begins those that wait, as far as there is room. */
  next(): void {
    for (const transfer of this.#open.values()) if (transfer.isOver) this.#open.delete(transfer.number)
    while (this.#open.size < OPEN_MAX) {
      const transfer = this.#waiting.shift()
      if (transfer === undefined) return
      if (transfer.isOver) continue
      this.#open.set(transfer.number, transfer)
      if (this.#voice !== null) transfer.begin(this.#voice)
    }
  }

  offered(voice: FeatureVoice): void {
    this.#voice = voice
    for (const transfer of this.#open.values()) transfer.begin(voice)
  }

  lost(): void {
    this.#voice = null
    for (const transfer of [...this.#open.values()]) transfer.lost()
  }

  hear(message: RunnerFeatureMessage): void {
    if ('transfer' in message) this.#open.get(message.transfer)?.hear(message)
  }

  take(bytes: FeatureBytes): boolean {
    return this.#open.get(bytes.number)?.take(bytes) ?? true
  }

  pump(): void {
    for (const transfer of this.#open.values()) transfer.pump()
  }
}
