import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { copyText } from '../../../platform.ts'
import { useObservable } from '../../../use-observable.ts'
import { useWords } from '../../../words/language.ts'
import { lineCountOf } from '../clipboard-write.ts'
import type { SelectedScreen } from './finger-selection.ts'
import { SelectionBar, type SelectionWays } from './selection-bar.tsx'
import { SelectionHandle } from './selection-handle.tsx'
import { barTop, type Edge } from './selection-place.ts'

const NOTE_MS = 4_000

/** The handles and the bar over text that a finger selected. */
export function SelectionLayer({
  screen,
  ways,
}: {
  readonly screen: SelectedScreen
  readonly ways: SelectionWays
}) {
  const { selection } = useWords()
  const { selected, moving, byKey } = useObservable(screen.selection.state)
  const [copied, setCopied] = useState<{ readonly says: string } | null>(null)
  const layer = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLDivElement>(null)
  const isOpen = selected.is !== 'none'
  useRedrawn(screen, isOpen)
  useEffect(() => {
    if (copied === null) return
    const timer = setTimeout(() => setCopied(null), NOTE_MS)
    return () => clearTimeout(timer)
  }, [copied])
  useLayoutEffect(() => {
    if (isOpen && byKey) bar.current?.querySelector('button')?.focus()
  }, [isOpen && byKey])
  const view = layer.current?.getBoundingClientRect() ?? null
  const edges = view === null ? null : edgesOf(screen, view)
  useLayoutEffect(() => {
    // The bar is measured once it is drawn.
    if (bar.current === null || edges === null || view === null) return
    bar.current.style.top = `${barTop(edges.start, edges.end, bar.current.offsetHeight, view.height)}px`
  })
  const copy = async () => {
    const text = screen.selection.text
    const isDone = await copyText(text)
    if (isDone) screen.selection.clear()
    setCopied({ says: isDone ? selection.copied(lineCountOf(text)) : selection.refused })
  }
  return (
    <div class="selection" ref={layer} data-selected={selected.is}>
      {edges === null || view === null || selected.is !== 'text' ? null : (
        <>
          <SelectionHandle screen={screen} side="start" edge={edges.start} view={view} />
          <SelectionHandle screen={screen} side="end" edge={edges.end} view={view} />
        </>
      )}
      {isOpen && !moving ? (
        <SelectionBar place={bar} selection={screen.selection} ways={ways} onCopy={() => void copy()} />
      ) : null}
      {copied === null ? null : (
        <p class="toast copied" role="status">
          {copied.says}
        </p>
      )}
    </div>
  )
}

/** Draws again when the text moved under the selection. */
function useRedrawn(screen: SelectedScreen, isOpen: boolean): void {
  const [, redraw] = useState(0)
  useEffect(() => {
    if (!isOpen) return
    const draw = () => {
      screen.selection.settle()
      redraw((count) => count + 1)
    }
    const listeners = [screen.emulator.onRender(draw), screen.emulator.onScroll(draw)]
    const owner = new AbortController()
    screen.element.addEventListener('scroll', draw, { passive: true, signal: owner.signal })
    const observer = new ResizeObserver(draw)
    observer.observe(screen.element)
    draw()
    return () => {
      for (const listener of listeners) listener.dispose()
      owner.abort()
      observer.disconnect()
    }
  }, [screen, isOpen])
}

/** The two ends of the selection within `view`, or the held place of a blank. */
function edgesOf(screen: SelectedScreen, view: DOMRect): { readonly start: Edge; readonly end: Edge } | null {
  const { selected } = screen.selection.state.current
  if (selected.is === 'none') return null
  if (selected.is === 'blank') {
    const y = selected.at.y - view.top
    const edge = { x: selected.at.x - view.left, top: y - 12, bottom: y + 12 }
    return { start: edge, end: edge }
  }
  const drawn = screen.element.querySelector('.xterm-screen')?.getBoundingClientRect()
  if (drawn === undefined) return null
  const { cols, rows, buffer } = screen.emulator
  const [width, height] = [drawn.width / cols, drawn.height / rows]
  const edge = ({ x, y }: { readonly x: number; readonly y: number }): Edge => {
    const top = drawn.top - view.top + (y - buffer.active.viewportY) * height
    return { x: drawn.left - view.left + x * width, top, bottom: top + height }
  }
  return { start: edge(selected.range.start), end: edge(selected.range.end) }
}
