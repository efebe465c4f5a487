import type { AuditEntry } from '@latchkey/protocol/audit'

const COLUMNS = [
  'at',
  'kind',
  'event',
  'actor',
  'subject',
  'id',
  'address',
  'reason',
  'by',
] as const satisfies readonly (keyof AuditEntry)[]

/** An entry in each line, as JSON. */
export const jsonLines = (entries: readonly AuditEntry[]): string =>
  entries.map((entry) => `${JSON.stringify({ ...entry, at: timeOf(entry) })}\n`).join('')

/** RFC 4180, with a head; moments as RFC 3339. */
export const csvLines = (entries: readonly AuditEntry[]): string =>
  [COLUMNS.join(','), ...entries.map(rowOf)].map((line) => `${line}\r\n`).join('')

const timeOf = ({ at }: AuditEntry): string => new Date(at).toISOString()

const rowOf = (entry: AuditEntry): string =>
  COLUMNS.map((column) => cell(column === 'at' ? timeOf(entry) : entry[column])).join(',')

/**
 * One cell. Names come from devices: one that a spreadsheet would read as a formula begins with an apostrophe, which it shows as
 * text (OWASP, CSV injection). Blanks before the sign do not help it.
 */
function cell(text: string): string {
  const safe =
    /^[\s\u200b-\u200f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|]/.test(text) || /^[\t\r\n]/.test(text)
      ? `'${text}`
      : text
  return /[",\r\n';\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
