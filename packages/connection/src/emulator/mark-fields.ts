/** What a mark of a command (OSC 133) says beside its letter. */
export interface MarkFields {
  /** the command as it was typed (`cmdline_url`, as kitty and fish say it) */
  readonly text: string | null
  /** the folder in which it was typed */
  readonly folder: string | null
  /** said again in a picture of the screen, not by a program now */
  readonly isPicture: boolean
  /** when it happened, epoch milliseconds; only in pictures */
  readonly atMs: number | null
  /** the command began above this picture */
  readonly isAbove: boolean
  /** the column of the mark in its line, when that is not where it stands */
  readonly column: number | null
}

/** Marks that a runner says again have a name of their own, so that no other terminal takes their fields for its own. */
const PICTURE = 'latchkey'
const MS = /^\d{1,16}$/
const COLUMN = /^\d{1,5}$/

export function readFields(parts: readonly string[]): MarkFields {
  const values = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    if (at > 0) values.set(part.slice(0, at), part.slice(at + 1))
  }
  const picture = values.get(PICTURE)
  const [atMs = '', column = '', where = ''] = picture?.split(',') ?? []
  return {
    text: decoded(values.get('cmdline_url')),
    folder: picture === undefined ? null : decoded(values.get('folder_url')),
    isPicture: picture !== undefined,
    atMs: MS.test(atMs) ? Number(atMs) : null,
    column: COLUMN.test(column) ? Number(column) : null,
    isAbove: where === 'above',
  }
}

/** The fields of a mark in a picture, each with a semicolon before it. */
export function markFields({ text, folder, atMs, column, isAbove }: Omit<MarkFields, 'isPicture'>): string {
  const said = `;${PICTURE}=${atMs ?? ''},${column ?? ''},${isAbove ? 'above' : ''}`
  const command = text === null ? '' : `;cmdline_url=${encoded(text)}`
  return said + command + (folder === null ? '' : `;folder_url=${encoded(folder)}`)
}

/** A half of a surrogate pair, which a cut may leave, has no form in a URL. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))

function decoded(text: string | undefined): string | null {
  if (text === undefined) return null
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
