import type { Size } from '@latchkey/protocol/terminal/streams'

/** More than a machine makes of a terminal. */
const CELLS_MAX = 1_000

/**
 * How large the person's window behind a stream is; 80 x 24 where it is not known. A pipe has no size, and some terminals (of
 * `script` or `docker exec`) say 0.
 */
export const windowSize = (stream: { readonly columns?: number; readonly rows?: number }): Size => ({
  cols: Math.min(stream.columns || 80, CELLS_MAX),
  rows: Math.min(stream.rows || 24, CELLS_MAX),
})
