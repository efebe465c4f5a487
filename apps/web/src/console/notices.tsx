import {
  type NoticeKind,
  type NoticesReply,
  noticeKind,
  noticesReply,
  noticesTestReply,
} from '@latchkey/protocol/notices'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Card } from '../parts/card.tsx'
import { ownLabel } from '../platform.ts'
import { ownAbility } from '../push/ability.ts'
import { endpointDigest } from '../push/endpoint-digest.ts'
import { ownSubscription, presentEndpoint } from '../push/own-subscription.ts'
import { SwitchRow } from '../push/switch-row.tsx'
import { useWords } from '../words/language.ts'
import { dayOrTime } from '../words/times.ts'
import '../styles/push.css'

/** What the operator is called for, and on which browsers. */
export function Notices({ serverTime }: { readonly serverTime: number }) {
  const text = useWords()
  const { notices } = text
  const [told, setTold] = useState<NoticesReply | null>(null)
  const [own, setOwn] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [tested, setTested] = useState<string | null>(null)
  const take = async (method: 'GET' | 'PATCH' | 'POST' | 'DELETE', path: string, body?: object) => {
    const answer = await asked(noticesReply, method, `/operator/notices${path}`, body)
    if (answer.ok) setTold(answer.value)
    if (method !== 'GET') setTrouble(answer.ok ? null : notices.failed)
  }
  useEffect(() => {
    void take('GET', '')
    void presentEndpoint().then(async (endpoint) =>
      setOwn(endpoint === null ? null : await endpointDigest(endpoint)),
    )
  }, [])
  if (told === null) return null
  const { pushKey } = told
  const isCalled = own !== null && told.browsers.some(({ id }) => id === own)
  const switchKind = (kind: NoticeKind, on: boolean) =>
    void take('PATCH', '', {
      on: noticeKind.options.filter((each) => (each === kind ? on : told.on.includes(each))),
    })
  const switchHere = async (on: boolean, key: string) => {
    if (!on) return own === null ? undefined : take('DELETE', `/browsers/${own}`)
    const endpoint = await subscribed(key)
    if (endpoint === null) return setTrouble(notices.noPush)
    setOwn(await endpointDigest(endpoint))
    await take('POST', '/browsers', { endpoint, label: ownLabel(navigator.userAgent) })
  }
  const test = async () => {
    const answer = await asked(noticesTestReply, 'POST', '/operator/notices/test', {})
    const taken = answer.ok ? answer.value.called.filter(({ outcome }) => outcome === 'taken').length : 0
    setTested(answer.ok ? notices.tested(taken, answer.value.called.length) : notices.failed)
    void take('GET', '')
  }
  return (
    <Card id="notices" look="notices" title={notices.title} fact={notices.lead}>
      {trouble === null ? null : <ErrorLine says={trouble} />}
      <ul class="rows opt">
        {pushKey === null ? null : (
          <SwitchRow
            title={notices.here}
            text={ownAbility() === 'able' ? notices.hereText : notices.notAble}
            on={isCalled}
            onSwitch={(on) => void switchHere(on, pushKey)}
          />
        )}
        {noticeKind.options.map((kind) => (
          <SwitchRow
            key={kind}
            title={notices.kinds[kind][0]}
            text={notices.kinds[kind][1]}
            on={told.on.includes(kind)}
            onSwitch={(on) => switchKind(kind, on)}
          />
        ))}
      </ul>
      {pushKey === null ? (
        <p class="empty">
          {notices.off} <code class="mono">LATCHKEY_PUSH_SUBJECT</code>
        </p>
      ) : null}
      <ul class="rows">
        {told.browsers
          .filter(({ id }) => id !== own)
          .map(({ id, label, since }) => (
            <li key={id}>
              <div class="grow">
                <div class="t">{label}</div>
                <div class="d">{notices.since(dayOrTime(since, serverTime, text))}</div>
              </div>
              <button
                type="button"
                class="btn quiet bad"
                aria-label={notices.removeOne(label)}
                onClick={() => void take('DELETE', `/browsers/${id}`)}
              >
                {notices.remove}
              </button>
            </li>
          ))}
      </ul>
      {told.browsers.length === 0 ? null : (
        <p class="earlier audit-foot">
          <button type="button" class="btn soft" onClick={() => void test()}>
            {notices.test}
          </button>
          <span class="small dim" role="status">
            {tested}
          </span>
        </p>
      )}
    </Card>
  )
}

/** The endpoint of this browser, after the person allowed it; null: not allowed, or no push service. */
async function subscribed(key: string): Promise<string | null> {
  try {
    if ((await Notification.requestPermission()) !== 'granted') return null
    return (await ownSubscription(key)).endpoint
  } catch {
    return null
  }
}
