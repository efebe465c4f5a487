import { joinKeyReply } from '@latchkey/protocol/device-pairing'
import { type InstallReply, installLine, installReply, lineText } from '@latchkey/protocol/install'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { NewSecretDialog, ShownSecret } from '../operator/shown-secret.tsx'
import { ErrorLine } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { SelectField, TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import { TagsField } from './device-sheet.tsx'
import { readTags } from './tags.ts'

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 24 * HOUR_SECONDS
const LIVES_SECONDS = {
  hour: HOUR_SECONDS,
  day: DAY_SECONDS,
  month: 30 * DAY_SECONDS,
  year: 365 * DAY_SECONDS,
}
const LIVES = ['hour', 'day', 'month', 'year'] as const satisfies readonly (keyof typeof LIVES_SECONDS)[]
const NAME_CHARS_MAX = 64
/** For a machine on which the key is in a file of this name, and which starts Latchkey by itself. */
const KEY_FILE = 'LATCHKEY_JOIN_KEY_FILE=join-key LATCHKEY_SERVICE=yes'

/** Makes a join key, then shows it once. */
export function NewJoinKey({
  onMade,
  onClose,
}: {
  readonly onMade: () => void
  readonly onClose: () => void
}) {
  const { fleet } = useWords()
  return (
    <NewSecretDialog
      title={fleet.newKeyTitle}
      madeTitle={fleet.madeTitle}
      onMade={onMade}
      onClose={onClose}
      form={(made) => <Wanted onMade={made} />}
      shown={(secret) => <Shown secret={secret} onClose={onClose} />}
    />
  )
}

function Wanted({ onMade }: { readonly onMade: (secret: string) => void }) {
  const { fleet } = useWords()
  const [name, setName] = useState('')
  const [tags, setTags] = useState('')
  const [reusable, setReusable] = useState(false)
  const [life, setLife] = useState<keyof typeof LIVES_SECONDS>('day')
  const [failed, setFailed] = useState(false)
  const [busy, setBusy] = useState(false)
  const read = readTags(tags)
  const isReady = name.trim() !== '' && read !== null
  const make = async () => {
    if (!isReady || read === null || busy) return
    setBusy(true)
    const wanted = { name: name.trim(), tags: [...read], reusable, lifeSeconds: LIVES_SECONDS[life] }
    const answer = await asked(joinKeyReply, 'POST', '/operator/join-keys', wanted)
    setBusy(false)
    setFailed(!answer.ok)
    if (answer.ok) onMade(answer.value.secret)
  }
  return (
    <Form class="stack" onSubmit={() => void make()}>
      <p class="dim">{fleet.keyLead}</p>
      <TextField kind="name" label={fleet.keyName} value={name} charsMax={NAME_CHARS_MAX} onValue={setName} />
      <TagsField typed={tags} onTyped={setTags} />
      <SelectField label={fleet.life} value={life} values={LIVES} says={fleet.lives} onValue={setLife} />
      <div class="checks">
        <label>
          <input
            type="checkbox"
            checked={reusable}
            onChange={(event) => setReusable(event.currentTarget.checked)}
          />
          <span>
            {fleet.forMany} <span class="faint small">{fleet.forManyNote}</span>
          </span>
        </label>
      </div>
      {failed ? <ErrorLine says={fleet.keyFailed} /> : null}
      <button type="submit" class="btn primary lg" aria-disabled={!isReady || busy}>
        {fleet.makeKey}
      </button>
    </Form>
  )
}

/** The key's text, the only time, and the line that installs and joins with it. */
function Shown({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const { fleet } = useWords()
  const [told, setTold] = useState<InstallReply | null>(null)
  useEffect(() => {
    void asked(installReply, 'GET', '/operator/install').then((answer) => {
      if (answer.ok) setTold(answer.value)
    })
  }, [])
  const line =
    told === null ? null : lineText(installLine(location.origin, told.scriptHash, location.origin, KEY_FILE))
  return (
    <ShownSecret next={fleet.shownOnceNext} name={fleet.theKey} secret={secret} onClose={onClose}>
      <p class="dim small">
        {fleet.withCommand} <code class="mono">latchkey join --broker {location.origin} --key-file FILE</code>
      </p>
      {line === null ? null : (
        <>
          <p class="dim small">{fleet.withLine}</p>
          <CopiedText name={fleet.theLine} value={line} />
        </>
      )}
    </ShownSecret>
  )
}
