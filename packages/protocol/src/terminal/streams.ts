import { ByteReader, ByteWriter, decoded } from '../bytes.ts'

/**
 * The content of an envelope: `stream u8 ‖ seq u64 ‖ bytes` (PROTOCOL rp1 3.5). Streams 1 to 4 begin with the terminal's
 * number (u16), 5 and 6 with a number of their own. Sealing changes the envelope around this, never this.
 */
export const Stream = {
  /** typed messages, see `messages.ts`; seq counts envelopes of this stream */
  control: 0,
  /** runner → app: seq is the byte offset in the terminal's output */
  output: 1,
  /** app → runner: seq is the byte offset in what this writer has typed */
  input: 2,
  /** app → runner: the size this app would like; seq counts; bytes = cols u16 ‖ rows u16 */
  resize: 3,
  /** runner → app: the bytes of a snapshot or of scrollback; seq is the offset in them */
  history: 4,
  /** both directions: bytes of a file; seq is the offset in it. In place of a terminal's number stands the transfer's */
  files: 5,
  /** both directions: bytes of a TCP connection; seq is the offset in its direction. The number is the connection's */
  ports: 6,
} as const
export type Stream = (typeof Stream)[keyof typeof Stream]

export type Plaintext =
  | { readonly stream: typeof Stream.control; readonly seq: number; readonly bytes: Uint8Array }
  | {
      readonly stream:
        | typeof Stream.output
        | typeof Stream.input
        | typeof Stream.resize
        | typeof Stream.history
      readonly seq: number
      readonly terminal: number
      readonly bytes: Uint8Array
    }
  | {
      readonly stream: typeof Stream.files | typeof Stream.ports
      readonly seq: number
      /** of the transfer or the connection */
      readonly number: number
      readonly bytes: Uint8Array
    }

/** Bytes of a feature beside terminals. */
export type FeatureBytes = Extract<Plaintext, { readonly number: number }>

const HEADER_BYTES = 9

export function encodePlaintext(plaintext: Plaintext): Uint8Array {
  const isControl = plaintext.stream === Stream.control
  const writer = new ByteWriter(HEADER_BYTES + (isControl ? 0 : 2) + plaintext.bytes.length)
  writer.u8(plaintext.stream).u53(plaintext.seq)
  if ('number' in plaintext) writer.u16(plaintext.number)
  else if (!isControl) writer.u16(plaintext.terminal)
  return writer.put(plaintext.bytes).bytes
}

/** The streams' view of an opened envelope, `bytes` being a view into it; null when malformed. */
export function decodePlaintext(opened: Uint8Array): Plaintext | null {
  return decoded(() => {
    const reader = new ByteReader(opened)
    const stream = reader.u8()
    const seq = reader.u53()
    switch (stream) {
      case Stream.control:
        return { stream, seq, bytes: reader.rest() }
      case Stream.output:
      case Stream.input:
      case Stream.resize:
      case Stream.history:
        return { stream, seq, terminal: reader.u16(), bytes: reader.rest() }
      case Stream.files:
      case Stream.ports:
        return { stream, seq, number: reader.u16(), bytes: reader.rest() }
      default:
        return null
    }
  })
}

export interface Size {
  readonly cols: number
  readonly rows: number
}
export const SIZE_MAX = 1_000

export const encodeSize = (size: Size): Uint8Array => new ByteWriter(4).u16(size.cols).u16(size.rows).bytes

/** A size from stream 3, or null when malformed or beyond 1 to 1,000 either way. */
export function decodeSize(bytes: Uint8Array): Size | null {
  return decoded(() => {
    const reader = new ByteReader(bytes)
    const size = { cols: reader.u16(), rows: reader.u16() }
    const sane = (n: number) => n >= 1 && n <= SIZE_MAX
    return reader.left === 0 && sane(size.cols) && sane(size.rows) ? size : null
  })
}
