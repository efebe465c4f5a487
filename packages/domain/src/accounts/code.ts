import type { Brand } from '../kernel.ts'

/** Eight characters that a person types on the phone: capitals and digits without 0, I, O and U. */
export type AccountCode = Brand<string, 'AccountCode'>

const FORM = /^[1-9A-HJ-NP-TV-Z]{8}$/

/** The code as WhatsApp's client library makes them; null for anything else, which must not be shown. */
export const parseAccountCode = (text: string): AccountCode | null =>
  FORM.test(text) ? (text as AccountCode) : null

/** `ABCD-1234`: as WhatsApp's own screen groups it. Copying takes the code itself. */
export const shownAccountCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`
