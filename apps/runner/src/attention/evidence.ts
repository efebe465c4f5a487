import { assertNever } from '@latchkey/domain/kernel'
import type { Exit } from '../pty/pty-process.ts'
import { Activity } from './activity.ts'
import type { Look } from './look.ts'
import { Reports } from './reports.ts'
import type { Progress, ReportSign, Sign } from './signs.ts'
import type { AdapterWord, TerminalStatus } from './terminal-status.ts'
import { TITLE_PATTERNS } from './title-patterns.ts'

/** What all evidence together says. */
export type Finding = Pick<TerminalStatus, 'state' | 'kind' | 'program' | 'message' | 'progress'>

/** A program may save so many titles; xterm.js keeps as many. */
const TITLES_MAX = 10
/** A command without marks of its shell that ran for less is not worth telling of its end. */
const WORTH_TELLING_MS = 2_000
const ENDED_UNKNOWN = 'The command has ended. Its exit code is not known.'

/**
 * Everything that is known of one terminal's program, and what follows from it. In order of weight: an adapter's word, the
 * program's own reports (OSC 7501), a password prompt (ECHO off), notifications and progress, the title, the bell, activity.
 * The shell's marks (OSC 133), or else the foreground process group, say whether a program runs at all. Times in
 * milliseconds of any clock.
 */
export class Evidence {
  readonly #reports = new Reports()
  readonly #activity = new Activity()
  #adapter: AdapterWord | null = null
  /** what the shell's marks say last; null while it has made none */
  #marked: 'prompt' | 'command' | null = null
  #look: Look | null = null
  #progress: { readonly state: Progress; readonly percent: number | null } | null = null
  /** wants attention until something is typed or the program goes on; `text`: null for a bell */
  #calls: { readonly text: string | null } | null = null
  /** how the last command ended, until something is typed */
  #ended: { readonly exit: number | null; readonly message: string | null } | null = null
  #exit: Exit | null = null
  #titles: string[] = []
  #alternate = false
  /** the last look found the shell at a prompt while its marks say that a command runs */
  #marksAreBehind = false
  /** since when a program was seen to run; null at a prompt */
  #runsSinceMs: number | null = null
  /** whether it takes single keys, as editors and agents do */
  #tookKeys = false
  title = ''
  /** where the shell says that it is; `byProgram`: it was said while a program ran, such as ssh */
  folder: { readonly path: string; readonly byProgram: boolean } | null = null
  /** the program wants to know whether somebody looks (mode 1004) */
  wantsFocus = false

