import { listening } from '../../listening.ts'
import type { Input } from './input.ts'
import { leaveTerminal } from './pressed-keys.ts'
import { policyFor } from './raw-field.ts'
import { type Edit, RawTyping } from './raw-typing.ts'

/** The hidden field that a soft keyboard types into. */
export interface RawInput {
  readonly element: HTMLTextAreaElement
  dispose(): void
}

export function createRawInput(input: Input, label: string, onPaste: (text: string) => void): RawInput {
  const field = document.createElement('textarea')
  field.className = 'raw-field'
  field.setAttribute('aria-label', label)
  field.setAttribute('aria-describedby', 'terminal-keys')
  for (const name of ['autocapitalize', 'autocomplete', 'autocorrect']) field.setAttribute(name, 'off')
  field.spellcheck = false
  field.rows = 1
  const typing = new RawTyping({
    field: {
      get value() {
        return field.value
      },
      set value(text) {
        field.value = text
      },
      caretToEnd: () => field.setSelectionRange(field.value.length, field.value.length),
    },
    input,
    policy: policyFor(navigator.languages),
    onPaste,
    onWayOut: leaveTerminal,
  })
  const owner = new AbortController()
  const on = listening(field, { signal: owner.signal })
  // One action of a keyboard is several events, which browsers send in one task.
  let settling: ReturnType<typeof setTimeout> | null = null
  const settleSoon = () => {
    settling ??= setTimeout(() => {
      settling = null
      typing.settled()
    })
  }
  on('focus', () => typing.focused())
  on('compositionstart', () => typing.compositionStart())
  on('compositionend', () => {
    typing.compositionEnd()
    settleSoon()
  })
  on('beforeinput', (event) => {
    if (typing.beforeInput(event, event.cancelable)) event.preventDefault()
  })
  on('input', (event) => {
    typing.edited(event instanceof InputEvent ? event : UNKNOWN_EDIT)
    settleSoon()
  })
  on('keydown', (event) => {
    if (typing.pressed(event)) event.preventDefault()
  })
  on('paste', (event) => {
    event.preventDefault()
    onPaste(event.clipboardData?.getData('text/plain') ?? '')
  })
  return {
    element: field,
    dispose: () => {
      owner.abort()
      if (settling !== null) clearTimeout(settling)
    },
  }
}

/** An edit of a browser extension, or of an old browser. */
const UNKNOWN_EDIT: Edit = { inputType: '', isComposing: false }
