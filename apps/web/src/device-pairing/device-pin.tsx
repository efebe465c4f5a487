import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import '../styles/pin-page.css'
import type { AddingStage, PinRefusal } from './adding.ts'

const DIGITS = 6

/** The field for the PIN that the device shows. A wrong one is kept and selected, so that typing replaces it. */
export function DevicePin(props: {
  readonly stage: Extract<AddingStage, { readonly status: 'scanned' }>
  readonly onPin: (pin: string) => void
}) {
  const text = useWords()
  const { checking, refusal } = props.stage
  const [pin, setPin] = useState('')
  const [incomplete, setIncomplete] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const says = incomplete ? 'incomplete' : checking ? null : refusal
  useEffect(() => {
    if (checking) return
    input.current?.focus()
    input.current?.select()
  }, [checking])
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (checking) return
        setIncomplete(pin.length !== DIGITS)
        if (pin.length !== DIGITS) return input.current?.focus()
        props.onPin(pin)
      }}
    >
      <div class="field">
        <label for="device-pin">{text.devices.field}</label>
        <input
          id="device-pin"
          ref={input}
          class="input codefield pinfield"
          value={pin}
          inputMode="numeric"
          pattern="[0-9]*"
          maxLength={DIGITS}
          autocomplete="one-time-code"
          enterkeyhint="go"
          readOnly={checking}
          aria-invalid={says !== null}
          aria-describedby={says === null ? 'device-pin-hint' : 'device-pin-error'}
          onInput={(event) => {
            const field = event.currentTarget
            const typed = field.value.normalize('NFKC').replace(/\D/g, '').slice(0, DIGITS)
            field.value = typed
            setPin(typed)
            setIncomplete(false)
          }}
        />
        {says === null ? (
          <p class="hint" id="device-pin-hint">
            {text.devices.hint}
          </p>
        ) : (
          <p class="err" id="device-pin-error" role="alert">
            <Icon name="alert" />
            <span>
              <b>{saysWords(says, text)[0]}</b> {saysWords(says, text)[1]}
            </span>
          </p>
        )}
      </div>
      <button type="submit" class="btn primary lg spaced" aria-disabled={checking || pin.length !== DIGITS}>
        {checking ? text.devices.pairing : text.devices.pair}
      </button>
    </form>
  )
}

function saysWords(says: PinRefusal | 'incomplete', { devices }: Words): readonly [string, string] {
  switch (says) {
    case 'incomplete':
      return [devices.incomplete, devices.incompleteNext]
    case 'wrong':
      return [devices.wrong, devices.wrongNext]
    case 'full':
      return [devices.full, devices.fullNext]
    case 'conflict':
      return [devices.conflict, devices.conflictNext]
    case 'no-answer':
      return [devices.noAnswer, devices.noAnswerNext]
  }
}
