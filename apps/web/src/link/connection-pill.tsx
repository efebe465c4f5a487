import type { AppLink } from '@latchkey/connection/app/link'
import { useState } from 'preact/hooks'
import { Tile } from '../parts/card.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { clockTimeExact } from '../words/times.ts'
import { isJustAway, legsOf, pillWords, refusalWords } from './link-words.ts'
import { SealFacts } from './seal-facts.tsx'

/** The state of the link in a few words; a tap shows the details. */
export function ConnectionPill(props: {
  readonly link: AppLink
  readonly machine: string
  /** where there is no room for words: what stands beside the dot instead of them */
  readonly shownAs?: string
}) {
  const { link, machine, shownAs } = props
  const text = useWords()
  const state = useObservable(link.state)
  useClock(1_000, state.status === 'reconnecting' || isJustAway(state, Date.now()))
  const [open, setOpen] = useState(false)
  const pill = pillWords(state, machine, Date.now(), text)
  return (
    <>
      <button
        type="button"
        class={`pill${pill.tone === 'warn' ? ' warn' : ''}`}
        data-link={state.status}
        onClick={() => setOpen(true)}
      >
        <span class={`dot ${pill.dot}${pill.pulse ? ' pulse' : ''}`} />
        {shownAs === undefined ? (
          <span class="pill-words">{pill.text}</span>
        ) : (
          <span class="trunc">{shownAs}</span>
        )}
        {shownAs === undefined ? null : <span class="vh">: {pill.text}</span>}
        {pill.figure === null || shownAs !== undefined ? null : <span class="legs">{pill.figure}</span>}
        <span class="vh">. {pill.said}</span>
      </button>
      {open ? <ConnectionSheet link={link} machine={machine} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

function ConnectionSheet(props: {
  readonly link: AppLink
  readonly machine: string
  readonly onClose: () => void
}) {
  const { link, machine, onClose } = props
  const text = useWords()
  const state = useObservable(link.state)
  const nowMs = useClock(1_000, state.status === 'reconnecting')
  const pill = pillWords(state, machine, nowMs, text)
  const legs = state.status === 'live' ? legsOf(state) : null
  const since =
    state.status === 'reconnecting' || state.status === 'machine-offline'
      ? text.link.noLinkSince(clockTimeExact(state.sinceMs, text))
      : null
  return (
    <Dialog title={text.link.details} onClose={onClose}>
      <ol class="legs-list">
        <li>
          <Tile icon="phone" />
          <b>{text.link.you}</b>
        </li>
        <li class="leg">{legs === null ? pill.text : text.link.roundTrip(legs[0])}</li>
        <li>
          <Tile icon="list" />
          <span>
            <b>{text.link.broker}</b> <span class="dim">{location.host}</span>
          </span>
        </li>
        <li class="leg">{legs === null ? (since ?? pill.text) : text.link.roundTrip(legs[1])}</li>
        <li>
          <Tile icon="server" />
          <b>{machine}</b>
        </li>
      </ol>
      {state.status === 'reconnecting' && state.failure !== null ? (
        <p class="small dim">{text.link.failure[state.failure.kind]}</p>
      ) : null}
      {state.status === 'refused' ? (
        <p class="small dim">{refusalWords(state.refusal, machine, text).says[0]}</p>
      ) : null}
      {state.status === 'ended' ? (
        <p class="small dim">{text.link.ends[state.reason](machine).join(' ')}</p>
      ) : null}
      <SealFacts link={link} machine={machine} />
      <button type="button" class="btn block" onClick={() => link.reconnectNow()}>
        <Icon name="again" />
        {text.link.reconnectNow}
      </button>
    </Dialog>
  )
}
