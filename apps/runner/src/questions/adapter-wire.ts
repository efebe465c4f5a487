import { questionFields } from '@latchkey/protocol/terminal/attention'
import { z } from 'zod'

/** What adapters of agents and their runner tell each other on this machine: one JSON line each, both ways. */
export const ADAPTER_SOCKET = 'agents.sock'
/** An adapter shortens a longer request, and says that it is for the desk. */
export const ADAPTER_TEXT_CHARS_MAX = 20_000
/** Two such texts, files and choices; a character takes up to six bytes. */
export const ADAPTER_LINE_BYTES_MAX = 512 * 1024
export const ADAPTER_VERSION = 1

/** In the environment of every shell: where adapters reach the runner, and which terminal they are in. */
export const ADAPTER_SOCKET_VARIABLE = 'LATCHKEY_AGENTS'
export const TERMINAL_MARK_VARIABLE = 'LATCHKEY_TERMINAL'

const request = z.number().int().nonnegative()
const text = z.string().max(ADAPTER_TEXT_CHARS_MAX)
const { choices, kind } = questionFields

const asked = z.object({
  agent: z.string().min(1).max(64),
  kind,
  title: z.string().max(1_024),
  text,
  folder: z.string().max(4_096).optional(),
  files: z.array(z.string().max(4_096)).max(64),
  diff: text.optional(),
  choices,
  lastsMs: z
    .number()
    .int()
    .positive()
    .max(24 * 3_600_000)
    .nullable(),
  binding: z.string().min(1).max(512),
  deskOnly: z.string().max(256).optional(),
})
export type AdapterQuestion = z.output<typeof asked>

export const fromAdapter = z.discriminatedUnion('type', [
  /** the first line; `mark`: the value of `TERMINAL_MARK_VARIABLE` */
  z.object({ type: z.literal('hello'), version: z.number().int(), mark: z.string().max(256) }),
  /** answered by `asked` or `notAsked` */
  z.object({ type: z.literal('ask'), request, asked }),
  z.object({ type: z.literal('sent'), request }),
  z.object({
    type: z.literal('decided'),
    request,
    decider: z.enum(['answer', 'desk', 'unknown']),
    choice: z.string().max(64).optional(),
  }),
  z.object({
    type: z.literal('ended'),
    request,
    outcome: z.enum(['ran', 'failed', 'declined']),
    exit: z.number().int().optional(),
  }),
  z.object({ type: z.literal('over'), request }),
])
export type FromAdapter = z.output<typeof fromAdapter>

export const toAdapter = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), terminal: z.number().int() }),
  /** the mark is not of a terminal that runs here, or the versions differ; the connection ends */
  z.object({ type: z.literal('refused'), message: z.string() }),
  z.object({ type: z.literal('asked'), request, id: z.string() }),
  /** no app is asked: the desk decides */
  z.object({ type: z.literal('notAsked'), request, message: z.string() }),
  /** the one answer; `sent` follows once the agent has it */
  z.object({ type: z.literal('answer'), request, choice: z.string() }),
  /** no answer will come: the desk decides */
  z.object({ type: z.literal('withdrawn'), request }),
])
export type ToAdapter = z.output<typeof toAdapter>

/** Splits what arrives into lines; null once a line is too long. */
export class LineReader {
  readonly #bytesMax: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The lines that are whole now. */
  read(chunk: Buffer): readonly string[] | null {
    const lines: string[] = []
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      lines.push(Buffer.concat([...this.#parts, chunk.subarray(from, at)]).toString('utf8'))
      this.#parts = []
      this.#bytes = 0
      from = at + 1
    }
    const rest = chunk.subarray(from)
    this.#bytes += rest.length
    if (this.#bytes > this.#bytesMax) return null
    if (rest.length > 0) this.#parts.push(rest)
    return lines
  }
}

/** The message of a line; null when it is none. */
export function lineAs<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}
