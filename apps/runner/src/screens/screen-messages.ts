/** What the main thread and the thread of the screens tell each other. Both ends are this program: no parsing needed. */

/** For each screen, in order. */
export type ToScreens =
  | {
      readonly type: 'open'
      readonly screen: number
      readonly cols: number
      readonly rows: number
      /** where its output goes on, and what `pack` answered there; null: it begins empty */
      readonly at: number
      /** output below this offset was printed earlier than it is given */
      readonly printedAt: number
      readonly packed: Uint8Array | null
      readonly isLight: boolean
    }
  /** output from where the last one ended; the buffer changes hands */
  | { readonly type: 'output'; readonly screen: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'resize'; readonly screen: number; readonly cols: number; readonly rows: number }
  | { readonly type: 'scheme'; readonly screen: number; readonly isLight: boolean }
  | { readonly type: 'snapshot'; readonly screen: number; readonly request: number }
  /** the text of its rows: answered by a picture that is no picture */
  | { readonly type: 'rows'; readonly screen: number; readonly request: number }
  /** everything, to open the screen again with: answered by a picture that is no picture */
  | { readonly type: 'pack'; readonly screen: number; readonly request: number }
  /** where the screen begins now is remembered under this number */
  | { readonly type: 'mark'; readonly screen: number; readonly mark: number }
  | {
      readonly type: 'scrollback'
      readonly screen: number
      readonly request: number
      readonly lines: number
      /** the mark above which nothing is told */
      readonly since: number | null
    }
  | { readonly type: 'close'; readonly screen: number }

export type FromScreens =
  /** everything below this offset of the output has been drawn */
  | { readonly type: 'drawn'; readonly screen: number; readonly upTo: number }
  /** the terminal's own answer to a question of the program */
  | { readonly type: 'reply'; readonly screen: number; readonly text: string }
  /** what a program asked to be told of */
  | { readonly type: 'report'; readonly screen: number; readonly text: string }
  | ({ readonly type: 'picture'; readonly screen: number; readonly request: number } & Picture)

/** A screen, or lines above it, as it was when `offset` bytes had been drawn. */
export interface Picture {
  readonly offset: number
  readonly cols: number
  readonly rows: number
  readonly bytes: Uint8Array<ArrayBuffer>
}
