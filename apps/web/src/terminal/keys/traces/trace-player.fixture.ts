import { createInput } from '../input.ts'
import { NOTHING_ASKED } from '../key-encoding.ts'
import { policyFor } from '../raw-field.ts'
import { type EditedField, RawTyping } from '../raw-typing.ts'
import type { EditStep, KeyStep, Trace, TraceStep } from './trace.ts'

/** Where the browser's next task begins: after each step, or at each key. */
export type Settles = 'each-step' | 'each-key'

/** Plays a trace through the real raw field, with a text field that is edited as browsers edit it. Answers with the bytes sent. */
export function playedTrace(
  { languages = ['en'], steps }: Pick<Trace, 'languages' | 'steps'>,
  settles: Settles,
): string {
  return new TracePlayer(languages).play(steps, settles)
}

export class TracePlayer {
  #sent = ''
  readonly #field = new FieldAsBrowsersEdit()
  readonly #input = createInput(() => ({
    type: (bytes) => {
      this.#sent += new TextDecoder().decode(bytes)
      return 'taken'
    },
    bracketedPaste: false,
    applicationCursor: false,
    keyboardAsked: NOTHING_ASKED,
  }))
  readonly #typing: RawTyping

  constructor(languages: readonly string[]) {
    this.#typing = new RawTyping({
      field: this.#field,
      input: this.#input,
      policy: policyFor(languages),
      onPaste: (text) => {
        this.#sent += `<paste ${text}>`
      },
      onWayOut: () => {},
    })
  }

  /** All that was sent. */
  get sent(): string {
    return this.#sent
  }

  play(steps: readonly TraceStep[], settles: Settles): string {
    for (const step of steps) {
      if (settles === 'each-key' && step.on === 'keydown') this.#typing.settled()
      this.#step(step)
      if (settles === 'each-step') this.#typing.settled()
    }
    this.#typing.settled()
    return this.#sent
  }

  #step(step: TraceStep): void {
    switch (step.on) {
      case 'keydown':
        this.#typing.pressed(keyEvent(step))
        return
      case 'compositionstart':
        return this.#typing.compositionStart()
      case 'compositionend':
        return this.#typing.compositionEnd()
      case 'edit':
        return this.#edit(step)
      case 'redictate':
        if (this.#field.value.endsWith(step.old))
          this.#edit({
            ...{ on: 'edit', type: 'insertReplacementText', back: [...step.old].length, text: step.text },
            ...{ composing: false, cancelable: true },
          })
        return
      case 'caret':
        this.#field.caret = Math.max(0, this.#field.value.length - step.fromEnd)
        return
      case 'bar':
        this.#input.key(step.key)
    }
  }

  #edit({ type, back, text, composing, cancelable }: EditStep): void {
    const edit = { inputType: type, isComposing: composing }
    if (this.#typing.beforeInput(edit, cancelable)) return
    this.#field.replace(back, text)
    this.#typing.edited(edit)
  }
}

class FieldAsBrowsersEdit implements EditedField {
  value = ''
  caret = 0

  caretToEnd(): void {
    this.caret = this.value.length
  }

  /** Removes so many characters before the caret, and puts text there. */
  replace(back: number, text: string): void {
    const before = [...this.value.slice(0, this.caret)]
    const kept = before.slice(0, Math.max(0, before.length - back)).join('')
    this.value = kept + text + this.value.slice(this.caret)
    this.caret = kept.length + text.length
  }
}

const keyEvent = ({ key, keyCode, composing = false, ctrl = false }: KeyStep): KeyboardEvent =>
  Object.assign(new Event('keydown'), {
    ...{ key, keyCode, code: '', isComposing: composing },
    ...{ ctrlKey: ctrl, altKey: false, shiftKey: false, metaKey: false, getModifierState: () => false },
  }) as unknown as KeyboardEvent
