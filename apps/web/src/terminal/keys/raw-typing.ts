import type { Input } from './input.ts'
import { isNamedKey } from './key-sequences.ts'
import { isInsertedPaste } from './paste.ts'
import { characterOf, heldBy, isWayOut } from './pressed-keys.ts'
import {
  BASELINE,
  type ComposePolicy,
  edited,
  isDone,
  type RawField,
  rawField,
  setBack,
} from './raw-field.ts'

/** The text field that a soft keyboard edits. */
export interface EditedField {
  value: string
  /** the caret behind the last character */
  caretToEnd(): void
}

/** The part of an `InputEvent` that matters here. */
export interface Edit {
  readonly inputType: string
  readonly isComposing: boolean
}

export interface RawTypingOptions {
  readonly field: EditedField
  readonly input: Input
  readonly policy: ComposePolicy
  readonly onPaste: (text: string) => void
  readonly onWayOut: () => void
}

/** A key of a real keyboard, or one that a soft keyboard reports as such; 229 means "look at the field instead". */
const UNREPORTED_KEY = 229

/**
 * Turns the events of the hidden field into input, whatever their order: browsers disagree on it. Each event is told after
 * the browser has changed the field, but `beforeInput`. Answers of true: the browser must do nothing with the event.
 */
export class RawTyping {
  readonly #options: RawTypingOptions
  #state: RawField
  #isComposing = false
  #sentCount: number

  constructor(options: RawTypingOptions) {
    this.#options = options
    this.#state = rawField(options.policy)
    this.#sentCount = options.input.sentCount
    this.reset()
  }

  /** The field begins anew: something else was typed between its edits. */
  reset(): void {
    const { field, input } = this.#options
    field.value = BASELINE
    field.caretToEnd()
    this.#state = setBack(this.#state)
    this.#sentCount = input.sentCount
  }

  /** The field has the focus: whatever was composed in it before is over. */
  focused(): void {
    this.#isComposing = false
    this.reset()
  }

  compositionStart(): void {
    this.#isComposing = true
  }

  /** The browser may still change the field: some end a composition first and put its text in afterwards. */
  compositionEnd(): void {
    this.#isComposing = false
    this.#take(false)
  }

  beforeInput({ inputType, isComposing }: Edit, cancelable: boolean): boolean {
    // Keys of the bar came in between: the text of the field does not stand before the cursor any more.
    if (!isComposing && !this.#isComposing && this.#options.input.sentCount !== this.#sentCount) this.reset()
    // An event that cannot be stopped puts a line break into the field, where it is found as any other text.
    if (!cancelable || (inputType !== 'insertLineBreak' && inputType !== 'insertParagraph')) return false
    this.#take(false)
    this.#options.input.key('Enter')
    this.reset()
    return true
  }

  edited({ inputType, isComposing }: Edit): void {
    const { field, input } = this.#options
    const { sent } = this.#state
    const backwards = BASELINE.startsWith(sent) && field.value.length < sent.length
    if (backwards && inputType === 'deleteWordBackward') {
      input.key('Backspace', { ctrl: false, alt: true, shift: false })
      return this.reset()
    }
    if (backwards && /^delete(Soft|Hard)LineBackward$/.test(inputType)) {
      input.text('u', { ctrl: true, alt: false, shift: false })
      return this.reset()
    }
    this.#take(isComposing)
  }

  /** After the events of one action of the person: the field goes back to its baseline where it can. */
  settled(): void {
    if (!this.#isComposing && this.#options.field.value === this.#state.sent && isDone(this.#state))
      this.reset()
  }

  pressed(event: KeyboardEvent): boolean {
    const { input, onWayOut } = this.#options
    if (event.isComposing || event.keyCode === UNREPORTED_KEY || event.metaKey) return false
    const held = heldBy(event)
    if (isWayOut(event)) onWayOut()
    else if (isNamedKey(event.key)) input.key(event.key, held)
    else if (held.ctrl || held.alt) {
      const character = characterOf(event)
      // Control with V pastes, as on every page; the key bar has the terminal's own.
      if (character === null || (held.ctrl && character.toLowerCase() === 'v')) return false
      input.text(character, held)
    } else return false
    this.reset()
    return true
  }

  #take(composing: boolean): void {
    const { field, input } = this.#options
    const edit = edited(this.#state, field.value, composing)
    this.#state = edit.next
    if (edit.send !== '') this.#send(edit.send)
    this.#sentCount = input.sentCount
  }

  /** Backspaces are keys; what follows them is text, to which the sticky modifiers apply, or a soft keyboard's clipboard. */
  #send(send: string): void {
    const { input, onPaste } = this.#options
    const backspaces = /^\u007f*/.exec(send)?.[0].length ?? 0
    const text = send.slice(backspaces)
    if (!isInsertedPaste(text)) return void input.edit(backspaces, text)
    if (backspaces > 0) input.edit(backspaces, '')
    onPaste(text.replace(/\r/g, '\n'))
  }
}
