import { apiScope, makeKeyReply } from '@latchkey/protocol/api-keys'
import { useId, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Banner, ErrorLine } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import '../styles/fleet.css'

const LIVES_DAYS = { month: 30, quarter: 90, year: 365, none: null } as const
const LIVES = ['month', 'quarter', 'year', 'none'] as const satisfies readonly (keyof typeof LIVES_DAYS)[]
const NAME_CHARS_MAX = 64

/** Makes an API key, then shows it once. */
export function NewApiKey(props: { readonly onMade: () => void; readonly onClose: () => void }) {
  const { programs, fleet, devices } = useWords()
  const [secret, setSecret] = useState<string | null>(null)
  if (secret === null)
    return (
      <Dialog title={programs.newTitle} onClose={props.onClose}>
        <Wanted
          onMade={(key) => {
            setSecret(key)
            props.onMade()
          }}
        />
      </Dialog>
    )
  return (
    <Dialog title={fleet.madeTitle} onClose={props.onClose}>
      <div class="stack">
        <Banner icon="alert" look="warn" says={[fleet.shownOnce, programs.shownOnceNext]} />
        <CopiedText name={programs.theKey} value={secret} />
        <p class="dim small">
          {programs.howTo} <code class="mono">Authorization: Bearer …</code>
        </p>
        <button type="button" class="btn primary lg" onClick={props.onClose}>
          {devices.done}
        </button>
      </div>
    </Dialog>
  )
}

function Wanted({ onMade }: { readonly onMade: (secret: string) => void }) {
  const { programs } = useWords()
  const id = useId()
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
      <div class="field">
        <label for={`${id}-name`}>{programs.name}</label>
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
      <fieldset class="checks">
        <legend class="label">{programs.may}</legend>
        {apiScope.options.map((scope) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={scopes.has(scope)}
              onChange={(event) => {
                const next = new Set(scopes)
                if (event.currentTarget.checked) next.add(scope)
                else next.delete(scope)
                setScopes(next)
              }}
            />
            <span>
              <code class="mono">{scope}</code> <span class="faint small">{programs.scopes[scope]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="field">
        <label for={`${id}-life`}>{programs.life}</label>
        <select
          id={`${id}-life`}
          class="input"
          value={life}
          onChange={(event) => setLife(LIVES.find((each) => each === event.currentTarget.value) ?? 'year')}
        >
          {LIVES.map((each) => (
            <option key={each} value={each}>
              {programs.lives[each]}
            </option>
          ))}
        </select>
      </div>
      {failed ? <ErrorLine says={programs.failed} /> : null}
      <button type="submit" class="btn primary lg" aria-disabled={!isReady || busy}>
        {programs.make}
      </button>
    </Form>
  )
}
