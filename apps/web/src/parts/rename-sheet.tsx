import { useState } from 'preact/hooks'
import { ErrorLine } from './banner.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './fields.tsx'
import { Form } from './form.tsx'

/** Another name for something: a device, an app, a terminal. An empty one is taken only where `emptyNote` says what it means. */
export function RenameSheet(props: {
  readonly title: string
  readonly field: string
  readonly name: string
  readonly charsMax: number
  readonly save: string
  /** what becomes of the name when the field is left empty */
  readonly emptyNote?: string
  /** takes the name without blanks around it; answers why it was not taken, or null */
  readonly onName: (name: string) => Promise<string | null>
  readonly onClose: () => void
}) {
  const [typed, setTyped] = useState(props.name)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const name = typed.trim()
  const isMissing = name === '' && props.emptyNote === undefined
  const save = async () => {
    if (isMissing || busy) return
    setBusy(true)
    setTrouble(null)
    const refused = await props.onName(name)
    setBusy(false)
    if (refused === null) props.onClose()
    else setTrouble(refused)
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <Form class="stack" onSubmit={() => void save()}>
        <TextField
          kind="name"
          label={props.field}
          value={typed}
          charsMax={props.charsMax}
          {...(props.emptyNote === undefined ? {} : { hint: props.emptyNote })}
          onValue={setTyped}
        />
        {trouble === null ? null : <ErrorLine says={trouble} />}
        <button type="submit" class="btn primary lg" aria-disabled={isMissing || busy}>
          {props.save}
        </button>
      </Form>
    </Dialog>
  )
}
