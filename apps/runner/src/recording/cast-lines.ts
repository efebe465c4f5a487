import { createHash } from 'node:crypto'
import { assertNever } from '@latchkey/domain/kernel'
import { z } from 'zod'

/**
 * Lines of a recording: asciicast v3, where each line of the header or of an event is followed by a comment with its place in
 * a hash chain. Players pass over comments and over the codes `w` and `h`, which are our own.
 */

/** One event of a recording. */
export type CastEvent =
  | { readonly code: 'o' | 'm'; readonly text: string }
  /** the app that typed the input which follows: the id by which its owner knows it, and its name */
  | { readonly code: 'w'; readonly app: string; readonly label: string }
  | { readonly code: 'i'; readonly text: string }
  /** input that the terminal did not echo: only its length is recorded */
  | { readonly code: 'h'; readonly bytes: number }
  | { readonly code: 'r'; readonly cols: number; readonly rows: number }
  | { readonly code: 'x'; readonly status: number }

const FORMAT = 'latchkey-1'

/** The first line of a recording. */
export const castHeader = z.object({
  version: z.literal(3),
  term: z.object({ cols: z.number().int(), rows: z.number().int(), type: z.string() }),
  /** epoch seconds */
  timestamp: z.number().int(),
  title: z.string(),
  latchkey: z.object({
    format: z.literal(FORMAT),
    machine: z.string(),
    terminal: z.number().int(),
    /** the runner's public keys, X25519 ‖ Ed25519, base64url */
    runnerKeys: z.string(),
  }),
})
export type CastHeader = z.output<typeof castHeader>

export const headerLine = (told: {
  readonly cols: number
  readonly rows: number
  readonly startedAtMs: number
  readonly title: string
  readonly machine: string
  readonly terminal: number
  readonly runnerKeys: Uint8Array
}): string =>
  JSON.stringify({
    version: 3,
    term: { cols: told.cols, rows: told.rows, type: 'xterm-256color' },
    timestamp: Math.floor(told.startedAtMs / 1000),
    title: told.title,
    latchkey: {
      format: FORMAT,
      machine: told.machine,
      terminal: told.terminal,
      runnerKeys: Buffer.from(told.runnerKeys).toString('base64url'),
    },
  } satisfies CastHeader)

/** @param afterMs since the event before this one */
export const eventLine = (afterMs: number, event: CastEvent): string =>
  JSON.stringify([afterMs / 1000, event.code, dataOf(event)])

function dataOf(event: CastEvent): string {
  switch (event.code) {
    case 'o':
    case 'm':
    case 'i':
      return event.text
    case 'w':
      return `${event.app} ${event.label}`
    case 'h':
      return String(event.bytes)
    case 'r':
      return `${event.cols}x${event.rows}`
    case 'x':
      return String(event.status)
    default:
      return assertNever(event)
  }
}

/** The hash before the first line. */
export const CHAIN_START: Uint8Array = createHash('sha256').update('Latchkey recording chain 1').digest()

/** SHA-256 over the hash before the line and the line's bytes, without its line end. */
export const chained = (before: Uint8Array, line: Uint8Array): Uint8Array =>
  createHash('sha256').update(before).update(line).digest()

const HASH = '#'
const SIGNED = '#signed '
const END = '#end '

export const hashLine = (hash: Uint8Array): string => `${HASH}${Buffer.from(hash).toString('base64url')}`
/** The machine signs all lines so far; `isEnd`: no other line follows. */
export const signatureLine = (signature: Uint8Array, isEnd: boolean): string =>
  `${isEnd ? END : SIGNED}${Buffer.from(signature).toString('base64url')}`

/** The bytes that a machine signs. */
export const signedBytes = (hash: Uint8Array, isEnd: boolean): Uint8Array =>
  Buffer.concat([Buffer.from(isEnd ? 'Latchkey recording end 1\0' : 'Latchkey recording part 1\0'), hash])

/** The signature in a line, if it is one of a machine: base64url, one way of writing it only. */
export function signatureIn(
  line: Uint8Array,
): { readonly signature: Uint8Array; readonly isEnd: boolean } | null {
  const text = Buffer.from(line).toString('latin1')
  const start = [SIGNED, END].find((one) => text.startsWith(one))
  if (start === undefined) return null
  const signature = Buffer.from(text.slice(start.length), 'base64url')
  const isEnd = start === END
  return signatureLine(signature, isEnd) === text ? { signature, isEnd } : null
}
