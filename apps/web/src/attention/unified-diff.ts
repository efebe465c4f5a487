export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  /** in the new file, or in the old one where it was removed */
  readonly number: number
  readonly text: string
}

/** A piece of a change: lines of a file, or a line of the diff's own that says something else. */
export type DiffPiece =
  | {
      readonly kind: 'lines'
      readonly from: number
      readonly to: number
      readonly lines: readonly DiffLine[]
    }
  | { readonly kind: 'note'; readonly text: string }

export interface FileDiff {
  readonly name: string
  readonly added: number
  readonly removed: number
  readonly pieces: readonly DiffPiece[]
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/

/**
 * A unified diff, by file. Every line of `text` is in a result: one that has no meaning here is a note. Null when it is no such
 * diff at all; then it is shown as it is.
 */
export function fileDiffs(text: string): readonly FileDiff[] | null {
  const files: Draft[] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  let notes: string[] = []
  let left = { old: 0, new: 0 }
  let at = { old: 0, new: 0 }
  for (const [index, line] of lines.entries()) {
    const file = files.at(-1)
    if (file !== undefined && (left.old > 0 || left.new > 0)) {
      const taken = takeLine(file, line, at)
      if (taken === null) return null
      at = { old: at.old + taken.old, new: at.new + taken.new }
      left = { old: left.old - taken.old, new: left.new - taken.new }
      continue
    }
    const next = lines[index + 1] ?? ''
    if (line.startsWith('--- ') && next.startsWith('+++ ')) {
      files.push({ name: nameOf(line, next), pieces: notes.map((note) => ({ kind: 'note', text: note })) })
      notes = []
      continue
    }
    if (line.startsWith('+++ ') && lines[index - 1]?.startsWith('--- ') === true) continue
    const hunk = HUNK.exec(line)
    if (hunk === null || file === undefined) {
      // Before a file its notes are of that file, such as "new file mode".
      if (file !== undefined && line.startsWith('\\')) file.pieces.push({ kind: 'note', text: line })
      else notes.push(line)
      continue
    }
    const [, oldFrom = '0', oldCount = '1', newFrom = '0', newCount = '1', title = ''] = hunk
    at = { old: Number(oldFrom), new: Number(newFrom) }
    left = { old: Number(oldCount), new: Number(newCount) }
    file.pieces.push({
      kind: 'lines',
      from: at.new,
      to: at.new + Math.max(0, left.new - 1),
      lines: [],
    })
    if (title.trim() !== '') file.pieces.splice(-1, 0, { kind: 'note', text: title.trim() })
  }
  if (files.length === 0 || left.old > 0 || left.new > 0) return null
  const last = files.at(-1)
  for (const note of notes) last?.pieces.push({ kind: 'note', text: note })
  return files.map((file) => ({ ...file, added: countOf(file, 'added'), removed: countOf(file, 'removed') }))
}

interface Draft {
  readonly name: string
  readonly pieces: (
    | { kind: 'lines'; from: number; to: number; lines: DiffLine[] }
    | { kind: 'note'; text: string }
  )[]
}

/** How many lines of the old and of the new file `line` is; null when it can be none. */
function takeLine(
  file: Draft,
  line: string,
  at: { readonly old: number; readonly new: number },
): { readonly old: number; readonly new: number } | null {
  const hunk = file.pieces.findLast((piece) => piece.kind === 'lines')
  if (hunk?.kind !== 'lines') return null
  const text = line.slice(1)
  switch (line.charAt(0)) {
    case '+':
      hunk.lines.push({ kind: 'added', number: at.new, text })
      return { old: 0, new: 1 }
    case '-':
      hunk.lines.push({ kind: 'removed', number: at.old, text })
      return { old: 1, new: 0 }
    case ' ':
    case '':
      hunk.lines.push({ kind: 'same', number: at.new, text })
      return { old: 1, new: 1 }
    case '\\':
      file.pieces.push({ kind: 'note', text: line })
      return { old: 0, new: 0 }
    default:
      return null
  }
}

/** The new name, or the old one of a file that is removed. */
function nameOf(old: string, now: string): string {
  const plain = (line: string) => line.slice(4).replace(/\t.*$/, '')
  const name = plain(now) === '/dev/null' ? plain(old) : plain(now)
  return name.replace(/^[ab]\//, '')
}

const countOf = ({ pieces }: Draft, kind: DiffLine['kind']): number =>
  pieces.flatMap((piece) => (piece.kind === 'lines' ? piece.lines : [])).filter((line) => line.kind === kind)
    .length
