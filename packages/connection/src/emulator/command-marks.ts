import { type MarkFields, markFields, readFields } from './mark-fields.ts'

/** What this needs of an xterm terminal, in a page or without one. */
export interface Markable {
  readonly buffer: {
    readonly active: {
      readonly type: 'normal' | 'alternate'
      readonly cursorX: number
      readonly cursorY: number
      readonly baseY: number
      getLine(y: number): MarkableLine | undefined
    }
  }
  readonly parser: {
    registerOscHandler(code: number, handler: (data: string) => boolean): unknown
    registerEscHandler(id: { readonly final: string }, handler: () => boolean): unknown
  }
  registerMarker(cursorYOffset?: number): LineMarker | undefined
}

interface MarkableLine {
  readonly isWrapped: boolean
  translateToString(trimRight?: boolean, startColumn?: number, endColumn?: number): string
}

/** A place that keeps its line while others are dropped, inserted or wrapped anew. */
interface LineMarker {
  readonly line: number
  readonly isDisposed: boolean
  dispose(): void
}

/** A command that a shell told of (OSC 133). Lines are counted from the oldest that is kept. */
export interface MarkedCommand {
  /** grows with each command of this emulator */
  readonly id: number
  /** as it was typed; null when that is not known */
  readonly text: string | null
  /** the line in which its prompt ends; null when that is not known */
  readonly prompt: number | null
  /** the shell's folder (OSC 7) on its own machine; null when that is not known */
  readonly folder: string | null
  /** epoch milliseconds, on the clock of the end that saw it first; null for older output */
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  /** its output begins here; null: above the lines that are kept */
  readonly from: number | null
  /** where its output ends, before this column of this line; null while it runs */
  readonly to: { readonly line: number; readonly column: number } | null
  /** null while it runs, and when the shell did not say it */
  readonly exit: number | null
}

/** More commands than a person looks back at; each has up to three markers, which cost time at every line that scrolls out. */
const COMMANDS_MAX = 500
const TEXT_CHARS_MAX = 1_024
const FOLDER_CHARS_MAX = 1_024

/** Where a prompt ends and the typed text begins. */
interface Typing {
  readonly marker: LineMarker
  readonly column: number
}

interface Command {
  readonly id: number
  readonly text: string | null
  readonly prompt: Typing | null
  readonly folder: string | null
  readonly startedAtMs: number | null
  /** null: its beginning was not seen */
  readonly start: LineMarker | null
  end: { readonly marker: LineMarker; readonly column: number; readonly exit: number | null } | null
  endedAtMs: number | null
}

/**
 * The commands of one terminal, from the marks in its output (OSC 133; 633 is Visual Studio Code's form of the same). The marks go
 * with the lines of the emulator, and are said again in each text that draws those lines: a snapshot, scrollback, a packed
 * screen. So all ends that draw a terminal know its commands.
 */
export class CommandMarks {
  /** after a command has ended in output, not in a picture */
  onEnded: (command: MarkedCommand) => void = () => {}
  readonly #terminal: Markable
  readonly #nowMs: () => number | null
  #commands: Command[] = []
  #ids = 0
  /** at a prompt: no command has begun yet */
  #typing: Typing | null = null
  #folder: string | null = null

  /** @param nowMs epoch milliseconds at which output is drawn that was printed just now; null for older output */
  constructor(terminal: Markable, nowMs: () => number | null) {
    this.#terminal = terminal
    this.#nowMs = nowMs
    const mark = (data: string): boolean => {
      if (terminal.buffer.active.type === 'normal') this.#mark(data)
      return false
    }
    terminal.parser.registerOscHandler(133, mark)
    terminal.parser.registerOscHandler(633, mark)
    terminal.parser.registerOscHandler(7, (data) => {
      this.#folder = folderIn(data)
      return false
    })
    terminal.parser.registerEscHandler({ final: 'c' }, () => {
      this.#forgetAll()
      return false
    })
  }

  /** Those of which a line is kept, oldest first. */
  get commands(): readonly MarkedCommand[] {
    this.#prune()
    return this.#commands.map(told)
  }

  /**
   * The marks of one line, as text to draw before it.
   * @param first the first line of the text: a command that began above it is marked there
   */
  textAt(line: number, first: number): string {
    let text = ''
    for (const command of this.#commands) {
      const { start, end, prompt } = command
      if (prompt?.marker.line === line) text += typing(prompt, command.folder)
      const startLine = start === null || start.isDisposed ? -1 : start.line
      const endLine = end === null ? Number.POSITIVE_INFINITY : end.marker.isDisposed ? -1 : end.marker.line
      if (startLine === line) text += begins(command, first)
      else if (line === first && startLine < first && endLine >= first) text += above(command)
      if (endLine === line) text += ends(command)
    }
    return this.#typing?.marker.line === line ? text + typing(this.#typing, this.#folder) : text
  }

  #mark(data: string): void {
    const [kind = '', ...rest] = data.split(';')
    const fields = readFields(rest)
    switch (kind) {
      case 'A':
        // A shell that does not tell the end of a command tells its next prompt.
        if (this.#running !== null) this.#end(null, fields)
        this.#typing = null
        return
      case 'B':
        return this.#typingBegins(fields)
      case 'C':
        return this.#begin(fields)
      case 'D':
        return this.#end(/^-?\d{1,10}$/.test(rest[0] ?? '') ? Number(rest[0]) : null, fields)
    }
  }

