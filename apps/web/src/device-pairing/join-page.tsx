import { DEVICE_NAME_CHARS_MAX } from '@latchkey/protocol/device-pairing'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Banner } from '../parts/banner.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page, useTitle } from '../parts/page.tsx'
import { RenameSheet } from '../parts/rename-sheet.tsx'
import { TimeLeft } from '../parts/time-left.tsx'
import { goHome } from '../places.ts'
import { book } from '../runner-book.ts'
import { useClock, useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { stopwatch } from '../words/times.ts'
import '../styles/join-page.css'
import { trimmedName } from './device-name.ts'
import { beginJoining, type JoinStage, type OwnJoining } from './own-joining.ts'

/** How long a pairing URL lives: the ring is full at this much; the text beside it is the truth. */
const JOIN_URL_MS = 5 * 60_000
const SOON_MS = 60_000

/** The page that a new device opens: its PIN, to be typed on the other screen, then that it is in. */
export function JoinPage({ token }: { readonly token: string | null }) {
  const [joining, setJoining] = useState<OwnJoining | null>(null)
  const text = useWords()
  useEffect(() => {
    const begun = beginJoining(token)
    setJoining(begun)
    return () => begun.close()
  }, [token])
  useTitle(text.join.title)
  return <Page look="task join">{joining === null ? null : <Stage joining={joining} />}</Page>
}

function Stage({ joining }: { readonly joining: OwnJoining }) {
  const text = useWords()
  const stage = useObservable(joining.stage)
  switch (stage.status) {
    case 'ready':
      return <Ready stage={stage} joining={joining} />
    case 'asking':
      return <Asking unreachable={stage.unreachable} text={text} />
    case 'pin':
      return <Pin stage={stage} joining={joining} />
    case 'joined':
      return <Joined stage={stage} joining={joining} />
    case 'no-link':
    case 'signed-out':
      return <Refused why={stage.status} onAgain={null} text={text} />
    case 'refused':
      return <Refused why={stage.why} onAgain={MAY_PASS.has(stage.why) ? joining.again : null} text={text} />
  }
}

/** What joining means, and the one tap that does it. */
function Ready(props: {
  readonly stage: Extract<JoinStage, { readonly status: 'ready' }>
  readonly joining: OwnJoining
}) {
  const text = useWords()
  const { stage, joining } = props
  const [rename, sheet] = useRename(stage.name, joining.rename)
  return (
    <>
      <h1>{text.join.readyTitle(stage.host)}</h1>
      <p class="lead">{text.join.readyLead}</p>
      <div class="banner spaced">
        <Icon name="home" />
        <div class="grow">
          <p>
            {text.join.listedAs} <strong>{stage.name}</strong>.
          </p>
          <button type="button" class="btn quiet rename" onClick={rename}>
            {text.join.rename}
          </button>
        </div>
      </div>
      <button type="button" class="btn primary lg spaced" onClick={joining.join}>
        {text.join.joinNow}
      </button>
      {sheet}
    </>
  )
}

function Asking({ unreachable, text }: { readonly unreachable: boolean; readonly text: Words }) {
  return (
    <>
      <h1>{text.join.title}</h1>
      <p class="lead" role="status">
        {text.join.asking}
      </p>
      {unreachable ? <Unreachable text={text} /> : null}
    </>
  )
}

const Unreachable = ({ text }: { readonly text: Words }) => (
  <Banner
    icon="noLink"
    look="warn spaced"
    role="alert"
    says={text.join.failed[navigator.onLine ? 'no-broker' : 'no-network']}
  />
)

type PinStage = Extract<JoinStage, { readonly status: 'pin' }>

function Pin({ stage, joining }: { readonly stage: PinStage; readonly joining: OwnJoining }) {
  const text = useWords()
  const nowMs = useClock(1_000, true)
  const leftMs = Math.max(0, stage.endsAtMs - nowMs)
  const { pin, name, host, following } = stage
  const [rename, sheet] = useRename(name, joining.rename)
  return (
    <>
      <div class="middle">
        <h1>{text.join.pinTitle}</h1>
        <p class="lead">{text.join.pinLead}</p>
        <p class="joinpin" role="status">
          {/* Digit by digit for the ear, in two groups for the eye. */}
          <span class="vh">{text.join.pinSaid([...pin].join(' '))}</span>
          <span class="mono" aria-hidden="true" data-pin={pin}>
            {pin.slice(0, 3)}
            <i />
            {pin.slice(3)}
          </span>
        </p>
        <p>
          <TimeLeft leftMs={leftMs} ofMs={JOIN_URL_MS} soonMs={SOON_MS}>
            {text.join.goodFor(stopwatch(leftMs))}
          </TimeLeft>
        </p>
      </div>
      {following ? null : <Unreachable text={text} />}
      <Banner
        icon="home"
        look="spaced"
        says={[
          text.join.joining(host),
          <>
            {text.join.listedAs} <strong>{name}</strong>. {text.join.notYou}
          </>,
        ]}
      >
        <button type="button" class="btn quiet rename" onClick={rename}>
          {text.join.rename}
        </button>
      </Banner>
      {sheet}
    </>
  )
}

type JoinedStage = Extract<JoinStage, { readonly status: 'joined' }>

function Joined({ stage, joining }: { readonly stage: JoinedStage; readonly joining: OwnJoining }) {
  const text = useWords()
  const machines = useObservable(book)
  const { name, host, care } = stage
  const [rename, sheet] = useRename(name, joining.rename)
  const kept = { protected: text.join.keptSafe, raw: text.join.keptRaw, lost: text.join.keptNot }[care]
  return (
    <>
      <div class="middle" role="status">
        <span class="done-mark">
          <Icon name="check" />
        </span>
        <h1>{text.join.joined}</h1>
        <p class="lead">{text.join.joinedLead(host, name)}</p>
        <p class="small faint kept-how">{kept}</p>
        {machines.length > 0 ? null : <p class="small">{text.join.thenPair}</p>}
      </div>
      <button type="button" class="btn primary lg" onClick={goHome}>
        {machines.length > 0 ? text.join.toMachines : text.machines.pairOne}
      </button>
      <button type="button" class="btn quiet block" onClick={rename}>
        {text.join.rename}
      </button>
      {sheet}
    </>
  )
}

type Why = keyof Words['join']['failed']

/** Refusals that may have passed by now. After any other, the next step is on the other screen. */
const MAY_PASS: ReadonlySet<Why> = new Set<Why>([
  'device-limit',
  'address-conflict',
  'too-many-tries',
  'failed',
])

function Refused(props: { readonly why: Why; readonly onAgain: (() => void) | null; readonly text: Words }) {
  const { why, onAgain, text } = props
  return (
    <>
      <h1>{text.join.title}</h1>
      <Banner
        icon={why === 'expired' ? 'clock' : 'alert'}
        look="spaced"
        role="alert"
        data-why={why}
        says={text.join.failed[why]}
      />
      {onAgain === null ? null : (
        <button type="button" class="btn lg spaced" onClick={onAgain}>
          {text.join.again}
        </button>
      )}
    </>
  )
}

/** Another name for this device: what opens the sheet, and the sheet, which stands outside of any banner. */
function useRename(name: string, onName: (name: string) => void): readonly [() => void, JSX.Element | null] {
  const { join } = useWords()
  const [open, setOpen] = useState(false)
  const take = (typed: string) => {
    const next = trimmedName(typed)
    if (next !== null && next !== name) onName(next)
    return Promise.resolve(null)
  }
  const sheet = open ? (
    <RenameSheet
      title={join.rename}
      field={join.name}
      name={name}
      charsMax={DEVICE_NAME_CHARS_MAX}
      save={join.save}
      onName={take}
      onClose={() => setOpen(false)}
    />
  ) : null
  return [() => setOpen(true), sheet]
}
