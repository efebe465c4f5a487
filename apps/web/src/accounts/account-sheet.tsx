import { type AccountView, accountReply } from '@latchkey/protocol/accounts-api'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/fields.tsx'
import { Form } from '../parts/form.tsx'
import { useWords } from '../words/language.ts'
import { nameOf } from './account-order.ts'

const NAME_CHARS_MAX = 200
const PROXY_CHARS_MAX = 2_048

/** What the operator sets of an account: the name of its company, and the proxy through which it connects. */
export function AccountSheet(props: {
  readonly account: AccountView
  readonly onChanged: () => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const { accountList: words } = text
  const { account, onChanged, onClose } = props
  const { companyName, proxy = null } = account
  const [name, setName] = useState(companyName ?? '')
  const [address, setAddress] = useState('')
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const path = `/accounts/${encodeURIComponent(account.id)}`
  const save = async (through: string | null) => {
    if (busy) return
    setBusy(true)
    const wanted = name.trim() === '' ? null : name.trim()
    const calls: readonly (readonly ['PATCH' | 'POST', string, object])[] = [
      ...(wanted === companyName ? [] : [['PATCH', path, { companyName: wanted }] as const]),
      ...(through === '' ? [] : [['POST', `${path}/proxy`, { proxy: through }] as const]),
    ]
    for (const call of calls) {
      const answer = await asked(accountReply, ...call)
      if (answer.ok) continue
      setBusy(false)
      return setTrouble(answer.code === null ? words.noAnswer : words.notTaken)
    }
    onChanged()
    onClose()
  }
  return (
    <Dialog title={words.changeTitle(nameOf(account))} onClose={onClose}>
      <Form class="stack" onSubmit={() => void save(address.trim())}>
        <TextField
          kind="name"
          label={words.companyName}
          value={name}
          charsMax={NAME_CHARS_MAX}
          onValue={setName}
        />
        <TextField
          kind="address"
          label={words.proxy}
          value={address}
          charsMax={PROXY_CHARS_MAX}
          placeholder="socks5://name:password@proxy.example:1080"
          hint={proxy === null ? words.proxyHint : words.proxyNow(proxy)}
          onValue={setAddress}
        />
        {trouble === null ? null : <ErrorLine says={trouble} />}
        {proxy === null ? null : (
          <button type="button" class="btn" aria-disabled={busy} onClick={() => void save(null)}>
            {words.withoutProxy}
          </button>
        )}
        <button type="submit" class="btn primary lg" aria-disabled={busy}>
          {text.term.save}
        </button>
      </Form>
    </Dialog>
  )
}
