import type { PairingView } from '@latchkey/protocol/device-pairing'
import { Card } from '../parts/card.tsx'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { clockTime } from '../words/times.ts'
import { endCode } from './add-device.ts'

/** Pairings that may still let a device in: codes to scan that are open, devices at their PIN, and machines that ask. */
export const stillOpen = (pairings: readonly PairingView[]): readonly PairingView[] =>
  pairings.filter(({ status }) => status === 'waiting' || status === 'connected' || status === 'verified')

/** The open codes and requests, each with a button that ends it. Nothing while there are none. */
export function OpenRequests(props: {
  readonly pairings: readonly PairingView[]
  /** opens the dialog that answers a machine that asks */
  readonly onApprove: () => void
}) {
  const text = useWords()
  const open = stillOpen(props.pairings)
  if (open.length === 0) return null
  return (
    <Card id="open-requests" look="open-requests" title={text.fleet.open} fact={String(open.length)}>
      <ul class="rows">
        {open.map((pairing) => {
          const says = wordsOf(pairing, text)
          const isAsking = pairing.method === 'consent' && pairing.status === 'connected'
          return (
            <li key={pairing.id}>
              <span class="tile">
                <Icon name={pairing.method === 'consent' ? 'server' : 'scan'} />
              </span>
              <div class="grow">
                <div class="t">{says.title}</div>
                <div class="d">{says.facts}</div>
              </div>
              {isAsking ? (
                <button type="button" class="btn" onClick={props.onApprove}>
                  {text.fleet.answer}
                </button>
              ) : null}
              <button
                type="button"
                class="btn quiet bad"
                aria-label={text.fleet.endOne(says.title)}
                onClick={() => void endCode(pairing.id)}
              >
                {text.devices.endCode}
              </button>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

function wordsOf(pairing: PairingView, text: ReturnType<typeof useWords>) {
  const { device, method, status, startedAt, expiresAt } = pairing
  const { fleet, devices } = text
  const until = fleet.until(clockTime(expiresAt ?? startedAt, text))
  const made = fleet.madeAt(clockTime(startedAt, text))
  if (device === null) return { title: fleet.openCode, facts: `${made} · ${until}` }
  const title = method === 'consent' ? devices.asks(device.name) : fleet.scannedIt(device.name)
  const approved = status === 'verified' ? [fleet.fetches] : []
  return { title, facts: [devices.from(device.address), ...approved, made, until].join(' · ') }
}
