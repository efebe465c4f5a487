import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useWords } from '../../words/language.ts'
import type { Room } from './viewport.ts'

/** So long the bars lie over the screen after they were called; longer while they have the focus. */
const SHOWN_MS = 4_000

interface BarsProps {
  readonly room: Room
  /** stays over the screen while the bars are hidden */
  readonly mark: ComponentChildren
  readonly children: ComponentChildren
}

/** Header and tabs. Where there is no height for them, a handle brings them down over the screen for a while. */
export function Bars({ room, mark, children }: BarsProps) {
  const { term } = useWords()
  const [shown, setShown] = useState(false)
  const bars = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!shown) return
    const look = () => {
      if (
        bars.current?.contains(document.activeElement) === true ||
        document.querySelector('dialog[open]') !== null
      )
        timer = setTimeout(look, SHOWN_MS)
      else setShown(false)
    }
    let timer = setTimeout(look, SHOWN_MS)
    const away = (event: Event) => {
      if (event.target instanceof Node && bars.current?.contains(event.target) === false) setShown(false)
    }
    document.addEventListener('pointerdown', away)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('pointerdown', away)
    }
  }, [shown])
  if (room !== 'least') return <div class={`bars ${room}`}>{children}</div>
  if (shown)
    return (
      <div class="bars low over" ref={bars}>
        {children}
      </div>
    )
  return (
    <>
      <div class="mark-over">{mark}</div>
      <button
        type="button"
        id="show-bars"
        class="pull"
        aria-label={term.showBars}
        // Pulled or tapped: a finger that moves down from it is no click.
        onPointerDown={(event) => {
          event.preventDefault()
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerUp={() => setShown(true)}
        onClick={(event) => {
          if (event.detail !== 0) return
          setShown(true)
          requestAnimationFrame(() => document.getElementById('terminal-menu')?.focus())
        }}
      />
    </>
  )
}
