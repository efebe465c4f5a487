import type {
  AccountTrouble,
  MarketplaceConnection,
} from '@latchkey/connection/accounts/marketplace-connection'
import type { AccountState } from '@latchkey/protocol/accounts'
import { useState } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { groupedPhone } from './read-phone.ts'
import { Trouble } from './trouble.tsx'

/** The linked account, its trouble if it has one, and the button to unlink it. */
export function Linked(given: {
  readonly link: MarketplaceConnection
  readonly state: AccountState
  readonly trouble: AccountTrouble | null
}) {
  const { link, state, trouble } = given
  const text = useWords()
  const [isAsking, setAsking] = useState(false)
  const [isPending, setPending] = useState(false)
  const { phoneNumber, reason, retryAt } = state
  const note = noteOf(state, text)
  const isStopped = state.state === 'stopped'
  const problem =
    trouble ??
    (reason === null
      ? null
      : { reason, retryAt, correlationId: null, method: 'qr' as const, deviceLeft: false })
  const unlink = () => {
    setAsking(false)
    void link.unlink().then((pending) => setPending(pending === true))
  }
  return (
    <div class="wa-middle">
      {isStopped ? null : (
        <span class="done-mark">
          <Icon name="check" />
        </span>
      )}
      <h1>
        <span role="status">{isStopped ? text.linking.stoppedTitle : text.linking.linkedTitle}</span>
      </h1>
      <p class="lead">
        {text.linking.linkedLead(groupedPhone(phoneNumber ?? ''), state.company ?? text.linking.yourCompany)}
      </p>
      {note === null ? null : <p class="banner">{note}</p>}
      {note === null && !isStopped ? <p class="lead">{text.linking.linkedNext}</p> : null}
      {problem === null ? null : <Trouble trouble={problem} state={state} onQr={null} />}
      {isStopped ? (
        <button type="button" class="btn primary" onClick={() => link.retry()}>
          {text.linking.tryAgain}
        </button>
      ) : null}
      {isPending ? (
        <p class="banner" role="status">
          {text.linking.unlinkPending}
        </p>
      ) : null}
      {isAsking ? (
        <div class="wa-sure">
          <p>{text.linking.unlinkSure}</p>
          <button type="button" class="btn danger" onClick={unlink}>
            {text.linking.unlink}
          </button>
          <button type="button" class="btn quiet" onClick={() => setAsking(false)}>
            {text.cancel}
          </button>
        </div>
      ) : (
        <button type="button" class="btn" onClick={() => setAsking(true)}>
          {text.linking.unlink}
        </button>
      )}
    </div>
  )
}

function noteOf({ state }: AccountState, text: Words): string | null {
  switch (state) {
    case 'reconnecting':
      return text.linking.reconnecting
    case 'unlinking':
      return text.linking.unlinking
    case 'elsewhere':
      return text.linking.elsewhere
    case 'idle':
    case 'starting':
    case 'qr':
    case 'code_wanted':
    case 'code_shown':
    case 'finishing':
    case 'connected':
    case 'stopped':
    case 'expired':
    case 'failed':
    case 'logged_out':
    case 'replaced':
      return null
  }
}
