import { webhookEventType, webhookSecretReply } from '@latchkey/protocol/webhooks'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { NewSecretDialog, ShownSecret } from '../operator/shown-secret.tsx'
import { ErrorLine } from '../parts/banner.tsx'
import { ChecksField, TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import '../styles/fleet.css'

const NAME_CHARS_MAX = 64
const URL_CHARS_MAX = 2_048
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
      <TextField kind="name" label={words.name} value={name} charsMax={NAME_CHARS_MAX} onValue={setName} />
      <TextField
        kind="address"
        label={words.url}
        value={url}
        charsMax={URL_CHARS_MAX}
        placeholder="https://"
        onValue={(value) => setUrl(value.trim())}
      />
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
