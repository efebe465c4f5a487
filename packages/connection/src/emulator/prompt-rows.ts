/** What this needs of an emulator's screen, in a browser or on a machine. */
export interface ShownBuffer {
  /** the line at which the visible screen begins when it is not scrolled */
  readonly baseY: number
  getLine(y: number): { translateToString(trimRight?: boolean): string } | undefined
}

/** Rows of the visible screen, 0 at the top, both ends included, without the blanks at their ends. */
export interface PromptRows {
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

/**
 * So many rows of a screen count as its prompt: enough for the command that an agent asks about, few enough that a clock or a
 * counter at the top of the screen does not spoil every key.
 */
export const PROMPT_ROWS_MAX = 16

/** The text of rows `from` to `to`, joined by line feeds: a guarded key carries the hash of it. */
export const rowsText = ({ lines }: Pick<PromptRows, 'lines'>): string => lines.join('\n')

export function rowsOf(buffer: ShownBuffer, from: number, to: number): PromptRows {
  const lines = Array.from({ length: to - from + 1 }, (_, at) =>
    (buffer.getLine(buffer.baseY + from + at)?.translateToString(true) ?? '').replace(/ +$/, ''),
  )
  return { from, to, lines }
}

/** The last rows of a screen that are not blank, with the rows between them: where a program asks. */
export function promptRowsOf(buffer: ShownBuffer, rowCount: number): PromptRows {
  const all = rowsOf(buffer, 0, rowCount - 1).lines
  const to = Math.max(
    0,
    all.findLastIndex((line) => line !== ''),
  )
  const earliest = Math.max(0, to - PROMPT_ROWS_MAX + 1)
  const first = all.findIndex((line, at) => at >= earliest && line !== '')
  return rowsOf(buffer, Math.max(earliest, first), to)
}
