import { printable as cleaned } from '@latchkey/protocol/printable'

const LABEL_CHARS_MAX = 64

/** A name from outside, made safe to show: no control, direction or line characters, and not longer than a name. */
export const printable = (text: string): string => cleaned(text, text.length).trim().slice(0, LABEL_CHARS_MAX)
