import { useRef } from 'preact/hooks'
import { useWords } from '../../../words/language.ts'
import type { SelectedScreen } from './finger-selection.ts'
import type { Side } from './line-cells.ts'
import { type Edge, hang } from './selection-place.ts'

interface HandleProps {
  readonly screen: SelectedScreen
  readonly side: Side
  readonly edge: Edge
  readonly view: { readonly width: number; readonly height: number }
}

const STEPS: Readonly<Record<string, { readonly cells: number; readonly rows: number }>> = {
  ArrowLeft: { cells: -1, rows: 0 },
  ArrowRight: { cells: 1, rows: 0 },
  ArrowUp: { cells: 0, rows: -1 },
  ArrowDown: { cells: 0, rows: 1 },
}

/** One end of the selection: 20 px to the eye, 44 to the finger; arrow keys move it as well. */
export function SelectionHandle({ screen, side, edge, view }: HandleProps) {
  const { selection: words } = useWords()
  const drag = useRef<{ readonly dx: number; readonly dy: number; side: Side } | null>(null)
  const { selection } = screen
  const { to, up } = hang(side, edge, view)
  const isHidden = edge.bottom < 4 || edge.top > view.height - 4
  const middlePx = (edge.top + edge.bottom) / 2
  const end = () => {
    drag.current = null
    selection.release()
  }
  return (
    <button
      type="button"
      class={`handle ${to}${up ? ' up' : ''}${isHidden ? ' away' : ''}`}
      style={{
        left: `${edge.x}px`,
        top: `${up ? edge.top : edge.bottom}px`,
        '--row-px': `${edge.bottom - edge.top}px`,
      }}
      aria-label={side === 'start' ? words.start : words.end}
      onMouseDown={(event) => event.preventDefault()}
      onContextMenu={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        const box = event.currentTarget.parentElement?.getBoundingClientRect()
        // The finger lies below the text that it moves: it keeps its distance.
        const [x, y] = [edge.x + (box?.left ?? 0), middlePx + (box?.top ?? 0)]
        drag.current = { dx: x - event.clientX, dy: y - event.clientY, side }
      }}
      onPointerMove={(event) => {
        const held = drag.current
        if (held === null) return
        held.side = selection.draw(held.side, { x: event.clientX + held.dx, y: event.clientY + held.dy })
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={(event) => {
        const by = STEPS[event.key]
        if (event.key === 'Escape') selection.clear()
        if (by === undefined) return
        event.preventDefault()
        selection.step(side, by)
      }}
    />
  )
}
