import { useMemo } from 'preact/hooks'
import { type FilePath, filePath } from '../../files/file-path.ts'
import { unlessUnchanged } from '../../parts/unchanged.ts'
import { pathIn } from './path-in.ts'
import { piecesOf } from './reader-text.ts'

/** How the text of cards is shown: the sought word, and the action of a tap on a path. */
export interface Shown {
  readonly sought: string
  /** opens a file of the machine; null where it exchanges none */
  readonly onPath: ((path: FilePath) => void) | null
}

interface LineProps extends Shown {
  readonly text: string
  /** where the search stands in this line; null elsewhere */
  readonly at: number | null
  /** the folder that relative paths begin at; null where that is not known */
  readonly folder: string | null
  /** nothing in it leads anywhere: a heading */
  readonly isPlain?: boolean
}

/** One line: text, web addresses, paths, and the places of the sought word. Drawn anew only when it changes. */
export const Line = unlessUnchanged(function Line({
  text,
  at,
  folder,
  sought,
  onPath,
  isPlain = false,
}: LineProps) {
  const pieces = useMemo(() => piecesOf(text, sought), [text, sought])
  let offset = 0
  return (
    <>
      {pieces.map((piece, index) => {
        const start = offset
        offset += piece.text.length
        const inner = piece.found ? <mark class={start === at ? 'at' : ''}>{piece.text}</mark> : piece.text
        const { path } = piece
        if (path !== undefined && onPath !== null)
          return (
            <button
              key={index}
              type="button"
              class="path"
              onClick={() => onPath(pathIn(folder, filePath(path)))}
            >
              {inner}
            </button>
          )
        return piece.href === null || isPlain ? (
          inner
        ) : (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
            {inner}
          </a>
        )
      })}
    </>
  )
})
