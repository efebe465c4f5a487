import { useEffect, useRef, useState } from 'preact/hooks'
import { DigitsField } from '../parts/digits-field.tsx'
import { Form } from '../parts/form.tsx'
import { selectIn } from '../parts/select-in.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import type { AddingStage } from './adding.ts'
import { type DeviceMay, MAY_ALL, MAY_NAMES, mayFields } from './device-may.ts'
import { DeviceMayChoice } from './device-may-choice.tsx'

const DIGITS = 6

/** The field for the PIN that the device shows. A wrong one is kept and selected, so that typing replaces it. */
export function DevicePin(props: {
  readonly stage: Extract<AddingStage, { readonly status: 'scanned' }>
  readonly onPin: (pin: string, may: DeviceMay) => void
}) {
  const { devices, fleet } = useWords()
  const { checking, refusal } = props.stage
  const [pin, setPin] = useState('')
  const [may, setMay] = useState(MAY_ALL)
  const [incomplete, setIncomplete] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const wrong = incomplete ? 'incomplete' : checking ? null : refusal
  const says = wrong === null ? null : devices.pinRefused[wrong]
  useEffect(() => {
    if (!checking) selectIn(input)
  }, [checking])
  const submit = () => {
    if (checking || mayFields(may) === null) return
    setIncomplete(pin.length !== DIGITS)
    if (pin.length !== DIGITS) return input.current?.focus()
    props.onPin(pin, may)
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
      <details class="small may">
        <summary>
          {fleet.may}: {summaryOf(may, fleet)}
        </summary>
        <DeviceMayChoice may={may} onMay={setMay} />
      </details>
      <button
        type="submit"
        class="btn primary lg spaced"
        aria-disabled={checking || pin.length !== DIGITS || mayFields(may) === null}
      >
        {checking ? devices.pairing : devices.pair}
      </button>
    </Form>
  )
}

/** The choice in a few words. */
const summaryOf = (may: DeviceMay, fleet: Words['fleet']): string =>
  MAY_NAMES.filter((name) => may[name])
    .map((name) => fleet.mayNames[name])
    .join(', ') || fleet.chooseOne
