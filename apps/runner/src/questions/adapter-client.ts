import { connect, type Socket } from 'node:net'
import { assertNever } from '@latchkey/domain/kernel'
import {
  ADAPTER_LINE_BYTES_MAX,
  ADAPTER_TEXT_CHARS_MAX,
  ADAPTER_VERSION,
  type AdapterQuestion,
  type FromAdapter,
  LineReader,
  lineAs,
  type ToAdapter,
  toAdapter,
} from './adapter-wire.ts'
import { TOO_LONG } from './question.ts'
import type { Decider, Outcome } from './question-book.ts'

/** How an answer reaches the agent. */
export interface AnswerPort {
  /** Give this choice to the agent, then call `sent`. */
  answer(choice: string): void
  /** No answer will come: the desk decides. */
  withdrawn(): void
}

/** What an adapter knows of its question from then on. */
export interface AskedQuestion {
  sent(): void
  decided(decider: Decider, choice?: string): void
  ended(outcome: Outcome): void
  over(): void
}

/** Takes the questions of an adapter. */
export interface Asker {
  ask(asked: AdapterQuestion, port: AnswerPort): AskedQuestion
}

interface Open {
  readonly asked: AdapterQuestion
  readonly port: AnswerPort
  answered: boolean
}

export interface AdapterClientOptions {
  /** the values of `ADAPTER_SOCKET_VARIABLE` and `TERMINAL_MARK_VARIABLE` */
  readonly path: string
  readonly mark: string
  /** a lost runner is looked for again after so long; 0: not at all */
  readonly retryMs?: number
  /** the runner is gone for good, or refuses this process; a sentence */
  readonly onEnd?: (why: string) => void
}

const RETRY_MS = 1_000

/**
 * An adapter's end of the runner's socket. Over a lost runner it asks again what its agent still asks; an answer that was on its
 * way is not asked for again.
 */
export class AdapterClient implements Asker {
  readonly #options: AdapterClientOptions
  readonly #open = new Map<number, Open>()
  #socket: Socket | null = null
  #isWelcome = false
  #requests = 0
  #timer: NodeJS.Timeout | null = null
  #ended = false

  constructor(options: AdapterClientOptions) {
    this.#options = options
    this.#connect()
  }

  ask(asked: AdapterQuestion, port: AnswerPort): AskedQuestion {
    const request = ++this.#requests
    const question = shortened(asked)
    this.#open.set(request, { asked: question, port, answered: false })
    this.#say({ type: 'ask', request, asked: question })
    const last = (message: FromAdapter) => {
      if (this.#open.delete(request)) this.#say(message)
    }
    return {
      sent: () => this.#say({ type: 'sent', request }),
      decided: (decider, choice) =>
        this.#say({ type: 'decided', request, decider, ...(choice === undefined ? {} : { choice }) }),
      ended: (outcome) => last({ type: 'ended', request, ...outcome }),
      over: () => last({ type: 'over', request }),
    }
  }

  end(): void {
    this.#ended = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#socket?.end()
    this.#socket = null
  }

  #connect(): void {
    const socket = connect(this.#options.path)
    const lines = new LineReader(ADAPTER_LINE_BYTES_MAX)
    this.#socket = socket
    socket.on('connect', () =>
      this.#write({ type: 'hello', version: ADAPTER_VERSION, mark: this.#options.mark }),
    )
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.read(chunk) ?? []) {
        const message = lineAs(toAdapter, line)
        if (message !== null) this.#hear(message)
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#lost())
  }

  #hear(message: ToAdapter): void {
    switch (message.type) {
      case 'welcome':
        this.#isWelcome = true
        for (const [request, { asked }] of this.#open) this.#write({ type: 'ask', request, asked })
        return
      case 'refused':
        this.end()
        return this.#options.onEnd?.(message.message)
      case 'asked':
        return
      case 'notAsked':
      case 'withdrawn': {
        const open = this.#open.get(message.request)
        this.#open.delete(message.request)
        return open?.port.withdrawn()
      }
      case 'answer': {
        const open = this.#open.get(message.request)
        if (open === undefined || open.answered) return
        open.answered = true
        return open.port.answer(message.choice)
      }
      default:
        return assertNever(message)
    }
  }

  #lost(): void {
    this.#isWelcome = false
    this.#socket = null
    // The next runner does not know of the answer: it is not to take another one.
    for (const [request, { answered }] of this.#open) if (answered) this.#open.delete(request)
    if (this.#ended) return
    const { retryMs = RETRY_MS } = this.#options
    if (retryMs === 0) {
      this.#ended = true
      for (const { port } of this.#open.values()) port.withdrawn()
      this.#open.clear()
      return this.#options.onEnd?.('No runner runs on this machine.')
    }
    this.#timer = setTimeout(() => this.#connect(), retryMs)
  }

  #say(message: FromAdapter): void {
    if (this.#isWelcome) this.#write(message)
  }

  #write(message: FromAdapter): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`)
  }
}

/** A request that is too long for the socket is for the desk, which has it whole. */
function shortened(asked: AdapterQuestion): AdapterQuestion {
  const { text, diff = '', files, title, folder } = asked
  const isLong =
    text.length > ADAPTER_TEXT_CHARS_MAX || diff.length > ADAPTER_TEXT_CHARS_MAX || files.length > 64
  const fits = { ...asked, title: title.slice(0, 256), ...(folder && { folder: folder.slice(0, 4_096) }) }
  if (!isLong) return fits
  const { diff: _, ...rest } = fits
  return { ...rest, text: text.slice(0, 1_000), files: files.slice(0, 8), deskOnly: TOO_LONG }
}
