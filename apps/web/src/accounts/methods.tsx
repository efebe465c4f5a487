import type { AccountState } from '@latchkey/protocol/accounts'
import { useEffect, useState } from 'preact/hooks'
import { useWords } from '../words/language.ts'
import type { AccountProps } from './account-props.ts'
import { CodeCard } from './code-card.tsx'
import { CONSENT_WORDING } from './consent.tsx'
import { QrCard } from './qr-card.tsx'
import { Trouble, troubleOf } from './trouble.tsx'

const CODE_STATES: ReadonlySet<AccountState['state']> = new Set(['code_wanted', 'code_shown'])

/** Both cards fit side by side; the same width as in account-page.css. */
const WIDE = '(min-width: 960px)'

/**
 * QR and code side by side, or one of them on a phone: the code first there, since a phone cannot scan its own screen.
 * Switching between them asks WhatsApp for nothing.
 */
export function Methods({ link, view, state }: AccountProps) {
  const text = useWords()
  const [isWide] = useState(() => matchMedia(WIDE).matches)
  const [shown, setShown] = useState<'qr' | 'code'>(() => {
    if (CODE_STATES.has(state.state)) return 'code'
    return isWide || state.qr !== null ? 'qr' : 'code'
  })
  const askQr = () => link.requestQr(CONSENT_WORDING)
  const trouble = troubleOf(view)
  useEffect(() => {
    // After consent the QR comes by itself. After a failure a person has to ask for it.
    if (isWide && state.state === 'idle' && view.trouble === null && !view.deviceLeft) askQr()
  }, [])
  const tab = (method: 'qr' | 'code', name: string) => (
    <button
      type="button"
      role="tab"
      id={`wa-tab-${method}`}
      aria-selected={shown === method}
      aria-controls={`wa-${method}`}
      onClick={() => setShown(method)}
    >
      {name}
    </button>
  )
  return (
    <>
      <h1>{text.linking.title}</h1>
      <p class="lead small">{text.linking.lead}</p>
      <div class="seg wa-tabs" role="tablist" aria-label={text.linking.method}>
        {tab('code', text.linking.codeTab)}
        {tab('qr', text.linking.qrTab)}
      </div>
      {view.deviceLeft ? (
        <p class="banner warn wa-trouble" role="status">
          {text.linking.deviceLeft}
        </p>
      ) : null}
      {trouble === null ? null : (
        <Trouble
          trouble={trouble}
          state={state}
          onQr={
            trouble.method === 'code'
              ? () => {
                  setShown('qr')
                  askQr()
                }
              : null
          }
        />
      )}
      <div class="wa-grid">
        <section id="wa-qr" class={shown === 'qr' ? 'card wa-card' : 'card wa-card wa-other'}>
          <QrCard view={view} state={state} onAsk={askQr} />
        </section>
        <section id="wa-code" class={shown === 'code' ? 'card wa-card' : 'card wa-card wa-other'}>
          <CodeCard view={view} state={state} link={link} />
        </section>
      </div>
      <p class="meta wa-foot">{text.linking.risks}</p>
    </>
  )
}
