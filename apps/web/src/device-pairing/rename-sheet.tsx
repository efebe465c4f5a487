import { DEVICE_NAME_CHARS_MAX } from '@latchkey/protocol/device-pairing'
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { trimmedName } from './device-name.ts'

/** Another name for a device: by its own hand, or by the operator's. */
export function RenameSheet(props: {
  readonly title: string
  readonly field: string
  readonly name: string
  /** answers why it was not taken, or null */
  readonly onName: (name: string) => Promise<string | null>
  readonly onClose: () => void
}) {
  const text = useWords()
  const [typed, setTyped] = useState(props.name)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const name = trimmedName(typed)
  const save = async () => {
    if (name === null || busy) return
    setBusy(true)
    setTrouble(null)
    const refused = name === props.name ? null : await props.onName(name)
    setBusy(false)
    if (refused === null) props.onClose()
    else setTrouble(refused)
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div class="field">
          <label for="device-name">{props.field}</label>
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
          {trouble === null ? null : (
            <p class="err" role="alert">
              <Icon name="alert" />
              <span>{trouble}</span>
            </p>
          )}
        </div>
        <button type="submit" class="btn primary lg" aria-disabled={name === null || busy}>
          {text.join.save}
        </button>
      </form>
    </Dialog>
  )
}
