/**
 * Reads a soft keyboard through a hidden text field. Soft keyboards send no keys but edits: they compose words, correct
 * them afterwards, delete and insert in one step. So the text of the field is compared with the text sent so far, and the
 * difference becomes backspaces and text. The field starts from a baseline, so that a keyboard always finds something to
 * delete and keeps sending deletions; it is set back to the baseline when a composition ends.
 */

/** Not a word, so that no keyboard learns or corrects it; long enough for a held backspace between two resets. */
export const BASELINE = '\u00a0'.repeat(16)

export interface RawField {
  /** the text of the field, as far as it has been sent */
  readonly sent: string
}

export const RAW_START: RawField = { sent: BASELINE }

/**
 * `as-typed` sends each change at once: letters appear while a word is still being composed, as on a keyboard.
 * `when-composed` waits for the end of a composition: for scripts whose letters are first spelled in Latin ones.
 */
export type ComposePolicy = 'as-typed' | 'when-composed'

export interface RawEdit {
  readonly next: RawField
  /** what to send, backspaces (0x7f) first */
  readonly send: string
  /** set the field's text back to the baseline, caret at its end */
  readonly reset: boolean
}

export function edited(field: RawField, value: string, composing: boolean, policy: ComposePolicy): RawEdit {
  if (composing && policy === 'when-composed') return { next: field, send: '', reset: false }
  const send = difference(field.sent, value)
  return composing ? { next: { sent: value }, send, reset: false } : { next: RAW_START, send, reset: true }
}

/** The keys that turn `before` into `after`: backspaces from its end, then text. */
export function difference(before: string, after: string): string {
  const from = [...before]
  const to = [...after]
  let same = 0
  while (same < from.length && same < to.length && from[same] === to[same]) same++
  return '\u007f'.repeat(from.length - same) + to.slice(same).join('').replace(/\n/g, '\r')
}

/** Waits for scripts that are spelled in Latin letters first; in all others each letter is sent at once. */
export const policyFor = (languages: readonly string[]): ComposePolicy =>
  languages.some((tag) => /^(zh|ja|ko)\b/i.test(tag)) ? 'when-composed' : 'as-typed'
