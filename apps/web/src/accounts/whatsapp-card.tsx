import { type AccountsOverview, accountsOverview } from '@latchkey/protocol/accounts'
import { useEffect, useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { Card } from '../parts/card.tsx'
import { useWords } from '../words/language.ts'
import { NewLink } from './new-link.tsx'
import '../styles/account-page.css'

const AGAIN_MS = 10_000

/** The companies with a linked account, and a form that makes a link for another. Empty where linking is switched off. */
export function WhatsAppCard() {
  const text = useWords()
  const [overview, setOverview] = useState<AccountsOverview | null>(null)
  useEffect(() => {
    let isOpen = true
    const look = async () => {
      const answer = await asked(accountsOverview, 'GET', '/operator/linking/sessions')
      if (isOpen) setOverview(answer.ok ? answer.value : null)
      return answer.ok
    }
    let timer: ReturnType<typeof setInterval> | undefined
    void look().then((isOn) => {
      if (isOn && isOpen) timer = setInterval(() => void look(), AGAIN_MS)
    })
    return () => {
      isOpen = false
      clearInterval(timer)
    }
  }, [])
  if (overview === null) return null
  const linked = overview.sessions.filter(({ maskedPhone }) => maskedPhone !== null)
  return (
    <Card id="whatsapp" title={text.linking.console.title} fact={text.linking.console.linked(linked.length)}>
      {linked.length === 0 ? (
        <p class="dim wa-console">{text.linking.console.none}</p>
      ) : (
        <ul class="rows">
          {linked.map(({ sessionId, maskedPhone, state }) => (
            <li key={sessionId}>
              <span class={state === 'connected' || state === 'elsewhere' ? 'dot ok' : 'dot warn'} />
              <span class="grow">
                <b>{sessionId}</b> <span class="faint num">{maskedPhone}</span>
              </span>
              <span class="faint">{state}</span>
            </li>
          ))}
        </ul>
      )}
      <NewLink
        companyOf={(salonId) =>
          overview.sessions.find(({ sessionId }) => sessionId === `company_${salonId}`)?.companyId ?? salonId
        }
      />
    </Card>
  )
}
