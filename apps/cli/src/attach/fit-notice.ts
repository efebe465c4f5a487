import type { Size } from '@latchkey/protocol/terminal/streams'

/** The notice shown while a terminal is larger than the window it is drawn in. */
export interface FitNotice {
  /** a few words for the title */
  readonly title: string
  readonly sentence: string
}

/**
 * Null when the whole terminal fits the window, or its size is not known yet.
 * @param mayTakeSize false where one only looks: then the window has to become larger
 */
export function fitNotice(terminal: Size | null, window: Size, mayTakeSize: boolean): FitNotice | null {
  if (terminal === null || (terminal.cols <= window.cols && terminal.rows <= window.rows)) return null
  const sizes = `${terminal.cols}x${terminal.rows} in a window of ${window.cols}x${window.rows}`
  const wayOut = mayTakeSize
    ? '~s at the beginning of a line makes the terminal as large as this window'
    : 'make this window larger'
  return {
    title: mayTakeSize ? `${sizes}, ~s fits it` : sizes,
    sentence: `The terminal is ${sizes}, so what is drawn is not in its place: ${wayOut}.`,
  }
}
