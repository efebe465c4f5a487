import { type AccountsOverview, accountsOverview, companyUrlReply } from '@latchkey/protocol/accounts'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { CopiedText } from '../parts/copied-text.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { dayOrTime } from '../words/times.ts'
import { inOrder, type ListedAccount, type Standing, standingOf } from './account-order.ts'
import { WhatsAppCard } from './whatsapp-card.tsx'
import '../styles/account-page.css'

const AGAIN_MS = 5_000
const LOOKS: Readonly<Record<Standing, readonly [dot: string, badge: string]>> = {
  'needs-you': ['off', 'bad'],
  'under-way': ['warn', 'warn'],
  connected: ['ok', 'ok'],
  none: ['off', ''],
}

/** The linked accounts with their state and what to do about it; says so where linking is switched off. */
export function AccountList({ serverTime }: { readonly serverTime: number }) {
  const { accountList: text } = useWords()
  const [overview, setOverview] = useState<AccountsOverview | 'off' | null>(null)
  const [linking, setLinking] = useState<ListedAccount | null>(null)
  useEffect(() => {
    let isOpen = true
    const look = async () => {
      const answer = await asked(accountsOverview, 'GET', '/operator/linking/sessions')
      if (isOpen) setOverview(answer.ok ? answer.value : answer.code === null ? null : 'off')
    }
    void look()
    const timer = setInterval(() => void look(), AGAIN_MS)
    return () => {
      isOpen = false
      clearInterval(timer)
    }
  }, [])
  if (overview === null) return null
  if (overview === 'off')
    return (
      <p class="empty">
        {text.off} <code class="mono">LATCHKEY_WHATSAPP=on</code>
      </p>
    )
  const accounts = inOrder(overview.sessions)
  const connected = accounts.filter(({ state }) => standingOf(state) === 'connected').length
  return (
    <>
      <p class="dim small devices-lead">{text.lead(connected, accounts.length)}</p>
      {accounts.length === 0 ? null : (
        <div class="card">
          <ul class="rows accounts">
            {accounts.map((account) => (
              <AccountRow
                key={account.sessionId}
                account={account}
                serverTime={serverTime}
                onLink={() => setLinking(account)}
              />
            ))}
          </ul>
        </div>
      )}
      <WhatsAppCard />
      {linking === null ? null : <LinkAgain account={linking} onClose={() => setLinking(null)} />}
    </>
  )
}

function AccountRow(props: {
  readonly account: ListedAccount
  readonly serverTime: number
  readonly onLink: () => void
}) {
  const text = useWords()
  const { account, serverTime, onLink } = props
  const { state, maskedPhone, linkedAt } = account
  const standing = standingOf(state)
  const [dot, badge] = LOOKS[standing]
  const [title, todo] = text.accountList.states[state]
  return (
    <li>
      <span class="tile">
        <Icon name="chat" />
        <i class={`dot ${dot}`} />
      </span>
      <div class="grow">
        <div class="t">
          <span class="trunc">{nameOf(account)}</span>
          <span class={`badge ${badge}`.trim()}>{title}</span>
        </div>
        <div class="d num">
          {[
            ...(maskedPhone === null ? [] : [maskedPhone]),
            ...(linkedAt === null
              ? []
              : [text.accountList.linkedSince(dayOrTime(linkedAt, serverTime, text))]),
          ].join(' · ')}
        </div>
        {todo === '' ? null : <div class="todo">{todo}</div>}
      </div>
      {standing === 'needs-you' ? (
        <button type="button" class="btn" onClick={onLink}>
          {text.accountList.linkAgain}
        </button>
      ) : null}
    </li>
  )
}

/** The address of the page on which the company links again, for a day. */
function LinkAgain({ account, onClose }: { readonly account: ListedAccount; readonly onClose: () => void }) {
  const { accountList: text, linking, devices } = useWords()
  const [url, setUrl] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const salonId = account.sessionId.replace(/^company_/, '')
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

const nameOf = ({ companyId, sessionId }: ListedAccount): string => companyId || sessionId
