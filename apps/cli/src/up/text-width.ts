/** Where characters land on a terminal's grid. */

const ESCAPES = /\u001b\[[0-9;]*m/g
const TWO_COLUMNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff00-\uff60]/u
const NO_COLUMN = /\p{Mn}/u

/** How many columns `text` takes, colours not counted. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text.replace(ESCAPES, ''))
    columns += NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1
  return columns
}

/** `text` in lines of at most `columns`, broken between words; a longer word stays whole, for it may be a link. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && columnsOf(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** `text` in lines of at most `columns`, longer words cut. For text to read, not to copy. */
export function cutTo(text: string, columns: number): string[] {
  return wrapped(text, columns).flatMap((line) => {
    if (columnsOf(line) <= columns) return [line]
    const lines: string[] = ['']
    for (const character of line) {
      const last = lines.at(-1) ?? ''
      if (columnsOf(last + character) > columns) lines.push(character)
      else lines[lines.length - 1] = last + character
    }
    return lines
  })
}
