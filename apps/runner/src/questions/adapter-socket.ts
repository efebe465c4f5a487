import { createServer, type Socket } from 'node:net'
import { assertNever } from '@latchkey/domain/kernel'
import { listenForOwner } from '../unix-socket.ts'
import {
  ADAPTER_LINE_BYTES_MAX,
  ADAPTER_VERSION,
  type FromAdapter,
  fromAdapter,
  LineReader,
  lineAs,
  type ToAdapter,
} from './adapter-wire.ts'
import type { OpenQuestion, QuestionDesk } from './question-desk.ts'

/** A terminal has one or two adapters; hooks come and go. */
const ADAPTERS_MAX = 64
/** An adapter says who it is at once. */
const HELLO_WITHIN_MS = 5_000
/** An adapter gives an answer to its agent in milliseconds; one that does not in this time hangs. */
const SENT_WITHIN_MS = 15_000
/** More open requests of one adapter are no questions of a person. */
const REQUESTS_MAX = 16

export interface AdapterSocketOptions {
  readonly desk: QuestionDesk
  /** the living terminal that a mark names; null for none */
  readonly terminalOf: (mark: string) => number | null
  readonly helloWithinMs?: number
  readonly sentWithinMs?: number
}

export interface AdapterSocket {
  stop(): Promise<void>
}

/** Hears the adapters of this machine's agents at `path`, for this user alone. A sentence when it cannot listen. */
export async function serveAdapters(
  path: string,
  options: AdapterSocketOptions,
): Promise<AdapterSocket | string> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    if (open.size >= ADAPTERS_MAX) return void socket.destroy()
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    new Adapter(socket, options)
  })
  const problem = await listenForOwner(server, path)
  if (problem !== null) return `${path}: ${problem}`
  return {
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** One adapter's connection. Its questions end with it. */
class Adapter {
  readonly #socket: Socket
  readonly #options: AdapterSocketOptions
  readonly #lines = new LineReader(ADAPTER_LINE_BYTES_MAX)
  readonly #questions = new Map<number, { readonly open: OpenQuestion; timer: NodeJS.Timeout | null }>()
  #terminal: number | null = null
  #ended = false

  constructor(socket: Socket, options: AdapterSocketOptions) {
    this.#socket = socket
    this.#options = options
    const timer = setTimeout(() => socket.destroy(), options.helloWithinMs ?? HELLO_WITHIN_MS)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      this.#end()
    })
    socket.on('data', (chunk: Buffer) => {
      const lines = this.#lines.read(chunk)
      if (lines === null) return void socket.destroy()
      for (const line of lines) {
        const message = lineAs(fromAdapter, line)
        if (message === null || !this.#hear(message)) return void socket.destroy()
        clearTimeout(timer)
      }
    })
  }

  /** False when it makes no sense: the connection ends. */
  #hear(message: FromAdapter): boolean {
    if ((message.type === 'hello') !== (this.#terminal === null)) return false
    switch (message.type) {
      case 'hello':
        return this.#greet(message)
      case 'ask':
        return this.#ask(message)
      case 'sent':
        this.#of(message.request)?.sent()
        this.#stopTimer(message.request)
        return true
      case 'decided':
        this.#of(message.request)?.decided(message.decider, message.choice)
        return true
      case 'ended': {
        const { outcome, exit } = message
        const ended =
          outcome === 'declined' ? { outcome } : { outcome, ...(exit === undefined ? {} : { exit }) }
        this.#forget(message.request)?.ended(ended)
        return true
      }
      case 'over':
        this.#forget(message.request)?.over('ALREADY_DECIDED')
        return true
      default:
        return assertNever(message)
    }
  }

  #greet({ version, mark }: Extract<FromAdapter, { type: 'hello' }>): boolean {
    const terminal = this.#options.terminalOf(mark)
    if (version !== ADAPTER_VERSION || terminal === null) {
      const message =
        terminal === null
          ? 'This process is in no terminal of this machine.'
          : 'The adapter and the runner are of different releases. Restart: latchkey up'
      this.#socket.end(`${JSON.stringify({ type: 'refused', message } satisfies ToAdapter)}\n`)
      return true
    }
    this.#terminal = terminal
    this.#tell({ type: 'welcome', terminal })
    return true
  }

  #ask({ request, asked }: Extract<FromAdapter, { type: 'ask' }>): boolean {
    if (this.#terminal === null || this.#questions.has(request) || this.#questions.size >= REQUESTS_MAX)
      return false
    const answer = this.#options.desk.ask(
      { ...asked, terminal: this.#terminal },
      {
        answer: ({ id }) => {
          this.#tell({ type: 'answer', request, choice: id })
          const asking = this.#questions.get(request)
          const wait = this.#options.sentWithinMs ?? SENT_WITHIN_MS
          if (asking !== undefined)
            asking.timer = setTimeout(() => this.#forget(request)?.over('AGENT_GONE'), wait)
        },
        withdrawn: () => {
          this.#forget(request)
          this.#tell({ type: 'withdrawn', request })
        },
      },
    )
    if (answer.ok) this.#questions.set(request, { open: answer.question, timer: null })
    this.#tell(
      answer.ok
        ? { type: 'asked', request, id: answer.question.id }
        : { type: 'notAsked', request, message: answer.message },
    )
    return true
  }

  #of(request: number): OpenQuestion | null {
    return this.#questions.get(request)?.open ?? null
  }

  #forget(request: number): OpenQuestion | null {
    const open = this.#of(request)
    this.#stopTimer(request)
    this.#questions.delete(request)
    return open
  }

  #stopTimer(request: number): void {
    const asking = this.#questions.get(request)
    if (asking?.timer !== null && asking !== undefined) clearTimeout(asking.timer)
  }

  #tell(message: ToAdapter): void {
    if (!this.#ended) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  #end(): void {
    this.#ended = true
    for (const request of [...this.#questions.keys()]) this.#forget(request)?.over('AGENT_GONE')
  }
}
