import { apiScope, makeKeyReply } from '@latchkey/protocol/api-keys'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { NewSecretDialog, ShownSecret } from '../operator/shown-secret.tsx'
import { ErrorLine } from '../parts/banner.tsx'
import { ChecksField, SelectField, TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import '../styles/fleet.css'

const LIVES_DAYS = { month: 30, quarter: 90, year: 365, none: null } as const
const LIVES = ['month', 'quarter', 'year', 'none'] as const satisfies readonly (keyof typeof LIVES_DAYS)[]
const NAME_CHARS_MAX = 64

/** Makes an API key, then shows it once. */
export function NewApiKey({
  onMade,
  onClose,
}: {
  readonly onMade: () => void
  readonly onClose: () => void
}) {
  const { programs, fleet } = useWords()
  return (
    <NewSecretDialog
      title={programs.newTitle}
      madeTitle={fleet.madeTitle}
      onMade={onMade}
      onClose={onClose}
      form={(made) => <Wanted onMade={made} />}
      shown={(secret) => (
        <ShownSecret next={programs.shownOnceNext} name={programs.theKey} secret={secret} onClose={onClose}>
          <p class="dim small">
            {programs.howTo} <code class="mono">Authorization: Bearer …</code>
          </p>
        </ShownSecret>
      )}
    />
  )
}

function Wanted({ onMade }: { readonly onMade: (secret: string) => void }) {
  const { programs } = useWords()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<ReadonlySet<string>>(new Set())
  const [life, setLife] = useState<keyof typeof LIVES_DAYS>('year')
  const [failed, setFailed] = useState(false)
  const [busy, setBusy] = useState(false)
  const chosen = apiScope.options.filter((scope) => scopes.has(scope))
  const isReady = name.trim() !== '' && chosen.length > 0
  const make = async () => {
    if (!isReady || busy) return
    setBusy(true)
    const wanted = { name: name.trim(), scopes: chosen, lifeDays: LIVES_DAYS[life] }
    const answer = await asked(makeKeyReply, 'POST', '/operator/keys', wanted)
    setBusy(false)
    setFailed(!answer.ok)
    if (answer.ok) onMade(answer.value.key)
  }
  return (
    <Form class="stack" onSubmit={() => void make()}>
      <TextField kind="name" label={programs.name} value={name} charsMax={NAME_CHARS_MAX} onValue={setName} />
      <ChecksField label={programs.may} values={apiScope.options} ticked={scopes} onTicked={setScopes}>
        {(scope) => (
          <>
            <code class="mono">{scope}</code> <span class="faint small">{programs.scopes[scope]}</span>
          </>
        )}
      </ChecksField>
      <SelectField
        label={programs.life}
        value={life}
        values={LIVES}
        says={programs.lives}
        onValue={setLife}
      />
      {failed ? <ErrorLine says={programs.failed} /> : null}
      <button type="submit" class="btn primary lg" aria-disabled={!isReady || busy}>
        {programs.make}
      </button>
    </Form>
  )
}