  note(sign: Sign, atMs: number): void {
    switch (sign.type) {
      case 'bell':
        // An answer to a key, such as a completion that is not unique, is no call.
        if (!this.#activity.isTypedAt(atMs)) this.#calls ??= { text: null }
        return
      case 'notification':
        this.#calls = { text: sign.text }
        return
      case 'progress':
        this.#progress = sign.state === 'none' ? null : sign
        if (sign.state !== 'none') this.#calls = null
        return
      case 'report':
        this.#calls = null
        return this.#reports.note(sign)
      case 'title':
        return this.#titled(sign.text)
      case 'title-saved':
        if (this.#titles.length < TITLES_MAX) this.#titles.push(this.title)
        return
      case 'title-restored':
        return this.#titled(this.#titles.pop() ?? this.title)
      case 'folder':
        this.folder = {
          path: sign.host === null ? sign.path : `${sign.host}:${sign.path}`,
          byProgram: this.#look?.shellInFront === false,
        }
        return
      case 'mode':
        if (sign.mode === 'focus') this.wantsFocus = sign.on
        else this.#alternate = sign.on
        return
      case 'reset':
        return this.#reset()
      case 'prompt':
      case 'command':
      case 'command-ended':
        return this.#shellSays(sign)
      default:
        return assertNever(sign)
    }
  }

  printed(atMs: number): void {
    this.#activity.printed(atMs)
  }

  /** A person typed: the call was heard, the end was seen. */
  typed(atMs: number): void {
    this.#activity.typed(atMs)
    this.#calls = null
    this.#ended = null
    if (!this.#runs) this.#reports.clear()
  }

  /** What the kernel says now. */
  looked(look: Look, atMs: number): void {
    const ran = this.#look !== null && isRunning(this.#look)
    const isPrompt = !isRunning(look) && look.shellInFront === true
    this.#look = look
    // The marks are on their way, or those that came are of a shell that has gone, as after ssh.
    const isBehind = isPrompt && this.#marked === 'command'
    if (isBehind && this.#marksAreBehind) this.#marked = null
    if (isPrompt && (this.#marked === null ? ran || isBehind : false)) this.#programEnded(atMs)
    this.#marksAreBehind = isBehind && this.#marked !== null
    if (!this.#runs) this.#runsSinceMs = null
    else {
      this.#runsSinceMs ??= atMs
      this.#tookKeys = this.#takesKeys
    }
  }

  /** The terminal's own program, the shell, has ended. */
  exited(exit: Exit): void {
    this.#exit = exit
  }

  adapterSays(word: AdapterWord | null): void {
    this.#adapter = word
  }

  /** Whether the shell tells of its prompts and commands. */
  get hasMarks(): boolean {
    return this.#marked !== null
  }

  finding(atMs: number): Finding {
    const { program, ...found } = this.#exit === null ? this.#living(atMs) : endOf(this.#exit)
    const name = program ?? this.#look?.program ?? undefined
    return { ...found, ...(name === undefined ? {} : { program: name }) }
  }

  #living(atMs: number): Finding {
    if (this.#adapter !== null) return this.#adapter
    const report = this.#reports.leading
    if (report !== null) return reported(report)
    if (!this.#runs) return this.#calls === null ? this.#atPrompt() : called(this.#calls.text)
    const { mode = null } = this.#look ?? {}
    if (mode?.canonical === true && !mode.echo) return { state: 'needs-you', kind: 'auth' }
    if (typeof this.#calls?.text === 'string') return called(this.#calls.text)
    if (this.#progress !== null) return progressed(this.#progress)
    const titled = TITLE_PATTERNS.find(({ pattern }) => pattern.test(this.title))
    if (titled !== undefined)
      return { state: titled.state, ...(titled.kind ? { kind: titled.kind } : {}), program: titled.program }
    if (this.#calls !== null) return called(null)
    return { state: !this.#takesKeys || this.#activity.isBusyAt(atMs) ? 'working' : 'idle' }
  }

  #atPrompt(): Finding {
    if (this.#ended === null) return { state: 'idle' }
    const { exit, message } = this.#ended
    const words = message ?? (exit === null ? ENDED_UNKNOWN : exit === 0 ? null : `exit ${exit}`)
    return {
      state: exit === null || exit === 0 ? 'done' : 'failed',
      ...(words === null ? {} : { message: words }),
    }
  }

  /** Whether a program of the shell's has the terminal; where the kernel does not tell, whether it may. */
  get #runs(): boolean {
    if (this.#marked !== null) return this.#marked === 'command'
    return this.#look !== null && isRunning(this.#look)
  }

  get #takesKeys(): boolean {
    return this.#alternate || this.#look?.mode?.canonical === false
  }

  #shellSays(sign: Extract<Sign, { type: 'prompt' | 'command' | 'command-ended' }>): void {
    const ran = this.#marked === 'command'
    if (sign.type === 'command') {
      this.#calls = null
      this.#ended = null
      this.#marked = 'command'
      this.#tookKeys = false
      return
    }
    this.#marked = 'prompt'
    // An empty line makes a prompt too, and ends nothing.
    if (!ran) return
    const exit = sign.type === 'command-ended' ? sign.exit : null
    const message = this.#calls?.text ?? null
    const isSeen = this.#tookKeys && (exit === null || exit === 0)
    this.#over()
    if (!isSeen && sign.type === 'command-ended') this.#ended = { exit, message }
  }

  /** The shell has the terminal again, as the kernel says. */
  #programEnded(atMs: number): void {
    const ranMs = this.#runsSinceMs === null ? 0 : atMs - this.#runsSinceMs
    const message = this.#calls?.text ?? null
    const isWorthTelling = ranMs >= WORTH_TELLING_MS && !this.#tookKeys
    this.#over()
    if (isWorthTelling || message !== null) this.#ended = { exit: null, message }
  }

  /** Nothing that a program said of itself outlives it, but that it is done. */
  #over(): void {
    this.#reports.programEnded()
    this.#progress = null
    this.#calls = null
    this.#alternate = false
    this.#tookKeys = false
    this.#runsSinceMs = null
    this.wantsFocus = false
    if (this.folder?.byProgram === true) this.folder = null
  }

  #titled(text: string): void {
    if (text !== this.title && TITLE_PATTERNS.some(({ pattern }) => pattern.test(text))) this.#calls = null
    this.title = text
  }

  #reset(): void {
    this.#reports.clear()
    this.#progress = null
    this.#calls = null
    this.#alternate = false
    this.wantsFocus = false
  }
}

/** Whether a program other than the shell, or a command within it, has the terminal, as the kernel says. */
function isRunning({ shellInFront, mode }: Look): boolean {
  if (shellInFront === false) return true
  // A shell that waits for a command edits the line by itself; in its own loops it leaves that to the kernel.
  return mode !== null && mode.canonical
}

const called = (text: string | null): Finding => ({
  state: 'needs-you',
  ...(text === null ? {} : { message: text }),
})

const endOf = ({ code, signal }: Exit): Finding =>
  code === 0 && signal === null
    ? { state: 'done' }
    : { state: 'failed', message: signal === null ? `exit ${code}` : `ended by signal ${signal}` }

function progressed({
  state,
  percent,
}: {
  readonly state: Progress
  readonly percent: number | null
}): Finding {
  return {
    state: state === 'error' ? 'failed' : 'working',
    ...(percent === null || state === 'indeterminate' ? {} : { progress: percent }),
  }
}

const REPORTED = {
  idle: 'idle',
  working: 'working',
  blocked: 'needs-you',
  done: 'done',
  error: 'failed',
  clear: 'idle',
} as const

const reported = ({ state, kind, program, message, percent }: ReportSign): Finding => ({
  state: REPORTED[state],
  ...(kind === null ? {} : { kind }),
  ...(program === null ? {} : { program }),
  ...(message === null ? {} : { message }),
  ...(percent === null ? {} : { progress: percent }),
})
