import type { ComponentChildren, RefObject } from 'preact'
import type { Says } from '../words/says.ts'
import { ErrorLine } from './banner.tsx'
import '../styles/pin-page.css'

/** A field for the digits that another screen shows. Only digits stay in it. */
export function DigitsField(props: {
  readonly id: string
  readonly label: string
  readonly digits: number
  readonly value: string
  /** why they were refused; null without an error */
  readonly says: Says | null
  /** the digits are on their way: they cannot be changed */
  readonly busy: boolean
  /** the id of the line below that describes it; null when the error stands in its place */
  readonly hint: string | null
  readonly input: RefObject<HTMLInputElement | null>
  readonly onDigits: (digits: string) => void
  /** the lines below */
  readonly children: ComponentChildren
}) {
  const { id, label, digits, value, says, busy, hint, input, onDigits } = props
  const describedBy = [says === null ? null : `${id}-error`, hint].filter((each) => each !== null)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        class="input codefield pinfield"
        value={value}
        inputMode="numeric"
        pattern="[0-9]*"
        maxLength={digits}
        autocomplete="one-time-code"
        enterkeyhint="go"
        readOnly={busy}
        aria-invalid={says !== null}
        aria-describedby={describedBy.join(' ')}
        onInput={(event) => {
          const field = event.currentTarget
          field.value = field.value.normalize('NFKC').replace(/\D/g, '').slice(0, digits)
          onDigits(field.value)
        }}
      />
      {says === null ? null : <ErrorLine id={`${id}-error`} says={says} />}
      {props.children}
    </div>
  )
}
