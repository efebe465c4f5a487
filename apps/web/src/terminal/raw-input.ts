import type { Input } from './input.ts'
import { isNamedKey, withModifiers } from './key-sequences.ts'
import { BASELINE, edited, policyFor, RAW_START } from './raw-field.ts'

/** The hidden field that a soft keyboard types into. */
export interface RawInput {
  readonly element: HTMLTextAreaElement
  dispose(): void
}

/** A key of a real keyboard, or one that a soft keyboard reports as such; 229 means "look at the field instead". */
const UNREPORTED_KEY = 229

export function createRawInput(input: Input, label: string, onPaste: (text: string) => void): RawInput {
  const field = document.createElement('textarea')
  field.className = 'raw-field'
  field.setAttribute('aria-label', label)
  for (const name of ['autocapitalize', 'autocomplete', 'autocorrect']) field.setAttribute(name, 'off')
  field.spellcheck = false
  field.rows = 1
  const policy = policyFor(navigator.languages)
  let state = RAW_START
  const reset = () => {
    field.value = BASELINE
    field.setSelectionRange(BASELINE.length, BASELINE.length)
    state = RAW_START
  }
  const take = (composing: boolean) => {
    const edit = edited(state, field.value, composing, policy)
    state = edit.next
    if (edit.send !== '') sendEdit(input, edit.send)
    if (edit.reset) reset()
  }
  const owner = new AbortController()
  const { signal } = owner
  field.addEventListener('focus', reset, { signal })
  field.addEventListener('input', (event) => take(event instanceof InputEvent && event.isComposing), {
    signal,
  })
  field.addEventListener('compositionend', () => take(false), { signal })
  field.addEventListener(
    'beforeinput',
    (event) => {
      if (event.inputType !== 'insertLineBreak' && event.inputType !== 'insertParagraph') return
      event.preventDefault()
      take(false)
      input.key('Enter')
    },
    { signal },
  )
  field.addEventListener('keydown', (event) => pressed(event, input), { signal })
  field.addEventListener(
    'paste',
    (event) => {
      event.preventDefault()
      onPaste(event.clipboardData?.getData('text/plain') ?? '')
    },
    { signal },
  )
  reset()
  return { element: field, dispose: () => owner.abort() }
}

/** Backspaces are keys; what follows them is text, to which the sticky modifiers apply. */
function sendEdit(input: Input, send: string): void {
  const backspaces = /^\u007f*/.exec(send)?.[0].length ?? 0
  for (let count = 0; count < backspaces; count++) input.key('Backspace')
  const text = send.slice(backspaces)
  if (text !== '') input.text(text)
}

function pressed(event: KeyboardEvent, input: Input): void {
  if (event.isComposing || event.keyCode === UNREPORTED_KEY || event.metaKey) return
  const { key, ctrlKey: ctrl, altKey: alt, shiftKey: shift } = event
  if (isNamedKey(key)) {
    event.preventDefault()
    input.key(key, { ctrl, alt, shift })
  } else if ((ctrl || alt) && /^[ -~]$/.test(key)) {
    // Control with V pastes, as on every page; the key bar has the terminal's own.
    if (ctrl && key.toLowerCase() === 'v') return
    event.preventDefault()
    input.text(withModifiers(key, { ctrl, alt }))
  }
}
