const LABEL_CHARS_MAX = 64

/** A name from outside, made safe to show: no control, direction or line characters, and not longer than a name. */
export const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, LABEL_CHARS_MAX)
