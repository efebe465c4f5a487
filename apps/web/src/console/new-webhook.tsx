import { webhookEventType, webhookSecretReply } from '@latchkey/protocol/webhooks'
import { useId, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { NewSecretDialog, ShownSecret } from '../operator/shown-secret.tsx'
import { ErrorLine } from '../parts/banner.tsx'
import { ChecksField, NameField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import '../styles/fleet.css'

const NAME_CHARS_MAX = 64
/** The test is sent by its button alone. */
const TYPES = webhookEventType.options.filter((type) => type !== 'webhook.test')

/** Names a target and what it is told of, then shows its secret once. */
export function NewWebhook({
  onMade,
  onClose,
}: {
  readonly onMade: () => void
  readonly onClose: () => void
}) {
  const { webhooks: words } = useWords()
  return (
    <NewSecretDialog
      title={words.newTitle}
      madeTitle={words.madeTitle}
      onMade={onMade}
      onClose={onClose}
      form={(made) => <Wanted onMade={made} />}
      shown={(secret) => (
        <ShownSecret next={words.secretNext} name={words.theSecret} secret={secret} onClose={onClose} />
      )}
    />
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
      <NameField label={words.name} value={name} charsMax={NAME_CHARS_MAX} onValue={setName} />
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
      <ChecksField label={words.tellsOf} values={TYPES} ticked={types} onTicked={setTypes}>
        {(type) => words.types[type]}
      </ChecksField>
      {trouble === null ? null : <ErrorLine says={trouble} />}
      <button type="submit" class="btn primary lg" aria-disabled={!isReady || busy}>
        {words.make}
      </button>
    </Form>
  )
}
