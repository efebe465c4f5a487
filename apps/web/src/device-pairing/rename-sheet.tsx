import { DEVICE_NAME_CHARS_MAX } from '@latchkey/protocol/device-pairing'
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { useObservable } from '../use-observable.ts'
import { words } from '../words/language.ts'
import { trimmedName } from './device-name.ts'

/** Another name for this device. */
export function RenameSheet(props: {
  readonly name: string
  readonly onName: (name: string) => void
  readonly onClose: () => void
}) {
  const text = useObservable(words)
  const [typed, setTyped] = useState(props.name)
  const name = trimmedName(typed)
  return (
    <Dialog title={text.join.rename} onClose={props.onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (name === null) return
          if (name !== props.name) props.onName(name)
          props.onClose()
        }}
      >
        <div class="field">
          <label for="device-name">{text.join.name}</label>
          <input
            id="device-name"
            class="input"
            data-first
            value={typed}
            maxLength={DEVICE_NAME_CHARS_MAX}
            autocomplete="off"
            enterkeyhint="done"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="btn primary lg" aria-disabled={name === null}>
          {text.join.save}
        </button>
      </form>
    </Dialog>
  )
}
