/** A longer output is folded in its middle. */
export const FOLD_LINES_MIN = 40
const HEAD_LINES = 10
const TAIL_LINES = 20

/** The lines that are not shown: [from, to). Null when all are. */
export function foldOf(
  lineCount: number,
  isOpen: boolean,
): { readonly from: number; readonly to: number } | null {
  return isOpen || lineCount <= FOLD_LINES_MIN ? null : { from: HEAD_LINES, to: lineCount - TAIL_LINES }
}
