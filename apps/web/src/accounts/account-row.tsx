import { companyUrlReply } from '@latchkey/protocol/accounts'
import { type AccountView, unlinkReply } from '@latchkey/protocol/accounts-api'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Confirm, Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'
import { nameOf, ordersFor, type Standing, standingOf } from './account-order.ts'
import { AccountSheet } from './account-sheet.tsx'

const LOOKS: Readonly<Record<Standing, readonly [dot: string, badge: string]>> = {
  'needs-you': ['off', 'bad'],
  'under-way': ['warn', 'warn'],
  connected: ['ok', 'ok'],
  none: ['off', ''],
}

/** The answer to any order. */
const orderReply = unlinkReply.partial({ pending: true, deviceLeft: true })

/** One account: its state, since when, why, and the buttons for what may be done about it. */
export function AccountRow(props: {
  readonly account: AccountView
  readonly serverTime: number
  readonly onChanged: () => void
}) {
  const text = useWords()
  const { accountList: words } = text
  const { account, serverTime, onChanged } = props
  const { state, maskedPhone, linkedAt, retryAt, proxy = null } = account
  const [asking, setAsking] = useState<'link' | 'unlink' | 'change' | null>(null)
  const [said, setSaid] = useState<string | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const orders = ordersFor(account)
  const path = `/accounts/${encodeURIComponent(account.id)}`
  const [dot, badge] = LOOKS[standingOf(state)]
  const since = account.since ?? (state === 'connected' ? linkedAt : null)
  const order = async (name: 'reconnect' | 'cancel' | 'unlink') => {
    setAsking(null)
    setSaid(null)
    const answer = await asked(orderReply, 'POST', `${path}/${name}`)
    setRefused(answer.ok ? null : refusalOf(answer.code, text))
    if (answer.ok) {
      const { pending = false, deviceLeft = false } = answer.value
      setSaid(deviceLeft ? text.linking.deviceLeft : pending ? text.linking.unlinkPending : null)
    }
    onChanged()
  }
  return (
    <li>
      <span class="tile">
        <Icon name="chat" />
        <i class={`dot ${dot}`} />
      </span>
      <div class="grow">
        <div class="t">
          <span class="trunc">{nameOf(account)}</span>
          <span class={`badge ${badge}`.trim()}>{words.states[state][0]}</span>
        </div>
        <div class="d num">
          {[
            ...(maskedPhone === null ? [] : [maskedPhone]),
            ...(since === null ? [] : [words.since(moment(since, serverTime, text))]),
            ...(proxy === null ? [] : [proxy]),
          ].join(' · ')}
        </div>
        <div class="d todo">
          {whyOf(account, text)}
          {retryAt === null || state === 'failed'
            ? ''
            : ` ${words.nextTry(moment(retryAt, serverTime, text))}`}
        </div>
        <div class="small dim" role="status">
          {said}
        </div>
        {refused === null ? null : <ErrorLine says={refused} />}
      </div>
      <div class="acts">
        {orders.tryNow ? (
          <button type="button" class="btn" onClick={() => void order('reconnect')}>
            {words.tryNow}
          </button>
        ) : null}
        {orders.cancel ? (
          <button type="button" class="btn" onClick={() => void order('cancel')}>
            {words.cancel}
          </button>
        ) : null}
        {orders.link ? (
          <button type="button" class="btn" onClick={() => setAsking('link')}>
            {words.linkAgain}
          </button>
        ) : null}
        <button type="button" class="btn quiet" onClick={() => setAsking('change')}>
          {words.change}
        </button>
        {orders.unlink ? (
          <button type="button" class="btn quiet bad" onClick={() => setAsking('unlink')}>
            {text.linking.unlink}
          </button>
        ) : null}
      </div>
      {asking === 'link' ? <LinkAgain account={account} onClose={() => setAsking(null)} /> : null}
      {asking === 'change' ? (
        <AccountSheet account={account} onChanged={onChanged} onClose={() => setAsking(null)} />
      ) : null}
      {asking === 'unlink' ? (
        <Confirm
          title={words.unlinkTitle(nameOf(account))}
          text={words.unlinkText}
          yes={text.linking.unlink}
          danger
          onYes={() => void order('unlink')}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </li>
  )
}

/** Why it stands as it does, and what to do about it; empty where there is nothing to say. */
function whyOf({ state, reason }: AccountView, { accountList, linking }: Words): string {
  const [, todo] = accountList.states[state]
  if (reason === null) return todo
  if (state === 'failed') return `${linking.trouble[reason][0]} ${todo}`
  const [, because] = Object.entries(accountList.because).find(([name]) => name === reason) ?? []
  return because ?? todo
}

/** What the broker refused, in the words of the linking page; something else where it did not answer. */
function refusalOf(code: string | null, { accountList, linking }: Words): string {
  const [, says] = Object.entries(linking.trouble).find(([reason]) => reason === code) ?? []
  return says === undefined ? accountList.noAnswer : says.join(' ')
}

/** The address of the page on which the company links again, for a day. */
function LinkAgain({ account, onClose }: { readonly account: AccountView; readonly onClose: () => void }) {
  const { accountList: text, linking, devices } = useWords()
  const [url, setUrl] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const salonId = account.id.replace(/^company_/, '')
    const wanted = { companyId: account.companyId ?? salonId, salonId }
    void asked(companyUrlReply, 'POST', '/operator/linking/links', wanted).then((answer) => {
      setFailed(!answer.ok)
      if (answer.ok) setUrl(answer.value.url)
    })
  }, [account])
  return (
    <Dialog title={text.linkAgainTitle(nameOf(account))} onClose={onClose}>
      <div class="stack">
        <p class="dim">{text.linkAgainText}</p>
        {failed ? <ErrorLine says={text.failed} /> : null}
        {url === null ? null : (
          <>
            <CopiedText name={text.theLink} value={url} />
            <p class="hint small">{linking.console.goodFor}</p>
          </>
        )}
        <button type="button" class="btn primary lg" onClick={onClose}>
          {devices.done}
        </button>
      </div>
    </Dialog>
  )
}
