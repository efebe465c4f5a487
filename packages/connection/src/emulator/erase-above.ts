import { field } from './hidden-field.ts'

/** What this needs of an xterm terminal, in a page or without one. */
export interface Erasable {
  readonly cols: number
  readonly buffer: {
    readonly active: { readonly cursorX: number; readonly cursorY: number; readonly length: number }
  }
  readonly parser: {
    registerCsiHandler(
      id: { readonly prefix?: string; readonly final: string },
      handler: (params: readonly (number | number[])[]) => boolean,
    ): unknown
  }
}

const ABOVE = 1
const ALL = 2

/**
 * xterm 6.0.0 throws at `CSI 1 J` and `CSI ? 1 J` (erase from the top to the cursor) with the cursor in the last cell of a
 * screen without lines below: it looks at the row after. There the whole screen is erased, which is the same.
 */
export function mendEraseAbove(terminal: Erasable): void {
  const { parser, buffer } = terminal
  const mend = (isSelective: boolean) => (params: readonly (number | number[])[]) => {
    const { cursorX, cursorY, length } = buffer.active
    if (params[0] !== ABOVE || cursorX + 1 < terminal.cols || cursorY + 1 < length) return false
    const handler = field(terminal, '_core', '_inputHandler')
    const erase = field(handler, 'eraseInDisplay')
    if (typeof erase !== 'function') return false
    erase.call(handler, { params: [ALL], length: 1 }, isSelective)
    return true
  }
  parser.registerCsiHandler({ final: 'J' }, mend(false))
  parser.registerCsiHandler({ prefix: '?', final: 'J' }, mend(true))
}
