import type { PairingView } from '@latchkey/protocol/device-pairing'
import { Icon } from '../parts/icon.tsx'
import { useWords } from '../words/language.ts'
import { waitingForConsent } from './approve-device.tsx'

/** Under the devices: the machines that asked without a pairing URL, and the way to answer them. */
export function Askers(props: { readonly pairings: readonly PairingView[]; readonly onApprove: () => void }) {
  const text = useWords()
  const waiting = waitingForConsent(props.pairings)
  const names = waiting.map(({ device }) => device?.name ?? '').join(', ')
  return (
    <p class="askers-line">
      <button type="button" class={waiting.length > 0 ? 'btn' : 'btn quiet'} onClick={props.onApprove}>
        <Icon name="terminal" />
        {text.devices.approve}
      </button>
      <span class="small dim" role="status">
        {waiting.length === 0 ? '' : `${text.devices.waitingFor}: ${names}`}
      </span>
    </p>
  )
}
