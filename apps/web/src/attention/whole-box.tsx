import '../styles/whole-box.css'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { ForeignText, Parts } from './foreign-text.tsx'
import type { ShownText } from './shown-text.ts'
import type { FileDiff } from './unified-diff.ts'

interface WholeBoxProps {
  /** its content and the number of its lines, for screen readers */
  readonly label: string
  readonly look?: string
  /** its end is on the screen; called once */
  readonly onEnd: () => void
  readonly children: ComponentChildren
}

/**
 * A text that is decided about, whole: its lines wrap and nothing hides at the right. A bar at its foot says how much is still
 * below, until the end was on the screen.
 */
function WholeBox({ label, look = '', onEnd, children }: WholeBoxProps) {
  const text = useWords()
  const box = useRef<HTMLDivElement>(null)
  const end = useRef<HTMLElement>(null)
  const [below, setBelow] = useState(0)
  const [seen, setSeen] = useState(false)
  const measure = () => {
    const shown = box.current
    if (shown === null) return
    const foot = shown.getBoundingClientRect().bottom
    const lines = [...shown.querySelectorAll('.l')]
    setBelow(lines.filter((line) => line.getBoundingClientRect().bottom > foot + 1).length)
  }
  useEffect(() => {
    const [shown, last] = [box.current, end.current]
    if (shown === null || last === null) return
    measure()
    // Both the box and the sheet around it scroll: the end is seen when neither hides it.
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      setSeen(true)
      onEnd()
    })
    observer.observe(last)
    const sizes = new ResizeObserver(measure)
    sizes.observe(shown)
    return () => {
      observer.disconnect()
      sizes.disconnect()
    }
  }, [])
  return (
    <div
      class={`code ${look}`.trim()}
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={label}
      onScroll={measure}
    >
      {children}
      <i class="end" ref={end} />
      {seen || below === 0 ? null : (
        <button
          type="button"
          class="more"
          onClick={() => box.current?.scrollBy({ top: box.current.clientHeight * 0.8 })}
        >
          <Icon name="unfold" small />
          {text.attention.question.moreLines(below)}
        </button>
      )}
    </div>
  )
}

/** A command or another request, in numbered lines. */
export function CommandBox({ shown, onEnd }: { readonly shown: ShownText; readonly onEnd: () => void }) {
  const { attention } = useWords()
  return (
    <WholeBox label={attention.question.wholeCommand(shown.lines.length)} onEnd={onEnd}>
      {shown.lines.map((parts, at) => (
        <div key={at} class="l">
          <span>
            <Parts parts={parts} />
          </span>
        </div>
      ))}
    </WholeBox>
  )
}

/** The change of one file. */
export function DiffBox({ file, onEnd }: { readonly file: FileDiff; readonly onEnd: () => void }) {
  const { attention } = useWords()
  const words = attention.question
  const count = file.pieces.reduce((sum, piece) => sum + (piece.kind === 'note' ? 1 : piece.lines.length), 0)
  return (
    <>
      <p class="diff-name">
        <b class="mono">
          <ForeignText text={file.name} />
        </b>
        <span class="grow" />
        <span class="num plus">+{file.added}</span>
        <span class="num minus">−{file.removed}</span>
      </p>
      <WholeBox label={words.changesTo(file.name, count)} look="diff" onEnd={onEnd}>
        {file.pieces.map((piece, at) =>
          piece.kind === 'note' ? (
            <div key={at} class="hunk">
              <ForeignText text={piece.text} />
            </div>
          ) : (
            <>
              <div class="hunk">{words.linesFrom(piece.from, piece.to)}</div>
              {piece.lines.map((line) => (
                <div key={`${line.kind} ${line.number}`} class={`l ${line.kind}`}>
                  <i>{line.number}</i>
                  <em>
                    {line.kind === 'same' ? '' : line.kind === 'added' ? '+' : '−'}
                    {line.kind === 'same' ? null : (
                      <span class="vh">{line.kind === 'added' ? words.added : words.removed} </span>
                    )}
                  </em>
                  <span>
                    <ForeignText text={line.text} />
                  </span>
                </div>
              ))}
            </>
          ),
        )}
      </WholeBox>
    </>
  )
}