  get #running(): Command | null {
    const last = this.#commands.at(-1)
    return last === undefined || last.end !== null ? null : last
  }

  #typingBegins({ isPicture, folder, column }: MarkFields): void {
    this.#typing?.marker.dispose()
    const marker = this.#terminal.registerMarker(0)
    this.#typing =
      marker === undefined ? null : { marker, column: column ?? this.#terminal.buffer.active.cursorX }
    if (isPicture) this.#folder = folder
  }

  #begin(fields: MarkFields): void {
    if (fields.isAbove && this.#running !== null) return
    if (this.#running !== null) this.#end(null, fields)
    const start = fields.isAbove ? null : this.#terminal.registerMarker(0)
    if (start === undefined) return
    const typed = fields.isAbove ? null : (fields.text ?? this.#typedText())
    this.#commands.push({
      id: ++this.#ids,
      text: typed?.slice(0, TEXT_CHARS_MAX) ?? null,
      prompt: this.#typing,
      folder: fields.folder ?? this.#folder,
      startedAtMs: fields.isPicture ? fields.atMs : this.#nowMs(),
      start,
      end: null,
      endedAtMs: null,
    })
    this.#typing = null
    if (this.#commands.length > COMMANDS_MAX) this.#prune()
  }

  #end(exit: number | null, fields: MarkFields): void {
    const marker = this.#terminal.registerMarker(0)
    if (marker === undefined) return
    // A picture may begin after the beginning of a command. A shell's first prompt ends none.
    if (this.#running === null && fields.isPicture) this.#begin({ ...fields, isAbove: true, atMs: null })
    const running = this.#running
    if (running === null) return marker.dispose()
    running.end = { marker, column: fields.column ?? this.#terminal.buffer.active.cursorX, exit }
    running.endedAtMs = fields.isPicture ? fields.atMs : this.#nowMs()
    if (!fields.isPicture) this.onEnded(told(running))
  }

  /** What stands between the end of the prompt and the cursor. */
  #typedText(): string | null {
    const typing = this.#typing
    if (typing === null || typing.marker.isDisposed) return null
    const { active } = this.#terminal.buffer
    let text = ''
    const last = active.baseY + active.cursorY
    for (let y = typing.marker.line; y <= last && text.length < TEXT_CHARS_MAX; y++) {
      const line = active.getLine(y)
      if (line === undefined) break
      const from = y === typing.marker.line ? typing.column : 0
      const to = y === last ? active.cursorX : undefined
      const wraps = active.getLine(y + 1)?.isWrapped === true
      if (y > typing.marker.line && !line.isWrapped) text += '\n'
      text += line.translateToString(!wraps, from, to)
    }
    return text.trim()
  }

  /** Output is missing here: what ran before it has ended, or not, and what runs now is not known. */
  missed(): void {
    if (this.#running !== null) this.#end(null, readFields(['latchkey=,,']))
    this.#typing = null
  }

  #prune(): void {
    const isGone = ({ end }: Command) => end?.marker.isDisposed === true
    for (const command of this.#commands.slice(0, -COMMANDS_MAX)) forget(command)
    this.#commands = this.#commands.slice(-COMMANDS_MAX).filter((command) => {
      if (isGone(command)) forget(command)
      return !isGone(command)
    })
  }

  #forgetAll(): void {
    for (const command of this.#commands) forget(command)
    this.#commands = []
    this.#typing = null
  }
}

function told({ id, text, prompt, folder, startedAtMs, endedAtMs, start, end }: Command): MarkedCommand {
  return {
    ...{ id, text, folder, startedAtMs, endedAtMs },
    prompt: prompt === null || prompt.marker.isDisposed ? null : prompt.marker.line,
    from: start === null || start.isDisposed ? null : start.line,
    to: end === null ? null : { line: end.marker.line, column: end.column },
    exit: end?.exit ?? null,
  }
}

function forget({ start, end, prompt }: Command): void {
  start?.dispose()
  end?.marker.dispose()
  prompt?.marker.dispose()
}

const osc = (body: string): string => `\u001b]133;${body}\u0007`

function begins(command: Command, first: number): string {
  const { prompt, text, folder, startedAtMs: atMs } = command
  // Nothing is told of a line that is not in the text.
  const isPromptTold = prompt !== null && prompt.marker.line >= first
  return osc(
    `C${markFields({ atMs, text: isPromptTold ? text : null, folder, isAbove: false, column: null })}`,
  )
}

const typing = ({ column }: Typing, folder: string | null): string =>
  osc(`B${markFields({ atMs: null, text: null, folder, isAbove: false, column })}`)

const above = ({ startedAtMs: atMs, folder }: Command): string =>
  osc(`C${markFields({ atMs, text: null, folder, isAbove: true, column: null })}`)

function ends({ end, endedAtMs: atMs }: Command): string {
  const column = end?.column ?? 0
  return osc(`D;${end?.exit ?? ''}${markFields({ atMs, text: null, folder: null, isAbove: false, column })}`)
}

/**
 * OSC 7: the path of `file://HOST/PATH`. A shell on another machine names that as its host: its paths mean nothing here, and which
 * name is this machine's own is not known to an app.
 */
function folderIn(data: string): string | null {
  const [, host = '', encoded = ''] = /^file:\/\/([^/]*)(\/.*)$/.exec(data) ?? []
  if (encoded === '' || (host !== '' && host !== 'localhost')) return null
  try {
    return decodeURIComponent(encoded).slice(0, FOLDER_CHARS_MAX)
  } catch {
    return encoded.slice(0, FOLDER_CHARS_MAX)
  }
}
