import { join } from 'node:path'
import { cleanName } from '@latchkey/domain/files/file-name'
import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import { TRANSFERS_MAX } from '@latchkey/protocol/terminal/files'
import { type FeatureBytes, Stream } from '@latchkey/protocol/terminal/streams'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import { ArrivalBook, arrivalId } from './arrival-book.ts'
import { type Arrival, ArrivingFile } from './arriving-file.ts'
import { LeavingFile } from './leaving-file.ts'
import { mayUse } from './may-use.ts'
import { type RefusedFile, refusalOf, refusedFile } from './refused-file.ts'
import { noRoom, targetFolder } from './target-folder.ts'
import type { TransferLog } from './transfer-log.ts'

/** The largest file that an app may send, unless the owner says otherwise. */
export const FILE_MIB_MAX = 2_048

export interface FilesOptions {
  /** where it is remembered how far files have come */
  readonly stateFolder: string
  readonly bytesMax: number
  readonly log: TransferLog
  readonly nowMs: () => number
}

type Ask<T extends AppFeatureMessage['type']> = Extract<AppFeatureMessage, { readonly type: T }>

interface FilesFeature extends ChannelFeature {
  /** Leaves the files that arrive; resolves when none is written or put in its place any more. */
  settled(): Promise<void>
}

/** Files from apps to this machine, and from it to them. */
export function filesFeature(options: FilesOptions): FilesFeature {
  const arrivals = new Arrivals(options)
  return {
    settled: () => arrivals.settled(),
    name: 'files',
    hears: new Set(['sendFile', 'fetchFile', 'fileCredit', 'fileEnd', 'fileCancel']),
    streams: new Set([Stream.files]),
    joined: (app) => new AppFiles(app, arrivals, options),
  }
}

/** The files that arrive, of all apps: each is open once, whatever channels ask for it. */
class Arrivals {
  readonly #options: FilesOptions
  readonly #book: ArrivalBook
  readonly #open = new Map<string, Promise<ArrivingFile | RefusedFile | string>>()

  constructor(options: FilesOptions) {
    this.#options = options
    this.#book = new ArrivalBook(join(options.stateFolder, 'arrivals'), options.nowMs())
  }

  /** The file, where it goes on; where it lies when it has arrived; or why not. */
  begin(app: FeatureApp, ask: Ask<'sendFile'>): Promise<ArrivingFile | RefusedFile | string> {
    const id = arrivalId(app.appId ?? app.app, ask.key)
    const before = this.#open.get(id) ?? Promise.resolve(null)
    const opened = before.then(async (earlier) => {
      // A channel that was lost may not know it yet.
      if (earlier instanceof ArrivingFile) await earlier.leave()
      return this.#begin(id, app, ask).catch((problem) => refusalOf(problem, ask.name))
    })
    this.#open.set(id, opened)
    const over = () => this.#open.get(id) === opened && this.#open.delete(id)
    void opened.then((file) => {
      if (file instanceof ArrivingFile) file.onOver = over
      else over()
    })
    return opened
  }

