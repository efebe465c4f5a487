import { type AccountView, accountsReply } from '@latchkey/protocol/accounts-api'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { useWords } from '../words/language.ts'
import { inOrder, standingOf } from './account-order.ts'
import { AccountRow } from './account-row.tsx'
import { NewLink } from './new-link.tsx'
import '../styles/account-page.css'

const AGAIN_MS = 5_000
/** Ten thousand accounts are twenty answers, one after the other. */
const PAGE = 500

/** The linked accounts: their state, since when, why, and what may be done; says so where linking is switched off. */
export function AccountList({ serverTime }: { readonly serverTime: number }) {
  const { accountList: text } = useWords()
  const [accounts, setAccounts] = useState<readonly AccountView[] | 'off' | null>(null)
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    let isOpen = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      const found = await allAccounts()
      if (!isOpen) return
      if (found !== null) setAccounts(found)
      timer = setTimeout(() => void look(), AGAIN_MS)
    }
    void look()
    return () => {
      isOpen = false
      clearTimeout(timer)
    }
  }, [changes])
  if (accounts === null) return null
  if (accounts === 'off')
    return (
      <p class="empty">
        {text.off} <code class="mono">LATCHKEY_WHATSAPP=on</code>
      </p>
    )
  const listed = inOrder(accounts)
  const connected = listed.filter(({ state }) => standingOf(state) === 'connected').length
  return (
    <>
      <p class="dim small devices-lead">{text.lead(connected, listed.length)}</p>
      {listed.length === 0 ? null : (
        <div class="card">
          <ul class="rows accounts">
            {listed.map((account) => (
              <AccountRow
                key={account.id}
                account={account}
                serverTime={serverTime}
                onChanged={() => setChanges((before) => before + 1)}
              />
            ))}
          </ul>
        </div>
      )}
      <div class="new-account">
        <NewLink
          companyOf={(salonId) =>
            accounts.find(({ id }) => id === `company_${salonId}`)?.companyId ?? salonId
          }
        />
      </div>
    </>
  )
}

/** All pages of the list; null when the broker did not answer. */
async function allAccounts(): Promise<readonly AccountView[] | 'off' | null> {
  const accounts: AccountView[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(after === '' ? {} : { after }) })
    const answer = await asked(accountsReply, 'GET', `/accounts?${query}`)
    if (!answer.ok) return answer.code === null ? null : 'off'
    accounts.push(...answer.value.accounts)
    after = answer.value.next
  }
  return accounts
}
