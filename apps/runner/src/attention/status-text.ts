import { printable } from '@latchkey/protocol/printable'

const HALF_CHARACTER = /[\ud800-\udbff]$/

/** `text` of a stranger on one line, of at most `unitsMax` UTF-16 units, as the wire counts them. */
export const statusText = (text: string, unitsMax: number): string =>
  printable(text, unitsMax).slice(0, unitsMax).replace(HALF_CHARACTER, '')
