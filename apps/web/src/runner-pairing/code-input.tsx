import type { Ref } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { afterEdit, type Field } from './code-field.ts'

interface CodeInputProps {
  readonly id: string
  readonly text: string
  readonly invalid: boolean
  readonly waiting: boolean
  readonly describedBy: string
  readonly onText: (text: string) => void
  /** answers whether it took the pasted text; the field is not edited then */
  readonly onPaste: (pasted: string) => boolean
  readonly input: Ref<HTMLInputElement>
}

/** One field for the whole code. The browser edits, `afterEdit` groups, the caret is put where it belongs. */
export function CodeInput({
  id,
  text,
  invalid,
  waiting,
  describedBy,
  onText,
  onPaste,
  input,
}: CodeInputProps) {
  const before = useRef<Field>({ text, caret: text.length })
  const caret = useRef<number | null>(null)
  const own = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (caret.current !== null && own.current !== null)
      own.current.setSelectionRange(caret.current, caret.current)
    caret.current = null
    before.current = { text, caret: own.current?.selectionStart ?? text.length }
  })
  return (
    <input
      id={id}
      ref={(element) => {
        own.current = element
        if (typeof input === 'function') input(element)
        else if (input) input.current = element
      }}
      class="input codefield"
      value={text}
      placeholder="XXX-XXX-XXX"
      inputMode="text"
      autocapitalize="characters"
      autocorrect="off"
      spellcheck={false}
      autocomplete="one-time-code"
      enterkeyhint="go"
      readOnly={waiting}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      onKeyDown={(event) => {
        before.current = { text, caret: event.currentTarget.selectionStart ?? text.length }
      }}
      onPaste={(event) => {
        if (onPaste(event.clipboardData?.getData('text') ?? '')) event.preventDefault()
      }}
      onInput={(event) => {
        const field = event.currentTarget
        if (event.isComposing) return onText(field.value)
        const edited = afterEdit(
          before.current,
          { text: field.value, caret: field.selectionStart ?? field.value.length },
          event.inputType || 'insertFromPaste',
        )
        field.value = edited.text
        field.setSelectionRange(edited.caret, edited.caret)
        caret.current = edited.caret
        before.current = edited
        onText(edited.text)
      }}
    />
  )
}
