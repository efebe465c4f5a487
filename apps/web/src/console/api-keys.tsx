import { type ApiKeyView, keysReply, revokeKeyReply } from '@latchkey/protocol/api-keys'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment, wholeDay } from '../words/times.ts'
import { NewApiKey } from './new-api-key.tsx'

const DAY_MS = 24 * 3_600_000
/** An unused key opens a door for nothing. */
const UNUSED_DAYS = 60

/** The keys that programs hold: made, listed, revoked. */
export function ApiKeys({ serverTime }: { readonly serverTime: number }) {
  const { programs: text, devices } = useWords()
  const words = useWords()
  const [keys, setKeys] = useState<readonly ApiKeyView[] | null>(null)
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<ApiKeyView | null>(null)
  const [failed, setFailed] = useState(false)
  const load = async () => {
    const answer = await asked(keysReply, 'GET', '/operator/keys')
    if (answer.ok) setKeys(answer.value.keys)
    setFailed(!answer.ok)
  }
  useEffect(() => void load(), [])
  const revoke = async ({ id }: ApiKeyView) => {
    setRevoking(null)
    const answer = await asked(revokeKeyReply, 'DELETE', `/operator/keys/${encodeURIComponent(id)}`)
    await load()
    setFailed(!answer.ok)
  }
  const good = keys?.filter(({ status }) => status === 'good').length ?? 0
  return (
    <section class="card api-keys" aria-labelledby="api-keys">
      <header>
        <h2 id="api-keys">{text.keys}</h2>
        <span class="faint num">{good}</span>
        <span class="grow" />
        <button type="button" class="btn quiet" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {text.newKey}
        </button>
      </header>
      {failed ? <ErrorLine says={text.failed} /> : null}
      {keys?.length === 0 ? <p class="empty">{text.noKeys}</p> : null}
      <ul class="rows">
        {(keys ?? []).map((key) => (
          <li key={key.id} class={key.status === 'good' ? undefined : 'over'}>
            <div class="grow">
              <div class="t">
                <span class="trunc">{key.name}</span>
                {isUnused(key, serverTime) ? (
                  <span class="badge warn">{text.unused(UNUSED_DAYS)}</span>
                ) : null}
              </div>
              <div class="d mono scopes">{key.scopes.join(' ')}</div>
              <div class="d">{factsOf(key, serverTime, words)}</div>
            </div>
            {key.status === 'good' ? (
              <button
                type="button"
                class="btn quiet bad"
                aria-label={text.revokeOne(key.name)}
                onClick={() => setRevoking(key)}
              >
                {devices.revoke}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {making ? <NewApiKey onMade={() => void load()} onClose={() => setMaking(false)} /> : null}
      {revoking === null ? null : (
        <Confirm
          title={text.revokeTitle(revoking.name)}
          text={text.revokeText}
          yes={devices.revoke}
          danger
          onYes={() => void revoke(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </section>
  )
}

const isUnused = ({ status, lastUsedAt, madeAt }: ApiKeyView, serverTime: number): boolean =>
  status === 'good' && serverTime - (lastUsedAt ?? madeAt) > UNUSED_DAYS * DAY_MS

function factsOf(key: ApiKeyView, serverTime: number, text: Words): string {
  const { programs } = text
  const { status, lastUsedAt, endsAt } = key
  const used =
    lastUsedAt === null ? programs.neverUsed : programs.lastUsed(moment(lastUsedAt, serverTime, text))
  if (status !== 'good') return [programs.status[status], used].join(' · ')
  return [used, endsAt === null ? programs.noEnd : programs.ends(wholeDay(endsAt, text))].join(' · ')
}
