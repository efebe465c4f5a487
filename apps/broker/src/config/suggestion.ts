/** The word of `known` that was probably meant by `typed`, or null when nothing is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  const far = typed.length < 4 ? 1 : 2
  let best: string | null = null
  let bestEdits = far + 1
  for (const word of known) {
    const edits = editsBetween(typed.toLowerCase(), word)
    if (edits < bestEdits) {
      best = word
      bestEdits = edits
    }
  }
  return best ?? known.find((word) => typed.length >= 2 && word.startsWith(typed)) ?? null
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to` (optimal string alignment). */
export function editsBetween(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + same)
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (row > 1 && column > 1 && swapped) edits = Math.min(edits, at(beforeLast, column - 2) + 1)
      current.push(edits)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
