import type { PairingView } from '@latchkey/protocol/device-pairing'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { QrCode } from '../parts/qr-code.tsx'
import { type Step, Steps } from '../parts/steps.tsx'
import { TimeLeft } from '../parts/time-left.tsx'
import { copyText } from '../platform.ts'
import { useClock, useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { clockTime, stopwatch } from '../words/times.ts'
import '../styles/steps.css'
import '../styles/add-device.css'
import { type AddingDevice, addDevice, endCode } from './add-device.ts'
import type { AddingStage } from './adding.ts'
import { DevicePin } from './device-pin.tsx'
import { MachineLine } from './machine-line.tsx'

/** How long a code lives: the ring is full at this much; the text beside it is the truth. */
const CODE_MS = 5 * 60_000
const SOON_MS = 60_000
/** how long a device stays signed in without being used */
const SIGNED_IN_DAYS = 30

interface AddDeviceDialogProps {
  readonly pairings: readonly PairingView[]
  readonly onClose: () => void
}

/** A code to scan, the device that scanned it, its PIN, and that it is in. */
export function AddDeviceDialog({ pairings, onClose }: AddDeviceDialogProps) {
  const text = useWords()
  const [adding, setAdding] = useState<AddingDevice | null>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const begun = addDevice()
    setAdding(begun)
    return () => begun.close()
  }, [round])
  useEffect(() => adding?.sees(pairings), [adding, pairings])
  return (
    <Dialog title={text.devices.add} wide onClose={onClose}>
      {adding === null ? null : (
        <Adding adding={adding} pairings={pairings} onAgain={() => setRound(round + 1)} onClose={onClose} />
      )}
    </Dialog>
  )
}

