import { z } from 'zod'

/** A pairing code as a broker says it, to be shown. */
export const shownCode = z.string().regex(/^[A-Z0-9]{3}(?:-[A-Z0-9]{3}){2}$/)
/** What a device shows and an operator types (RFC 8628, 6.1). */
export const shownUserCode = z.string().regex(/^[A-Z0-9]{3,8}(?:-[A-Z0-9]{3,8}){0,2}$/)
const ADDRESS_CHARS_MAX = 2_048
/** The address of a page, to be shown and opened: ASCII without blanks. */
export const shownAddress = z
  .string()
  .max(ADDRESS_CHARS_MAX)
  .regex(/^https?:\/\/[!-~]+$/)
