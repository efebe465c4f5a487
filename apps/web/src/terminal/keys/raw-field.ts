/**
 * Reads a soft keyboard through a hidden text field. Soft keyboards send no keys but edits: they compose words, correct
 * them afterwards, delete and insert in one step. So the text of the field is compared with the text sent so far, and the
 * difference becomes backspaces and text. The field starts from a baseline, so that a keyboard always finds something to
 * delete and keeps sending deletions; it is set back to the baseline when nothing in it can be edited any more.
 */

/** Not a word, so that no keyboard learns or corrects it; long enough for a held backspace between two resets. */
export const BASELINE = '\u00a0'.repeat(16)
const BLANK = '\u00a0'

/** A field that holds so much is emptied, whatever its keyboard might still correct. Characters. */
const KEPT_CHARS_MAX = 400

/**
 * `as-typed` sends each change at once: letters appear while a word is still being composed, as on a keyboard.
 * `when-composed` waits for the end of a composition: for scripts whose letters are first spelled in Latin ones.
 */
export type ComposePolicy = 'as-typed' | 'when-composed'

export interface RawField {
  /** the text of the field, as far as it has been sent */
  readonly sent: string
  readonly policy: ComposePolicy
  /** the policy of the person's languages; `policy` may have learned another one from the keyboard */
  readonly ownPolicy: ComposePolicy
  /** a composition runs that began with Latin letters */
  readonly spelled: boolean
  /** its keyboard may come back to what it inserted: to a dictated sentence, a swiped word, a syllable of Hangul */
  readonly kept: boolean
}

export const rawField = (policy: ComposePolicy): RawField => ({
  sent: BASELINE,
  policy,
  ownPolicy: policy,
  spelled: false,
  kept: false,
})

export interface RawEdit {
  readonly next: RawField
  /** what to send, backspaces (0x7f) first */
  readonly send: string
}

/** The text of the field is `value` now. `composing`: its keyboard has not ended the composition that it is part of. */
export function edited(field: RawField, value: string, composing: boolean): RawEdit {
  const send = difference(field.sent, value)
  const put = send.replace(/^\u007f+/, '')
  const spelled = field.spelled || (composing && /^\p{Script=Latin}/u.test(put))
  if (composing && mustWait(field, put)) return { next: { ...field, spelled }, send: '' }
  const kept = field.kept || [...put].length > 1 || /\p{Script=Hangul}$/u.test(put)
  return {
    next: {
      ...field,
      sent: value,
      spelled: composing && spelled,
      kept,
      policy: composing ? field.policy : learned(field, put),
    },
    send,
  }
}

/** Whether the field can be set back to its baseline: nothing in it will be edited. */
export const isDone = (field: RawField): boolean =>
  field.sent !== BASELINE && (!field.kept || field.sent.length > BASELINE.length + KEPT_CHARS_MAX)

/** The same field, back at its baseline. */
export const setBack = (field: RawField): RawField => ({ ...rawField(field.ownPolicy), policy: field.policy })

/** Ideographs and syllables are final only when they are composed, and a lone accent waits for its letter (a dead key). */
function mustWait(field: RawField, put: string): boolean {
  if (field.policy === 'when-composed') return true
  return (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(put) ||
    /^[´`^~¨ˆ˜°¸˝]$/u.test(put)
  )
}

/** A keyboard that turned Latin letters into ideographs does it again; one that ended with Latin letters does not. */
function learned(field: RawField, put: string): ComposePolicy {
  if (field.ownPolicy === 'when-composed' || !field.spelled) return field.policy
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(put) ? 'when-composed' : 'as-typed'
}

/**
 * The keys that turn `before` into `after`: backspaces from its end, then text. The baseline is never typed: an edit inside
 * it, where a keyboard's own cursor control has put the caret, is one at the cursor.
 */
export function difference(before: string, after: string): string {
  const from = [...before]
  const to = [...after]
  let same = 0
  while (same < from.length && same < to.length && from[same] === to[same]) same++
  const taken = from.slice(same)
  const given = to.slice(same)
  if (same < BASELINE.length && given.length > 0) {
    const blanks = (characters: readonly string[]) => characters.filter((each) => each === BLANK).length
    const isText = (each: string) => each !== BLANK
    const missing = Math.max(0, blanks(taken) - blanks(given))
    return keysFor([...taken.filter(isText), ...BLANK.repeat(missing)], given.filter(isText))
  }
  return keysFor(taken, given)
}

/**
 * Line editors take back one character that has a width: an accent that combines, a joiner and a variation selector go with
 * the character before them. A skin tone has a width of its own there.
 */
const keysFor = (taken: readonly string[], given: readonly string[]): string =>
  '\u007f'.repeat(taken.filter((each) => !/^(?:\p{M}|\u200d)$/u.test(each)).length) +
  given.join('').replace(/\n/g, '\r')

/** Waits for scripts that are spelled in Latin letters first; in all others each letter is sent at once. */
export const policyFor = (languages: readonly string[]): ComposePolicy =>
  languages.some((tag) => /^(zh|ja|ko)\b/i.test(tag)) ? 'when-composed' : 'as-typed'
