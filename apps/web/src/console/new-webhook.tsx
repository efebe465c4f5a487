import { webhookEventType, webhookSecretReply } from '@latchkey/protocol/webhooks'
import { useId, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Banner, ErrorLine } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import '../styles/fleet.css'

const NAME_CHARS_MAX = 64
/** The test is sent by its button alone. */
const TYPES = webhookEventType.options.filter((type) => type !== 'webhook.test')

/** Names a target and what it is told of, then shows its secret once. */
export function NewWebhook(props: { readonly onMade: () => void; readonly onClose: () => void }) {
  const { webhooks: words } = useWords()
  const [secret, setSecret] = useState<string | null>(null)
  const made = (told: string) => {
    setSecret(told)
    props.onMade()
  }
  return (
    <Dialog title={secret === null ? words.newTitle : words.madeTitle} onClose={props.onClose}>
      {secret === null ? <Wanted onMade={made} /> : <ShownSecret secret={secret} onClose={props.onClose} />}
    </Dialog>
  )
}

/** The secret that signs, the only time. */
export function ShownSecret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const { webhooks: words, fleet, devices } = useWords()
  return (
    <div class="stack">
      <Banner icon="alert" look="warn" says={[fleet.shownOnce, words.secretNext]} />
      <CopiedText name={words.theSecret} value={secret} />
      <button type="button" class="btn primary lg" onClick={onClose}>
        {devices.done}
      </button>
    </div>
  )
}

function Wanted({ onMade }: { readonly onMade: (secret: string) => void }) {
  const { webhooks: words } = useWords()
  const id = useId()
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [types, setTypes] = useState<ReadonlySet<string>>(new Set(TYPES))
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const chosen = TYPES.filter((type) => types.has(type))
  const isReady = name.trim() !== '' && URL.canParse(url) && chosen.length > 0
  const make = async () => {
    if (!isReady || busy) return
    setBusy(true)
    const wanted = { name: name.trim(), url, types: chosen.length === TYPES.length ? null : chosen }
    const answer = await asked(webhookSecretReply, 'POST', '/webhooks', wanted)
    setBusy(false)
    if (answer.ok) onMade(answer.value.secret)
    else setTrouble(answer.code === null ? words.noAnswer : words.notTaken)
  }
  return (
    <Form class="stack" onSubmit={() => void make()}>
      <div class="field">
        <label for={`${id}-name`}>{words.name}</label>
        <input
          id={`${id}-name`}
          class="input"
          data-first
          value={name}
          maxLength={NAME_CHARS_MAX}
          autocomplete="off"
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={`${id}-url`}>{words.url}</label>
        <input
          id={`${id}-url`}
          class="input"
          type="url"
          value={url}
          placeholder="https://"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => setUrl(event.currentTarget.value.trim())}
        />
      </div>
      <fieldset class="checks">
        <legend class="label">{words.tellsOf}</legend>
        {TYPES.map((type) => (
          <label key={type}>
            <input
              type="checkbox"
              checked={types.has(type)}
              onChange={(event) => {
                const next = new Set(types)
                if (event.currentTarget.checked) next.add(type)
                else next.delete(type)
                setTypes(next)
              }}
            />
            <span>{words.types[type]}</span>
          </label>
        ))}
      </fieldset>
      {trouble === null ? null : <ErrorLine says={trouble} />}
      <button type="submit" class="btn primary lg" aria-disabled={!isReady || busy}>
        {words.make}
      </button>
    </Form>
  )
}
