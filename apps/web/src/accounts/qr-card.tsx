import { QrCode } from '../parts/qr-code.tsx'
import { TimeLeft } from '../parts/time-left.tsx'
import { useClock } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { stopwatch } from '../words/times.ts'
import type { AccountProps } from './account-props.ts'
import { WaSteps } from './wa-steps.tsx'

const RING_MS = 60_000

/** The QR that is good now, and for how long by the broker's clock. Asks for none by a timer of its own. */
export function QrCard({ view, state, onAsk }: Omit<AccountProps, 'link'> & { readonly onAsk: () => void }) {
  const text = useWords()
  const { qr } = state
  const isComing = view.waitingFor === 'qr'
  return (
    <>
      <h2>{text.linking.qrTitle}</h2>
      {qr === null ? (
        <div class="wa-blank">
          {isComing ? (
            <p role="status">{text.linking.qrGetting}</p>
          ) : (
            <button type="button" class="btn" onClick={onAsk}>
              {text.linking.qrShow}
            </button>
          )}
        </div>
      ) : (
        <div class="wa-qr" data-qr={qr.text}>
          <QrCode text={qr.text} name={text.linking.qrName} />
          <Left key={qr.expiresAt} at={qr.expiresAt - view.clockOffsetMs} />
        </div>
      )}
      <WaSteps steps={text.linking.qrSteps} />
    </>
  )
}

function Left({ at }: { readonly at: number }) {
  const text = useWords()
  const leftMs = Math.max(0, at - useClock(1_000, true))
  if (leftMs === 0) return <p class="wa-left small">{text.linking.qrOver}</p>
  return (
    <p class="wa-left">
      <TimeLeft leftMs={leftMs} ofMs={RING_MS} soonMs={0}>
        {text.linking.qrNew(stopwatch(leftMs))}
      </TimeLeft>
    </p>
  )
}
