import { useEffect, useState } from 'preact/hooks'
import { CountdownRing } from '../parts/countdown-ring.tsx'
import { Icon } from '../parts/icon.tsx'
import { TopBar } from '../parts/top-bar.tsx'
import { goHome } from '../places.ts'
import { book } from '../runner-book.ts'
import { useClock, useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import { stopwatch } from '../words/times.ts'
import '../styles/join-page.css'
import { beginJoining, type JoinStage, type OwnJoining } from './own-joining.ts'
import { RenameSheet } from './rename-sheet.tsx'

/** How long a link lives: the ring is full at this much; the text beside it is the truth. */
const LINK_MS = 5 * 60_000
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
  useEffect(() => {
    document.title = `${text.join.title} · ${text.brand}`
  }, [text])
  return (
    <div class="page">
      <TopBar />
      <main class="main task join">{joining === null ? null : <Stage joining={joining} />}</main>
    </div>
  )
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
  const [renaming, setRenaming] = useState(false)
  const { stage, joining } = props
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
          <button type="button" class="btn quiet rename" onClick={() => setRenaming(true)}>
            {text.join.rename}
          </button>
        </div>
      </div>
      <button type="button" class="btn primary lg spaced" onClick={joining.join}>
        {text.join.joinNow}
      </button>
      {renaming ? (
        <OwnName name={stage.name} onName={joining.rename} onClose={() => setRenaming(false)} />
      ) : null}
    </>
  )
}

function Asking({ unreachable, text }: { readonly unreachable: boolean; readonly text: Words }) {
  const [fact, next] = text.join.failed[navigator.onLine ? 'no-broker' : 'no-network']
  return (
    <>
      <h1>{text.join.title}</h1>
      <p class="lead" role="status">
        {text.join.asking}
      </p>
      {unreachable ? (
        <div class="banner warn spaced" role="alert">
          <Icon name="noLink" />
          <div>
            <b>{fact}</b>
            <p>{next}</p>
          </div>
        </div>
      ) : null}
    </>
  )
}

type PinStage = Extract<JoinStage, { readonly status: 'pin' }>

function Pin({ stage, joining }: { readonly stage: PinStage; readonly joining: OwnJoining }) {
  const text = useWords()
  const [renaming, setRenaming] = useState(false)
  const nowMs = useClock(1_000, true)
  const leftMs = Math.max(0, stage.endsAtMs - nowMs)
  const { pin, name, host, following } = stage
  const [lost, lostNext] = text.join.failed[navigator.onLine ? 'no-broker' : 'no-network']
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
          <span class={leftMs > SOON_MS ? 'ring' : 'ring warn'}>
            <CountdownRing leftMs={leftMs} ofMs={LINK_MS} />
            {text.join.goodFor(stopwatch(leftMs))}
          </span>
        </p>
      </div>
      {following ? null : (
        <div class="banner warn spaced" role="alert">
          <Icon name="noLink" />
          <div>
            <b>{lost}</b>
            <p>{lostNext}</p>
          </div>
        </div>
      )}
      <div class="banner spaced">
        <Icon name="home" />
        <div class="grow">
          <b>{text.join.joining(host)}</b>
          <p>
            {text.join.listedAs} <strong>{name}</strong>. {text.join.notYou}
          </p>
          <button type="button" class="btn quiet rename" onClick={() => setRenaming(true)}>
            {text.join.rename}
          </button>
        </div>
      </div>
      {renaming ? <OwnName name={name} onName={joining.rename} onClose={() => setRenaming(false)} /> : null}
    </>
  )
}

type JoinedStage = Extract<JoinStage, { readonly status: 'joined' }>

function Joined({ stage, joining }: { readonly stage: JoinedStage; readonly joining: OwnJoining }) {
  const text = useWords()
  const machines = useObservable(book)
  const [renaming, setRenaming] = useState(false)
  const { name, host, care } = stage
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
      <button type="button" class="btn quiet block" onClick={() => setRenaming(true)}>
        {text.join.rename}
      </button>
      {renaming ? <OwnName name={name} onName={joining.rename} onClose={() => setRenaming(false)} /> : null}
    </>
  )
}

type Why = keyof Words['join']['failed']

/** Refusals that somebody or the clock may have cured by now; of the others, the next step is on the other screen. */
const MAY_PASS: ReadonlySet<Why> = new Set<Why>([
  'device-limit',
  'address-conflict',
  'too-many-tries',
  'failed',
])

function Refused(props: { readonly why: Why; readonly onAgain: (() => void) | null; readonly text: Words }) {
  const { why, onAgain, text } = props
  const [fact, next] = text.join.failed[why]
  return (
    <>
      <h1>{text.join.title}</h1>
      <div class="banner spaced" role="alert" data-why={why}>
        <Icon name={why === 'expired' ? 'clock' : 'alert'} />
        <div>
          <b>{fact}</b>
          <p>{next}</p>
        </div>
      </div>
      {onAgain === null ? null : (
        <button type="button" class="btn lg spaced" onClick={onAgain}>
          {text.join.again}
        </button>
      )}
    </>
  )
}

/** Another name for this device, by its own hand. */
function OwnName(props: {
  readonly name: string
  readonly onName: (name: string) => void
  readonly onClose: () => void
}) {
  const { join } = useWords()
  const { name, onName, onClose } = props
  const take = (next: string) => {
    onName(next)
    return Promise.resolve(null)
  }
  return <RenameSheet title={join.rename} field={join.name} name={name} onName={take} onClose={onClose} />
}
