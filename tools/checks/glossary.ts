/** One row of docs/glossary.md. */
export interface GlossaryRow {
  readonly line: number
  readonly word: string
  readonly meaning: string
  readonly notCalled: readonly string[]
  /** source of a regular expression that a whole name must not match; null when the row bans none */
  readonly banned: string | null
}

/** Where the words are. */
export const GLOSSARY = 'docs/glossary.md'

/** The table's rows. A cell's `\|` stands for `|`. */
export const glossaryRows = (text: string): readonly GlossaryRow[] =>
  text
    .split('\n')
    .map((line, at) => ({ cells: cellsOf(line), line: at + 1 }))
    .filter(({ cells }) => cells.length >= 4 && cells[0] !== 'word' && !/^-+$/.test(cells[0]!))
    .map(({ cells: [word = '', meaning = '', notCalled = '', banned = ''], line }) => ({
      line,
      word,
      meaning,
      notCalled: notCalled === '' ? [] : notCalled.split(/,\s*/),
      banned: banned === '' ? null : banned.replaceAll('`', ''),
    }))

const cellsOf = (line: string): readonly string[] =>
  line.startsWith('|')
    ? line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|'))
    : []
