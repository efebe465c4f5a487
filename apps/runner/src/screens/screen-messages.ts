/** What the main thread and the thread of the screens tell each other. Both ends are this program: no parsing needed. */

/** For each screen, in order. */
export type ToScreens =
  | { readonly type: 'open'; readonly screen: number; readonly cols: number; readonly rows: number }
  /** output from where the last one ended; the buffer changes hands */
  | { readonly type: 'output'; readonly screen: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'resize'; readonly screen: number; readonly cols: number; readonly rows: number }
  | { readonly type: 'snapshot'; readonly screen: number; readonly request: number }
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
  /** this many bytes of output have been drawn since the screen was opened */
  | { readonly type: 'drawn'; readonly screen: number; readonly upTo: number }
  /** the terminal's own answer to a question of the program */
  | { readonly type: 'reply'; readonly screen: number; readonly text: string }
  | ({ readonly type: 'picture'; readonly screen: number; readonly request: number } & Picture)

/** A screen, or lines above it, as it was when `offset` bytes had been drawn. */
export interface Picture {
  readonly offset: number
  readonly cols: number
  readonly rows: number
  readonly bytes: Uint8Array<ArrayBuffer>
}
