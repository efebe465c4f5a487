import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { useWords } from '../words/language.ts'

/** A secret that was just made, the only time that it is shown. */
export function ShownSecret(props: {
  /** what to do with it */
  readonly next: string
  readonly name: string
  readonly secret: string
  readonly children?: ComponentChildren
  readonly onClose: () => void
}) {
  const { fleet, devices } = useWords()
  return (
    <div class="stack">
      <Banner icon="alert" look="warn" says={[fleet.shownOnce, props.next]} />
      <CopiedText name={props.name} value={props.secret} />
      {props.children}
      <button type="button" class="btn primary lg" onClick={props.onClose}>
        {devices.done}
      </button>
    </div>
  )
}

/** Asks for something that has a secret, then shows the secret. */
export function NewSecretDialog(props: {
  readonly title: string
  readonly madeTitle: string
  readonly onMade: () => void
  readonly onClose: () => void
  readonly form: (made: (secret: string) => void) => ComponentChildren
  readonly shown: (secret: string) => ComponentChildren
}) {
  const [secret, setSecret] = useState<string | null>(null)
  const made = (told: string) => {
    setSecret(told)
    props.onMade()
  }
  return (
    <Dialog title={secret === null ? props.title : props.madeTitle} onClose={props.onClose}>
      {secret === null ? props.form(made) : props.shown(secret)}
    </Dialog>
  )
}
