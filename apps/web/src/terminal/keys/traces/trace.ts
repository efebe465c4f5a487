/**
 * What a browser tells of one stretch of typing on a keyboard, and the bytes that must reach the terminal. Written from the
 * specifications and from what others recorded in public; `source` says where.
 */
export interface Trace {
  readonly keyboard: string
  readonly does: string
  readonly source: string
  /** of the browser; English when absent */
  readonly languages?: readonly string[]
  readonly steps: readonly TraceStep[]
  /** backspaces are `\x7f` */
  readonly bytes: string
}

export type TraceStep =
  | KeyStep
  | EditStep
  | { readonly on: 'compositionstart' | 'compositionend' }
  /** dictation of iOS looks for what it wrote before the caret and replaces it; where it is gone, nothing happens */
  | { readonly on: 'redictate'; readonly old: string; readonly text: string }
  /** a keyboard's cursor control puts the caret so many characters before the end */
  | { readonly on: 'caret'; readonly fromEnd: number }
  /** a key of the key bar, which the field does not see */
  | { readonly on: 'bar'; readonly key: 'Tab' | 'ArrowLeft' }

export interface KeyStep {
  readonly on: 'keydown'
  readonly key: string
  readonly keyCode: number
  readonly composing?: boolean
  readonly ctrl?: boolean
}

/** One `beforeinput`, the browser's change of the field, and one `input`. */
export interface EditStep {
  readonly on: 'edit'
  readonly type: string
  /** characters before the caret that it removes, and the text that it puts there */
  readonly back: number
  readonly text: string
  readonly composing: boolean
  readonly cancelable: boolean
}

/** A key of a soft keyboard that the browser cannot name. */
export const unnamed: KeyStep = { on: 'keydown', key: 'Unidentified', keyCode: 229 }

export const named = (key: string, keyCode: number): KeyStep => ({ on: 'keydown', key, keyCode })

export const insert = (text: string): EditStep => ({
  on: 'edit',
  type: 'insertText',
  back: 0,
  text,
  composing: false,
  cancelable: true,
})

export const remove = (back: number, type = 'deleteContentBackward'): EditStep => ({
  on: 'edit',
  type,
  back,
  text: '',
  composing: false,
  cancelable: true,
})

export const lineBreak = (cancelable: boolean, composing = false): EditStep => ({
  on: 'edit',
  type: 'insertLineBreak',
  back: 0,
  text: '\n',
  composing,
  cancelable,
})

/** A composition's text becomes `text`; `before` is its text until now. */
export const composeTo = (before: string, text: string, type = 'insertCompositionText'): EditStep => ({
  on: 'edit',
  type,
  back: [...before].length,
  text,
  composing: true,
  cancelable: false,
})

/** A composition that grows through these texts, each with the key that a soft keyboard reports; it does not end. */
export function composing(...texts: readonly string[]): readonly TraceStep[] {
  return [
    unnamed,
    { on: 'compositionstart' },
    ...texts.flatMap((text, at) => {
      const edit = composeTo(texts[at - 1] ?? '', text)
      return at === 0 ? [edit] : [unnamed, edit]
    }),
  ]
}

export const ended: TraceStep = { on: 'compositionend' }

/** All beginnings of `word`: how it is typed letter by letter. */
export const lettersOf = (word: string): readonly string[] => {
  const letters = [...word]
  return letters.map((_, at) => letters.slice(0, at + 1).join(''))
}
