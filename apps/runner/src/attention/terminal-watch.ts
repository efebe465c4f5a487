import { LAST_LINE_CHARS_MAX } from '@latchkey/protocol/terminal/attention'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { KeptEar, KeptHandle } from '../keeper/keeper-client.ts'
import type { FromKeeper, ToKeeper } from '../keeper/keeper-messages.ts'
import type { LineMode } from '../pty/line-mode.ts'
import type { HostedTerminal } from '../terminal/terminal.ts'
import { Evidence, type Finding } from './evidence.ts'
import { FocusReports } from './focus-reports.ts'
import { foreground } from './look.ts'
import { Looks } from './looks.ts'
import { SignParser } from './sign-parser.ts'
import { statusText } from './status-text.ts'
import type { AdapterWord, TerminalStatus } from './terminal-status.ts'

/** A change of state, program or message is told at once, but not more often than this. */
const STATE_EVERY_MS = 250
/** Lines, titles and progress change with every output of some programs. */
const REST_EVERY_MS = 2_000
/** A screen that draws a flood answers late: the status then goes with the lines of before. */
const ROWS_WITHIN_MS = 500
const LAST_LINES = 3

/** A terminal to watch. */
export interface Watched {
  readonly kept: KeptHandle
  /** null while it is being made, and when it is gone */
  readonly hosted: () => HostedTerminal | null
  readonly askMode: () => Promise<LineMode | null>
}

export interface WatchOptions {
  /** milliseconds of a clock that never goes back */
  readonly nowMs: () => number
  /** epoch milliseconds */
  readonly timeMs: () => number
  /** whether the owner is still to be asked about shell integration */
  readonly mayIntegrate: () => boolean
  /** `isNews` is false for the first status after a start of the runner */
  readonly onStatus: (status: TerminalStatus, isNews: boolean) => void
}

/** Knows what one terminal's program is doing, from its output, its kernel and its screen. */
export class TerminalWatch implements KeptEar {
  readonly #watched: Watched
  readonly #options: WatchOptions
  readonly #evidence = new Evidence()
  readonly #looks: Looks
  readonly #focus: FocusReports
  readonly #stopHearing: () => void
  #parser = new SignParser()
  /** output below this was read */
  #read: number
  /** output below this was printed for an earlier runner */
  readonly #livesFrom: number
  #state: Pick<TerminalStatus, 'state' | 'kind'> = { state: 'idle' }
  #sinceMs: number
  #lines: readonly string[] = []
  /** something was drawn since the lines were read */
  #linesAreOld = false
  /** the newest that was told, as text; null while nothing was */
  #told: string | null = null
  #status: TerminalStatus | null = null
  #toldAtMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #timerAtMs = Number.POSITIVE_INFINITY
  #rowsTimer: NodeJS.Timeout | null = null
  #isAsking = false
  #ended = false

