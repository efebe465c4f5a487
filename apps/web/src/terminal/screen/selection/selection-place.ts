/** A box on the page, CSS pixels of its container. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where a boundary between two cells is drawn: its left edge, and top and bottom of its row. */
export interface Edge {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/** Between the bar and the text that it is about; the handles hang below a row. */
const GAP_PX = 10
const HANDLE_PX = 30

/**
 * Where the bar stands: above the selection, else below its handles, else in the middle of a selection that fills the view.
 * CSS pixels from the top of a view that is `viewPx` high.
 */
export function barTop(start: Edge, end: Edge, barPx: number, viewPx: number): number {
  const above = start.top - GAP_PX - barPx
  const below = end.bottom + HANDLE_PX + GAP_PX
  if (above >= 4) return Math.min(above, viewPx - barPx - 4)
  if (below + barPx <= viewPx - 4) return Math.max(below, 4)
  return Math.max(4, Math.round((viewPx - barPx) / 2))
}

/** How a handle hangs: beside its edge on the outer side and below, turned where the view ends. */
export function hang(
  side: 'start' | 'end',
  { x, bottom }: Edge,
  view: { readonly width: number; readonly height: number },
): { readonly to: 'left' | 'right'; readonly up: boolean } {
  const outer = side === 'start' ? 'left' : 'right'
  const to = outer === 'left' && x < 22 ? 'right' : outer === 'right' && x > view.width - 22 ? 'left' : outer
  return { to, up: bottom + 22 > view.height }
}
