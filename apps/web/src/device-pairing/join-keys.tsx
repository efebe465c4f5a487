import { type JoinKeyView, joinKeyRevoked, joinKeysReply } from '@latchkey/protocol/device-pairing'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { moment, wholeDay } from '../words/times.ts'
import { NewJoinKey } from './new-join-key.tsx'

/** Beyond this the hour says nothing. */
const FAR_MS = 7 * 24 * 3_600_000

/** The keys with which machines join by themselves: made, listed, revoked. */
export function JoinKeys({ stamp, serverTime }: { readonly stamp: string; readonly serverTime: number }) {
  const text = useWords()
  const [keys, setKeys] = useState<readonly JoinKeyView[] | null>(null)
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<JoinKeyView | null>(null)
  const [failed, setFailed] = useState(false)
  const [round, setRound] = useState(0)
  useEffect(() => {
    let left = false
    void asked(joinKeysReply, 'GET', '/operator/join-keys').then((answer) => {
      if (!left && answer.ok) setKeys(answer.value.keys)
    })
    return () => {
      left = true
    }
  }, [stamp, round])
  const revoke = async ({ id }: JoinKeyView) => {
    setRevoking(null)
    const answer = await asked(joinKeyRevoked, 'DELETE', `/operator/join-keys/${id}`)
    setFailed(!answer.ok)
    setRound((before) => before + 1)
  }
  if (keys === null) return null
  const good = keys.filter(({ status }) => status === 'good').length
  return (
    <section class="card join-keys" aria-labelledby="join-keys">
      <header>
        <h2 id="join-keys">{text.fleet.keys}</h2>
        <span class="faint num">{text.fleet.goodKeys(good)}</span>
        <span class="grow" />
        <button type="button" class="btn quiet" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {text.fleet.newKey}
        </button>
      </header>
      {failed ? <ErrorLine says={text.fleet.keyFailed} /> : null}
      {keys.length === 0 ? (
        <p class="empty">{text.fleet.noKeys}</p>
      ) : (
        <ul class="rows">
          {keys.map((key) => (
            <li key={key.id} class={key.status === 'good' ? undefined : 'over'}>
              <div class="grow">
                <div class="t">
                  <span class="trunc">{key.name}</span>
                  <Tags tags={key.tags} />
                </div>
                <div class="d">{factsOf(key, serverTime, text)}</div>
              </div>
              {key.status === 'good' ? (
                <button
                  type="button"
                  class="btn quiet bad"
                  aria-label={text.fleet.revokeKey(key.name)}
                  onClick={() => setRevoking(key)}
                >
                  {text.devices.revoke}
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {making ? (
        <NewJoinKey onMade={() => setRound((before) => before + 1)} onClose={() => setMaking(false)} />
      ) : null}
      {revoking === null ? null : (
        <Confirm
          title={text.fleet.revokeKeyTitle(revoking.name)}
          text={text.fleet.revokeKeyText}
          yes={text.devices.revoke}
          danger
          onYes={() => void revoke(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </section>
  )
}

/** The tags of a machine or a key, in a row. */
export const Tags = ({ tags = [] }: { readonly tags?: readonly string[] | undefined }) => (
  <>
    {tags.map((tag) => (
      <span key={tag} class="badge tag">
        {tag}
      </span>
    ))}
  </>
)

function factsOf(key: JoinKeyView, serverTime: number, text: ReturnType<typeof useWords>): string {
  const { fleet } = text
  const { status, reusable, uses, lastUsedAt, expiresAt } = key
  const standing =
    status === 'good'
      ? fleet.endsAt(
          expiresAt - serverTime > FAR_MS ? wholeDay(expiresAt, text) : moment(expiresAt, serverTime, text),
        )
      : fleet.keyStatus[status]
  return [
    reusable ? fleet.reusable : fleet.once,
    standing,
    ...(reusable || uses > 0 ? [fleet.uses(uses)] : []),
    ...(lastUsedAt === null ? [] : [fleet.lastUsed(moment(lastUsedAt, serverTime, text))]),
  ].join(' · ')
}