  constructor(watched: Watched, options: WatchOptions) {
    const { kept } = watched
    const { info } = kept
    this.#watched = watched
    this.#options = options
    this.#sinceMs = options.timeMs()
    this.#read = kept.isFollowed ? 0 : info.start
    this.#livesFrom = kept.isFollowed ? 0 : info.end
    this.#focus = new FocusReports(kept)
    this.#looks = new Looks({
      nowMs: options.nowMs,
      look: async () => {
        const mode = await watched.askMode()
        return { ...foreground(info.pid), mode }
      },
      onLook: (look) => {
        this.#evidence.looked(look, options.nowMs())
        this.weigh()
      },
    })
    this.#stopHearing = kept.overhear(this)
    if (info.exit !== null) this.#evidence.exited(info.exit)
    this.#looks.stirred()
    if (this.#isKnown) this.#tellBy(options.nowMs())
  }

  /** Null until it was told for the first time. */
  get status(): TerminalStatus | null {
    return this.#status
  }

  get name(): string {
    return this.#watched.hosted()?.info.name ?? ''
  }

  get watchers(): TerminalInfo['watchers'] {
    return this.#watched.hosted()?.info.watchers ?? []
  }

  /** Makes sure that a status is told: of a terminal of an earlier runner everything that is kept is read. */
  want(): void {
    const hosted = this.#watched.hosted()
    if (this.#status === null && hosted?.rests) hosted.askRows(() => {})
  }

  adapterSays(word: AdapterWord | null): void {
    this.#evidence.adapterSays(word)
    this.weigh()
  }

  /** Whether an app shows this terminal to a person. */
  lookedAt(isLookedAt: boolean): void {
    this.#focus.lookedAt(isLookedAt, this.#evidence.wantsFocus)
  }

  heard(message: FromKeeper): void {
    if (message.type === 'kept') this.#skipTo(message.start)
    if (message.type === 'output') this.#printed(message.offset, message.bytes)
    if (message.type !== 'exited') return
    this.#evidence.exited(message.exit)
    this.weigh()
  }

  sent(message: ToKeeper): void {
    if (message.type !== 'input' || message.bytes.length === 0 || this.#focus.isOwn(message.writer)) return
    if (isReport(message.bytes)) return
    this.#evidence.typed(this.#options.nowMs())
    this.weigh()
    this.#looks.stirred()
  }

  end(): void {
    this.#ended = true
    this.#stopHearing()
    this.#looks.end()
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#rowsTimer !== null) clearTimeout(this.#rowsTimer)
  }

  /** Whether all that an earlier runner left was read. */
  get #isKnown(): boolean {
    return this.#read >= this.#livesFrom
  }

  /** Output before `offset` is not there any more: a sequence may have been cut. */
  #skipTo(offset: number): void {
    if (offset <= this.#read) return
    this.#parser = new SignParser()
    this.#read = offset
  }

  #printed(offset: number, bytes: Uint8Array): void {
    this.#skipTo(offset)
    const fresh = bytes.subarray(Math.max(0, this.#read - offset))
    if (fresh.length === 0) return
    const nowMs = this.#options.nowMs()
    this.#parser.feed(fresh, (sign) => this.#evidence.note(sign, nowMs))
    this.#read = offset + bytes.length
    this.#linesAreOld = true
    if (!this.#isKnown) return
    this.#evidence.printed(nowMs)
    this.#focus.wanted(this.#evidence.wantsFocus)
    this.weigh()
    this.#looks.stirred()
  }

  /** Weighs all evidence; what it says is told if it is new. */
  weigh(): void {
    if (this.#ended || !this.#isKnown) return
    const nowMs = this.#options.nowMs()
    const { state, kind, program, message } = this.#evidence.finding(nowMs)
    const isUrgent =
      state !== this.#state.state ||
      kind !== this.#state.kind ||
      program !== this.#status?.program ||
      message !== this.#status?.message
    if (state !== this.#state.state || kind !== this.#state.kind) {
      this.#state = { state, ...(kind === undefined ? {} : { kind }) }
      this.#sinceMs = this.#options.timeMs()
    }
    if (!this.#evidence.wantsFocus) this.#focus.wanted(false)
    this.#tellBy(this.#toldAtMs + (isUrgent ? STATE_EVERY_MS : REST_EVERY_MS))
  }

  #tellBy(atMs: number): void {
    if (this.#isAsking || atMs >= this.#timerAtMs) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, atMs - this.#options.nowMs()))
  }

  /** Reads the rows if they may have changed, then tells. */
  #ask(): void {
    this.#timer = null
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const hosted = this.#watched.hosted()
    if (!this.#linesAreOld || !hosted || hosted.rests) return this.#tell()
    this.#isAsking = true
    this.#linesAreOld = false
    const done = () => {
      if (!this.#isAsking) return
      this.#isAsking = false
      if (this.#rowsTimer !== null) clearTimeout(this.#rowsTimer)
      this.#rowsTimer = null
      if (!this.#ended) this.#tell()
    }
    this.#rowsTimer = setTimeout(() => {
      this.#linesAreOld = true
      done()
    }, ROWS_WITHIN_MS)
    hosted.askRows((rows) => {
      this.#lines = lastLines(rows)
      done()
    })
  }

  #tell(): void {
    // The screen answered late.
    if (this.#linesAreOld) this.#tellBy(this.#options.nowMs() + REST_EVERY_MS)
    const status = this.#composed()
    const told = JSON.stringify(status)
    if (told === this.#told) return
    const isNews = this.#told !== null || this.#livesFrom === 0
    this.#told = told
    this.#status = status
    this.#toldAtMs = this.#options.nowMs()
    this.#options.onStatus(status, isNews)
    // What happened while the rows were read.
    this.weigh()
  }

  #composed(): TerminalStatus {
    const { title, folder } = this.#evidence
    const finding: Finding = this.#evidence.finding(this.#options.nowMs())
    const where = folder?.path ?? this.#looks.last?.folder ?? null
    const integration = this.#evidence.hasMarks ? 'on' : this.#options.mayIntegrate() ? 'ask' : undefined
    return {
      terminal: this.#watched.kept.info.terminal,
      ...finding,
      ...this.#state,
      sinceMs: this.#sinceMs,
      ...(title === '' ? {} : { title }),
      ...(where === null ? {} : { folder: where }),
      lastLines: [...this.#lines],
      ...(integration === undefined ? {} : { integration }),
    }
  }
}

/** The last lines that are not blank, oldest first. */
const lastLines = (rows: readonly string[]): readonly string[] =>
  rows
    .map((row) => statusText(row, LAST_LINE_CHARS_MAX).trimEnd())
    .filter((row) => row !== '')
    .slice(-LAST_LINES)

/** Focus, mouse, and answers to questions: an emulator's words, not a person's. */
function isReport(bytes: Uint8Array): boolean {
  const [first, second, third] = bytes
  if (first !== 0x1b || second === undefined) return false
  if (second !== 0x5b) return REPORTING_STRINGS.has(second)
  return third !== undefined && REPORTS.has(third)
}
/** What follows `CSI` in reports: `I`, `O`, `M`, `<`, `?`, `>`. */
const REPORTS: ReadonlySet<number> = new Set([0x49, 0x4f, 0x4d, 0x3c, 0x3f, 0x3e])
/** What follows `ESC` in strings: `]`, `P`, `_`. */
const REPORTING_STRINGS: ReadonlySet<number> = new Set([0x5d, 0x50, 0x5f])
