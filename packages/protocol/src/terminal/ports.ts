import { z } from 'zod'
import { offset, transfer } from './files.ts'

/**
 * TCP connections from an app to a port that the machine reaches. Their bytes go on the stream `ports`, in both directions,
 * each after the number of its connection; `seq` is the offset in its direction. A lost channel ends them.
 */

/** At once in one channel: a browser opens some dozens. */
export const PORT_CONNECTIONS_MAX = 256
/** What either end takes beyond what it has passed on: its memory for one direction of one connection. */
export const PORT_AHEAD_BYTES_MAX = 512 * 1024
export const PORT_CHUNK_BYTES_MAX = 16 * 1024

/** The number of a connection, chosen by the app: unique among those that are open in its channel. */
const connection = transfer

export const PORT_REFUSALS = [
  'NOT_ALLOWED',
  'NOT_LOOPBACK',
  'TOO_MANY',
  'REFUSED',
  'NOT_FOUND',
  'FAILED',
] as const

/** Answered by `portOpened` or `portRefused`. */
export const openPortFields = {
  connection,
  /** a name or an address, as the machine knows it */
  host: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65_535),
}
export const portOpenedFields = { connection }
/** The other end may send up to this offset. Both begin with `PORT_AHEAD_BYTES_MAX`. */
export const portCreditFields = { connection, upTo: offset }
/** `end`: nothing more comes from this end, the other direction goes on; `reset`: the connection is over at once */
export const portEndFields = { connection, how: z.enum(['end', 'reset']) }
export const portRefusedFields = {
  connection,
  code: z.enum(PORT_REFUSALS),
  /** for a person */
  message: z.string().max(512),
}