function Adding(props: {
  readonly adding: AddingDevice
  readonly pairings: readonly PairingView[]
  readonly onAgain: () => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const { adding, pairings, onAgain, onClose } = props
  const stage = useObservable(adding.stage)
  const { now, steps } = stepsOf(stage, text)
  return (
    <>
      <div class="addg">
        {stage.status === 'ended' && stage.why === 'too-many-pairings' ? (
          <OpenCodes pairings={pairings} text={text} />
        ) : (
          <Act stage={stage} adding={adding} text={text} />
        )}
        <div>{stage.status === 'ended' ? null : <Steps steps={steps} now={now} />}</div>
      </div>
      <Foot stage={stage} adding={adding} onAgain={onAgain} onClose={onClose} />
      {stage.status === 'waiting' ? <MachineLine joinUrl={stage.link} /> : null}
    </>
  )
}

/** Too many codes are open, perhaps from pages that were reloaded or closed: lists them, each with a button that ends it. */
function OpenCodes({ pairings, text }: { readonly pairings: readonly PairingView[]; readonly text: Words }) {
  const open = pairings.filter(
    ({ method, status }) => method === 'pin' && (status === 'waiting' || status === 'connected'),
  )
  return (
    <Banner
      icon="alert"
      role="alert"
      data-why="too-many-pairings"
      says={text.devices.ended['too-many-pairings']}
    >
      <ul class="open-codes">
        {open.map(({ id, startedAt, expiresAt, device }) => (
          <li key={id}>
            <span class="grow">
              {text.devices.openCode(
                clockTime(startedAt, text),
                clockTime(expiresAt ?? startedAt, text),
                device?.name ?? null,
              )}
            </span>
            <button type="button" class="btn quiet" onClick={() => void endCode(id)}>
              {text.devices.endCode}
            </button>
          </li>
        ))}
      </ul>
    </Banner>
  )
}

/** The content of the present step. */
function Act({ stage, adding, text }: { stage: AddingStage; adding: AddingDevice; text: Words }) {
  switch (stage.status) {
    case 'preparing':
      return (
        <div class="qr-place" role="status">
          <p class="dim">{text.devices.preparing}</p>
        </div>
      )
    case 'waiting':
      return (
        <div class="qr-place" data-link={stage.link}>
          <QrCode text={stage.link} name={text.devices.qr} />
        </div>
      )
    case 'scanned':
      return <DevicePin stage={stage} onPin={adding.givePin} />
    case 'paired':
      return (
        <div class="paired">
          <span class="done-mark">
            <Icon name="check" />
          </span>
          <p class="paired-name">{text.devices.isPaired(stage.name)}</p>
          <p class="dim small">{text.devices.isPairedText(SIGNED_IN_DAYS)}</p>
        </div>
      )
    case 'ended':
      return (
        <Banner
          icon={stage.why === 'expired' ? 'clock' : 'alert'}
          role="alert"
          data-why={stage.why}
          says={text.devices.ended[stage.why]}
        />
      )
  }
}

function stepsOf(stage: AddingStage, text: Words): { readonly now: number; readonly steps: readonly Step[] } {
  const { devices } = text
  const device = stage.status === 'scanned' || stage.status === 'paired' ? stage.device : null
  const pairedAtMs = stage.status === 'paired' ? stage.atMs : null
  const now = pairedAtMs !== null ? 3 : device === null ? 0 : 1
  const scan: Step =
    device === null
      ? { title: devices.stepScan, text: devices.stepScanText }
      : {
          title: devices.scannedBy(device.name),
          text: (
            <>
              {[devices.from(device.address), clockTime(device.atMs, text)].join(', ')}
              {device.turnedAway === 0 ? null : (
                <span class="turned-away" role="status">
                  {devices.turnedAway(device.turnedAway)}
                </span>
              )}
            </>
          ),
        }
  const pin: Step =
    now === 3
      ? { title: devices.pinMatched, text: null }
      : { title: devices.stepPin, text: now === 1 ? devices.stepPinText : null }
  const join: Step =
    pairedAtMs === null
      ? { title: devices.stepJoin, text: null }
      : { title: devices.paired, text: devices.pairedAs(clockTime(pairedAtMs, text)) }
  return { now, steps: [scan, pin, join] }
}

/** How long there is left, and the one action beside the main one. */
function Foot(props: {
  readonly stage: AddingStage
  readonly adding: AddingDevice
  readonly onAgain: () => void
  readonly onClose: () => void
}) {
  const text = useWords()
  const { stage, adding, onAgain, onClose } = props
  const runs = stage.status === 'waiting' || stage.status === 'scanned'
  const nowMs = useClock(1_000, runs)
  const main = useRef<HTMLButtonElement>(null)
  // The focus moves to the next step, for keyboards and screen readers.
  useEffect(() => main.current?.focus(), [stage.status])
  switch (stage.status) {
    case 'preparing':
      return <div class="addf" />
    case 'waiting':
    case 'scanned': {
      const leftMs = Math.max(0, stage.endsAtMs - nowMs)
      return (
        <div class="addf">
          <TimeLeft leftMs={leftMs} ofMs={CODE_MS} soonMs={SOON_MS}>
            {text.devices.goodFor(stopwatch(leftMs))}
          </TimeLeft>
          {stage.status === 'waiting' ? (
            <CopyJoinUrl link={stage.link} />
          ) : (
            <button type="button" class="btn quiet bad" onClick={adding.cancel}>
              {text.devices.notMine}
            </button>
          )}
        </div>
      )
    }
    case 'paired':
    case 'ended': {
      const [label, run] = stage.status === 'paired' ? [text.devices.done, onClose] : [text.tryAgain, onAgain]
      return (
        <div class="addf">
          <button ref={main} type="button" class="btn primary lg" onClick={run}>
            {label}
          </button>
        </div>
      )
    }
  }
}

const COPIED_MS = 2_000

/** Copies the pairing URL; where the browser gives pages no clipboard, it is shown to be selected. */
function CopyJoinUrl({ link }: { readonly link: string }) {
  const text = useWords()
  const [done, setDone] = useState<'copied' | 'shown' | null>(null)
  useEffect(() => {
    if (done !== 'copied') return
    const timer = setTimeout(() => setDone(null), COPIED_MS)
    return () => clearTimeout(timer)
  }, [done])
  if (done === 'shown')
    return (
      <input
        class="input link-shown mono"
        readOnly
        value={link}
        aria-label={text.devices.copyLink}
        onFocus={(event) => event.currentTarget.select()}
      />
    )
  return (
    <button
      type="button"
      class="btn quiet"
      onClick={() => void copyText(link).then((copied) => setDone(copied ? 'copied' : 'shown'))}
    >
      <Icon name={done === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{done === 'copied' ? text.devices.copied : text.devices.copyLink}</span>
    </button>
  )
}
