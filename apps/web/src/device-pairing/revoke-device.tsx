import { type ListedDevice, type Revoked, revokeReply } from '@latchkey/protocol/device-pairing'
import { useState } from 'preact/hooks'
import { asked } from '../operator/asked.ts'
import { ErrorLine } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { useWords } from '../words/language.ts'
import { moment } from '../words/times.ts'

/** Asks once more, says what it means, and takes the device out. The focus starts on the answer that changes nothing. */
export function RevokeDevice(props: {
  readonly node: ListedDevice
  readonly serverTime: number
  /** the machines that go with it, by name */
  readonly runs: readonly string[]
  readonly onRevoked: (revoked: Revoked) => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const { node, serverTime, runs, onRevoked, onClose } = props
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState(false)
  const revoke = async () => {
    if (busy) return
    setBusy(true)
    setFailed(false)
    const answer = await asked(revokeReply, 'DELETE', `/nodes/${encodeURIComponent(node.id)}`)
    setBusy(false)
    if (!answer.ok) return setFailed(true)
    onRevoked(answer.value)
    onClose()
  }
  return (
    <Dialog title={text.devices.revokeTitle(node.name)} onClose={onClose}>
      {/* Two devices may have one name: where it came from, and when, tells them apart. */}
      <p class="small faint which-one">
        {text.devices.joined(moment(node.joinedAt, serverTime, text))}
        {node.hostname === '' ? null : ` · ${text.devices.from(node.hostname)}`}
      </p>
      <p class="dim">{text.devices.revokeText}</p>
      {runs.length === 0 ? null : <p class="dim spaced">{text.devices.revokeRuns(runs.join(', '))}</p>}
      {failed ? <ErrorLine says={text.devices.revokeFailed(node.name)} /> : null}
      <div class="row-btns answers">
        <button type="button" class="btn" data-first onClick={onClose}>
          {text.devices.keepIt}
        </button>
        <button type="button" class="btn danger" aria-disabled={busy} onClick={() => void revoke()}>
          {text.devices.revoke}
        </button>
      </div>
    </Dialog>
  )
}