  async settled(): Promise<void> {
    for (const file of await Promise.all(this.#open.values()))
      if (file instanceof ArrivingFile) await file.leave()
  }

  async #begin(
    id: string,
    app: FeatureApp,
    ask: Ask<'sendFile'>,
  ): Promise<ArrivingFile | RefusedFile | string> {
    const known = this.#book.read(id)
    if (known !== null && known.bytes !== ask.bytes)
      return refusedFile('CHANGED', 'The file is not the one that was sent before. Send it anew.')
    if (known !== null) return ArrivingFile.open(id, known, this.#book)
    const { bytesMax } = this.#options
    if (ask.bytes > bytesMax)
      return refusedFile(
        'TOO_LARGE',
        `This machine takes files of up to ${bytesMax / 1024 / 1024} MiB. Its owner sets it: LATCHKEY_FILE_MIB_MAX.`,
      )
    const folder = await targetFolder(app.folder(ask.terminal ?? null), ask.into)
    if (typeof folder !== 'string') return folder
    const full = await noRoom(folder, ask.bytes)
    if (full !== null) return full
    const record = { folder, name: cleanName(ask.name), bytes: ask.bytes, path: null }
    await this.#book.write(id, record)
    return ArrivingFile.open(id, record, this.#book)
  }
}

/** A transfer of one channel. `null` while it is being opened. */
type Transfer = ArrivingFile | LeavingFile | null

class AppFiles implements AppFeature {
  readonly #app: FeatureApp
  readonly #arrivals: Arrivals
  readonly #options: FilesOptions
  readonly #transfers = new Map<number, Transfer>()
  #left = false

  constructor(app: FeatureApp, arrivals: Arrivals, options: FilesOptions) {
    this.#app = app
    this.#arrivals = arrivals
    this.#options = options
  }

  hear(message: AppFeatureMessage): void {
    if (message.type === 'sendFile')
      void this.#begin(message.transfer, 'send', message.name, () => this.#receive(message))
    else if (message.type === 'fetchFile')
      void this.#begin(message.transfer, 'fetch', message.path, () => this.#fetch(message))
    else if (message.type === 'fileCredit') this.#granted(message)
    else if (message.type === 'fileEnd') this.#finish(message)
    else if (message.type === 'fileCancel') this.#cancel(message.transfer)
  }

  take({ number, seq, bytes }: FeatureBytes): boolean {
    const transfer = this.#transfers.get(number)
    // It was refused or canceled: late bytes of it are under way.
    if (!(transfer instanceof ArrivingFile)) return true
    const taken = transfer.take(seq, bytes)
    if (taken === null) return false
    void taken.then((arrival) => this.#arrived(number, transfer, arrival))
    return true
  }

  resumed(): void {
    for (const transfer of this.#transfers.values()) if (transfer instanceof LeavingFile) void transfer.pump()
  }

  left(): void {
    this.#left = true
    for (const transfer of this.#transfers.values()) this.#leave(transfer)
    this.#transfers.clear()
  }

  async #begin(
    number: number,
    use: 'send' | 'fetch',
    name: string,
    open: () => Promise<Transfer | RefusedFile>,
  ): Promise<void> {
    const refusal = this.#whyNot(number, use)
    if (refusal !== null) return this.#refuse(number, name, refusal)
    this.#transfers.set(number, null)
    const opened = await open()
    if (opened !== null && 'refused' in opened) return this.#refuse(number, name, opened)
    if (this.#left) return this.#leave(opened)
    if (this.#transfers.get(number) !== null) return this.#unwanted(opened)
    // Arrived before: nothing is open.
    if (opened === null) return void this.#transfers.delete(number)
    this.#transfers.set(number, opened)
    if (opened instanceof ArrivingFile) return this.#arrived(number, opened, opened.now)
    const { path, bytes, changedAtMs, tag } = opened
    this.#app.tell({ type: 'fileFound', transfer: number, path, bytes, changedAtMs, tag })
  }

  #whyNot(number: number, use: 'send' | 'fetch'): RefusedFile | null {
    if (!mayUse(this.#app, use))
      return refusedFile('NOT_ALLOWED', 'This app may look at this machine, not exchange files.')
    if (this.#transfers.has(number)) return refusedFile('FAILED', 'This transfer is open already.')
    if (this.#transfers.size < TRANSFERS_MAX) return null
    return refusedFile('TOO_MANY', `At most ${TRANSFERS_MAX} files go at once. Wait for one of them.`)
  }

  async #receive(ask: Ask<'sendFile'>): Promise<ArrivingFile | RefusedFile | null> {
    const begun = await this.#arrivals.begin(this.#app, ask)
    if (typeof begun !== 'string') return begun
    this.#app.tell({ type: 'fileDone', transfer: ask.transfer, path: begun })
    return null
  }

  #fetch({
    transfer: number,
    path,
    from,
    tag,
    terminal,
  }: Ask<'fetchFile'>): Promise<LeavingFile | RefusedFile> {
    const base = this.#app.folder(terminal ?? null)
    return LeavingFile.open({ path, from, tag }, base, {
      isPaused: () => this.#app.paused,
      send: (seq, bytes) => this.#app.send({ stream: Stream.files, seq, number, bytes }),
      sent: (sha256) => {
        const transfer = this.#transfers.get(number)
        this.#transfers.delete(number)
        this.#app.tell({ type: 'fileSent', transfer: number, sha256 })
        if (transfer instanceof LeavingFile)
          this.#log({ did: 'file-sent', path: transfer.path, bytes: transfer.bytes, sha256 })
      },
      refused: (refusal) => this.#refuse(number, path, refusal),
    })
  }

  #granted({ transfer: number, upTo }: Ask<'fileCredit'>): void {
    const transfer = this.#transfers.get(number)
    if (transfer instanceof LeavingFile) transfer.grant(upTo)
  }

  #finish({ transfer: number, sha256 }: Ask<'fileEnd'>): void {
    const transfer = this.#transfers.get(number)
    if (transfer instanceof ArrivingFile)
      void transfer.finish(sha256).then((arrival) => this.#arrived(number, transfer, arrival))
  }

  #cancel(number: number): void {
    const transfer = this.#transfers.get(number)
    this.#transfers.delete(number)
    this.#unwanted(transfer ?? null)
  }

  #unwanted(transfer: Transfer): void {
    if (transfer instanceof ArrivingFile) void transfer.cancel()
    else transfer?.close()
  }

  #arrived(number: number, file: ArrivingFile, arrival: Arrival): void {
    if (this.#transfers.get(number) !== file) return
    switch (arrival.status) {
      case 'arriving':
        return this.#app.tell({
          type: 'fileWritten',
          transfer: number,
          have: arrival.have,
          upTo: arrival.upTo,
        })
      case 'arrived':
        this.#transfers.delete(number)
        this.#app.tell({ type: 'fileDone', transfer: number, path: arrival.path })
        return this.#log({
          did: 'file-received',
          path: arrival.path,
          bytes: file.bytes,
          sha256: arrival.sha256,
        })
      case 'refused':
        return this.#refuse(number, file.name, arrival.refusal)
      case 'over':
        return
    }
  }

  #refuse(number: number, name: string, { refused: code, message }: RefusedFile): void {
    this.#transfers.delete(number)
    this.#app.tell({ type: 'fileRefused', transfer: number, code, message: message.slice(0, 1_000) })
    this.#log({ did: 'file-refused', name, code })
  }

  #leave(transfer: Transfer): void {
    if (transfer instanceof ArrivingFile) void transfer.leave()
    else transfer?.close()
  }

  #log(
    facts: { readonly did: 'file-received' | 'file-sent' | 'file-refused' } & Readonly<
      Record<string, string | number>
    >,
  ): void {
    const { appId: app, label } = this.#app
    this.#options.log.write({ app, label, ...facts }, this.#options.nowMs())
  }
}
