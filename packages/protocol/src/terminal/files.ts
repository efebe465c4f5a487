import { z } from 'zod'
import { digestHex, hex128, momentMs } from '../fields.ts'

/**
 * Files on their way between an app and a machine. Their bytes go on the stream `files`, in both directions, each after the
 * number of its transfer; `seq` is the offset in the file. The messages that carry these fields are in `messages.ts`. Names,
 * paths and sentences are untrusted, whatever end they came from.
 */

/** Enough for every name that a file system takes; the machine makes it shorter. */
export const FILE_NAME_CHARS_MAX = 1_024
/** PATH_MAX of Linux. */
export const FILE_PATH_CHARS_MAX = 4_096
/** At once in one channel. An app that has more to send lets the others wait. */
export const TRANSFERS_MAX = 8
/**
 * So much may be sent beyond what the machine has written: its memory for one transfer. It is more than the fastest way
 * needs, because the sending end measures the way and sends less.
 */
export const FILE_AHEAD_BYTES_MAX = 1024 * 1024
/** Larger ones make a key wait behind them on a slow line. */
export const FILE_CHUNK_BYTES_MAX = 32 * 1024

/** The number of a transfer, chosen by the app: unique among those that are open in its channel. */
export const transfer = z.number().int().min(0).max(0xffff)
const terminal = z.number().int().min(0).max(0xffff)
export const offset = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)
const path = z.string().min(1).max(FILE_PATH_CHARS_MAX)

export const FILE_REFUSALS = [
  /** this app may not */
  'NOT_ALLOWED',
  'TOO_LARGE',
  'NO_SPACE',
  /** too many transfers of this app are open */
  'TOO_MANY',
  /** the folder is not there, or cannot be used */
  'NO_FOLDER',
  'NOT_FOUND',
  /** a folder, a device, a pipe, a socket */
  'NOT_A_FILE',
  /** a symbolic link; the sentence says where it leads */
  'LINK',
  'NOT_READABLE',
  /** the file changed while it was read */
  'CHANGED',
  /** the bytes that arrived are others than those that were sent */
  'DAMAGED',
  'FAILED',
] as const

/**
 * Begins or resumes sending a file; answered by `fileWritten`, `fileDone` or `fileRefused`. `key`: 16 random bytes in hex, the
 * same for every try of this file, so that it goes on where it stands and arrives once.
 */
export const sendFileFields = {
  transfer,
  key: hex128,
  name: z.string().max(FILE_NAME_CHARS_MAX),
  bytes: offset,
  /** whose folder it goes to; absent: the folder in which this machine's shells start */
  terminal: terminal.optional(),
  /** `own`: the folder `.latchkey` in that folder; `working`: that folder itself */
  into: z.enum(['own', 'working']),
}

/** `have`: so many bytes are written; the rest is wanted, up to the offset `upTo` for now. Told again as it grows. */
export const fileWrittenFields = { transfer, have: offset, upTo: offset }

/** The file lies at `path`, whole. */
export const fileDoneFields = { transfer, path }

/**
 * Asks for a file; answered by `fileFound` or `fileRefused`. Its bytes follow as far as `fileCredit` allows. A relative path
 * begins at the folder of the terminal. `from` and `tag`: an earlier `fileFound` said this tag, and so many bytes have arrived.
 */
export const fetchFileFields = {
  transfer,
  path,
  terminal: terminal.optional(),
  from: offset,
  tag: z.string().max(128).optional(),
}

export const fileFoundFields = {
  transfer,
  path,
  bytes: offset,
  changedAtMs: momentMs,
  /** changes with the file */
  tag: z.string().max(128),
}

/** All bytes of the file have been sent; SHA-256 over them. */
export const fileEndFields = { transfer, sha256: digestHex }

export const fileRefusedFields = {
  transfer,
  code: z.enum(FILE_REFUSALS),
  /** for a person */
  message: z.string().max(1_024),
}
export type FileRefusal = (typeof FILE_REFUSALS)[number]
