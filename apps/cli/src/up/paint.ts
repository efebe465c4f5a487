import { printable } from '@latchkey/protocol/printable'

/** Colours by meaning; each returns the text unchanged when colours are off. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  warning(text: string): string
  bad(text: string): string
}

const styled =
  (on: boolean, open: string) =>
  (text: string): string =>
    on && text !== '' ? `\u001b[${open}m${text}\u001b[0m` : text

export const paintWith = (color: boolean): Paint => ({
  strong: styled(color, '1'),
  faint: styled(color, '2'),
  good: styled(color, '32'),
  warning: styled(color, '33'),
  bad: styled(color, '31'),
})

const PAINT = /(\u001b\[[0-9;]*m)/

/** `line` with its colours and without any other control character, even from a hostile broker. */
export const paintedOnly = (line: string): string =>
  line
    .split(PAINT)
    .map((part) => (PAINT.test(part) ? part : printable(part, Number.POSITIVE_INFINITY)))
    .join('')
