import { useEffect, useRef, useState } from 'preact/hooks'
import { DigitsField } from '../parts/digits-field.tsx'
import { Form } from '../parts/form.tsx'
import { selectIn } from '../parts/select-in.ts'
import { useWords } from '../words/language.ts'
import type { AddingStage } from './adding.ts'

const DIGITS = 6

/** The field for the PIN that the device shows. A wrong one is kept and selected, so that typing replaces it. */
export function DevicePin(props: {
  readonly stage: Extract<AddingStage, { readonly status: 'scanned' }>
  readonly onPin: (pin: string) => void
}) {
  const { devices } = useWords()
  const { checking, refusal } = props.stage
  const [pin, setPin] = useState('')
  const [incomplete, setIncomplete] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const wrong = incomplete ? 'incomplete' : checking ? null : refusal
  const says = wrong === null ? null : devices.pinRefused[wrong]
  useEffect(() => {
    if (!checking) selectIn(input)
  }, [checking])
  const submit = () => {
    if (checking) return
    setIncomplete(pin.length !== DIGITS)
    if (pin.length !== DIGITS) return input.current?.focus()
    props.onPin(pin)
  }
  return (
    <Form onSubmit={submit}>
      <DigitsField
        id="device-pin"
        label={devices.field}
        digits={DIGITS}
        value={pin}
        says={says}
        busy={checking}
        hint={says === null ? 'device-pin-hint' : null}
        input={input}
        onDigits={(digits) => {
          setPin(digits)
          setIncomplete(false)
        }}
      >
        {says === null ? (
          <p class="hint" id="device-pin-hint">
            {devices.hint}
          </p>
        ) : null}
      </DigitsField>
      <button type="submit" class="btn primary lg spaced" aria-disabled={checking || pin.length !== DIGITS}>
        {checking ? devices.pairing : devices.pair}
      </button>
    </Form>
  )
}
