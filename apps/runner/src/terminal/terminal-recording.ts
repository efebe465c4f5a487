import type { Size } from '@latchkey/protocol/terminal/streams'
import type { LineMode } from '../pty/line-mode.ts'
import type { Exit } from '../pty/pty-process.ts'
import type { Recording } from '../recording/recording.ts'
import type { Recordings } from '../recording/recordings.ts'
import { Tape } from '../recording/tape.ts'
import type { Picture } from '../screens/screen-messages.ts'
import type { KeptOutput } from './kept-output.ts'
import type { SecretWatch } from './secret-watch.ts'
import type { ViewerPort } from './viewer.ts'

const SIGNALLED = 128

interface Recorded {
  readonly terminal: number
  readonly output: KeptOutput
  readonly secrets: SecretWatch
  readonly askMode: () => Promise<LineMode | null>
  readonly isPrivate: () => boolean
  readonly name: () => string
  readonly size: () => Size
  readonly onChanged: () => void
}

type State =
  | { readonly status: 'off' }
  /** the screen with which it begins was asked for */
  | { readonly status: 'beginning' }
  | { readonly status: 'on'; readonly tape: Tape }

/** The recording of one terminal, if one runs. Its troubles end it, and never the terminal. */
export class TerminalRecording {
  readonly #recordings: Recordings | null
  readonly #of: Recorded
  #state: State = { status: 'off' }
  #exit: Exit | null = null

  /** @param recordings null where nothing is recorded */
  constructor(recordings: Recordings | null, of: Recorded) {
    this.#recordings = recordings
    this.#of = of
  }

  get isOn(): boolean {
    return this.#state.status !== 'off'
  }

  /** As apps are told. */
  get fact(): { readonly recording?: boolean } {
    return this.#recordings === null || this.#of.isPrivate() ? {} : { recording: this.#state.status === 'on' }
  }

  /**
   * Begins; resolves once everything is recorded, with a sentence when that cannot be. Where one runs already, it goes on.
   * @param askScreen gives the screen as it is, and where in the output that was
   */
  async start(askScreen: (give: (picture: Picture) => void) => void): Promise<string | null> {
    if (this.#recordings === null) return 'This machine makes no recordings.'
    if (this.#exit !== null) return 'The program in this terminal has ended.'
    if (this.#of.isPrivate()) return 'This terminal is private: nothing of it is kept. Record another one.'
    if (this.isOn) return null
    this.#state = { status: 'beginning' }
    const { terminal, name, size } = this.#of
    const of = { terminal, title: name(), ...size() }
    const recording = await this.#recordings.begin(of, () => this.#off())
    if (typeof recording === 'string') {
      this.#off()
      return recording
    }
    // It was stopped meanwhile.
    if (this.#state.status !== 'beginning') {
      await recording.end(STOPPED)
      return 'The recording was stopped.'
    }
    return new Promise((resolve) =>
      askScreen((picture) => {
        if (!recording.hasEnded && this.#state.status === 'beginning') this.#begins(recording, picture, of)
        else void recording.end(STOPPED)
        resolve(null)
      }),
    )
  }

  /** Ends it, if one runs. Resolves when its file is closed. */
  async stop(why = STOPPED): Promise<void> {
    const state = this.#state
    this.#off()
    if (state.status === 'on') await state.tape.end(why)
  }

  printed(offset: number, bytes: Uint8Array): void {
    if (this.#state.status !== 'on') return
    this.#state.tape.printed(offset, bytes)
    this.#endAfterLast()
  }

  resized({ cols, rows }: Size): void {
    if (this.#state.status === 'on') this.#state.tape.resized(cols, rows)
  }

  typed({ app, appId, label }: Pick<ViewerPort, 'app' | 'appId' | 'label'>, bytes: Uint8Array): void {
    if (this.#state.status === 'on') this.#state.tape.typed({ app: appId ?? app, label }, bytes)
  }

  /** The program ended; its last output may still be on its way from the keeper. */
  exited(exit: Exit): void {
    this.#exit = exit
    this.#endAfterLast()
  }

  #begins(recording: Recording, picture: Picture, header: Size): void {
    const { output, secrets, askMode, size } = this.#of
    const tape = new Tape({
      recording,
      offset: picture.offset,
      isHidden: async () => {
        const mode = await askMode()
        return mode === null || secrets.secret || (mode.canonical && !mode.echo)
      },
      isUnsure: () => secrets.isUnsure,
      nowMs: () => performance.now(),
    })
    this.#state = { status: 'on', tape }
    this.#of.onChanged()
    const isOther = (a: Size, b: Size) => a.cols !== b.cols || a.rows !== b.rows
    if (isOther(picture, header)) tape.resized(picture.cols, picture.rows)
    tape.screen(picture.bytes)
    const since = output.read(picture.offset, output.end - picture.offset)
    if (since !== null) tape.printed(picture.offset, since)
    if (isOther(size(), picture)) this.resized(size())
    this.#endAfterLast()
  }

  #endAfterLast(): void {
    if (this.#exit === null || this.#state.status !== 'on') return
    const { tape } = this.#state
    if (tape.offset < this.#of.output.end) return
    const { code, signal } = this.#exit
    tape.exited(signal === null || signal === 0 ? code : SIGNALLED + signal)
    void this.stop('The program ended.')
  }

  #off(): void {
    if (!this.isOn) return
    this.#state = { status: 'off' }
    this.#of.onChanged()
  }
}

const STOPPED = 'The recording was stopped.'
