import { listening } from '../../listening.ts'
import type { Input } from './input.ts'
import { isNamedKey } from './key-sequences.ts'
import { isInsertedPaste } from './paste.ts'
import { characterOf, heldBy, isWayOut, leaveTerminal } from './pressed-keys.ts'
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
  field.setAttribute('aria-describedby', 'terminal-keys')
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
    if (edit.send !== '') sendEdit(input, edit.send, onPaste)
    if (edit.reset) reset()
  }
  const owner = new AbortController()
  const on = listening(field, { signal: owner.signal })
  on('focus', reset)
  on('input', (event) => take(event instanceof InputEvent && event.isComposing))
  on('compositionend', () => take(false))
  on('beforeinput', (event) => {
    if (event.inputType !== 'insertLineBreak' && event.inputType !== 'insertParagraph') return
    event.preventDefault()
    take(false)
    input.key('Enter')
  })
  on('keydown', (event) => pressed(event, input))
  on('paste', (event) => {
    event.preventDefault()
    onPaste(event.clipboardData?.getData('text/plain') ?? '')
  })
  reset()
  return { element: field, dispose: () => owner.abort() }
}

/** Backspaces are keys; what follows them is text, to which the sticky modifiers apply, or a soft keyboard's clipboard. */
function sendEdit(input: Input, send: string, onPaste: (text: string) => void): void {
  const backspaces = /^\u007f*/.exec(send)?.[0].length ?? 0
  const text = send.slice(backspaces)
  if (!isInsertedPaste(text)) return void input.edit(backspaces, text)
  if (backspaces > 0) input.edit(backspaces, '')
  onPaste(text.replace(/\r/g, '\n'))
}

function pressed(event: KeyboardEvent, input: Input): void {
  if (event.isComposing || event.keyCode === UNREPORTED_KEY || event.metaKey) return
  const held = heldBy(event)
  if (isWayOut(event)) {
    event.preventDefault()
    leaveTerminal()
  } else if (isNamedKey(event.key)) {
    event.preventDefault()
    input.key(event.key, held)
  } else if (held.ctrl || held.alt) {
    const character = characterOf(event)
    // Control with V pastes, as on every page; the key bar has the terminal's own.
    if (character === null || (held.ctrl && character.toLowerCase() === 'v')) return
    event.preventDefault()
    input.text(character, held)
  }
}
