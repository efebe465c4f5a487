import { z } from 'zod'

/** Fields that several messages have. */

/** milliseconds since the epoch */
export const momentMs = z.number().int().nonnegative()
/** a number of things */
export const count = z.number().int().nonnegative()
/** SHA-256, hex */
export const digestHex = z.string().regex(/^[0-9a-f]{64}$/)
/** 16 bytes, hex */
export const hex128 = z.string().regex(/^[0-9a-f]{32}$/)
