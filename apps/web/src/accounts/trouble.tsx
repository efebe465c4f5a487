import type { AccountTrouble, MarketplaceView } from '@latchkey/connection/accounts/marketplace-connection'
import type { AccountState } from '@latchkey/protocol/accounts'
import { Banner } from '../parts/banner.tsx'
import { useWords } from '../words/language.ts'
import { clockTime } from '../words/times.ts'

/** What went wrong, as this page heard it or as the picture tells a page that has just come. */
export function troubleOf({ trouble, state }: MarketplaceView): AccountTrouble | null {
  if (trouble !== null) return trouble
  if (state === null || state.reason === null) return null
  const method = state.method ?? 'qr'
  const { reason, retryAt, deviceLeft = false } = state
  return { reason, retryAt, correlationId: null, method, deviceLeft }
}

/** An error in words, with its next step; never the way of an exception. */
export function Trouble(given: {
  readonly trouble: AccountTrouble
  readonly state: AccountState
  /** offers the QR instead; null where that would be no help */
  readonly onQr: (() => void) | null
}) {
  const { trouble, onQr } = given
  const text = useWords()
  const [fact, next] = text.linking.trouble[trouble.reason]
  const until = trouble.retryAt === null ? '' : ` ${text.linking.until(clockTime(trouble.retryAt, text))}`
  const isEnd = trouble.reason === 'QR_EXPIRED' || trouble.reason === 'CODE_EXPIRED'
  return (
    <Banner
      icon={isEnd ? 'clock' : 'alert'}
      look={isEnd ? 'warn wa-trouble' : 'bad wa-trouble'}
      role="alert"
      data-reason={trouble.reason}
      says={[fact, next + until]}
    >
      {trouble.deviceLeft ? <p>{text.linking.deviceLeft}</p> : null}
      {trouble.correlationId === null ? null : (
        <p class="meta">{text.linking.reference(trouble.correlationId)}</p>
      )}
      {onQr === null ? null : (
        <button type="button" class="btn quiet" onClick={onQr}>
          {text.linking.useQr}
        </button>
      )}
    </Banner>
  )
}
