import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Confirm } from '../parts/dialog.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { goPair } from '../places.ts'
import { knownRunner } from '../runner-book.ts'
import { useClock, useObservable } from '../use-observable.ts'
import { useWords } from '../words/language.ts'
import { clockTime, clockTimeExact } from '../words/times.ts'
import { endWords, type RefusalStep, refusalWords } from './link-words.ts'

/** A short outage is shown by the pill alone; a banner that flashes says less than none. */
const BANNER_AFTER_MS = 2_000

interface LinkBannerProps {
  readonly link: AppLink
  readonly machine: string
  readonly waiting: number
  /** above or below, wherever the cursor's line stays in sight */
  readonly side: 'top' | 'bottom'
}

/** What is wrong with the link, since when, what happens to what is typed, and the one thing that can be done. */
export function LinkBanner({ link, machine, waiting, side }: LinkBannerProps) {
  const text = useWords()
  const state = useObservable(link.state)
  const nowMs = useClock(1_000, state.status === 'reconnecting' || state.status === 'connecting')
  switch (state.status) {
    case 'live':
    case 'catching-up':
    case 'pin-wanted':
      return null
    case 'refused': {
      const {
        says: [fact, next],
        step,
      } = refusalWords(state.refusal, machine, text)
      return (
        <Floating side={side} icon="alert" tone="warn" title={fact} text={next}>
          <div class="again">
            <RefusalButton link={link} step={step} />
          </div>
        </Floating>
      )
    }
    case 'connecting':
      return state.failure === null ? null : (
        <Floating
          side={side}
          icon="noLink"
          tone="warn"
          title={text.link.failure[state.failure.kind]}
          text={text.link.connectingTo(machine)}
        >
          <Again link={link} state={state} nowMs={nowMs} />
        </Floating>
      )
    case 'reconnecting':
      if (nowMs - state.sinceMs < BANNER_AFTER_MS) return null
      return (
        <Floating
          side={side}
          icon="noLink"
          tone="warn"
          title={text.link.noLinkSince(clockTimeExact(state.sinceMs, text))}
          text={
            waiting > 0 ? text.link.keepsRunningWaiting(machine, waiting) : text.link.keepsRunning(machine)
          }
        >
          <Again link={link} state={state} nowMs={nowMs} />
        </Floating>
      )
    case 'machine-offline': {
      const seen = clockTime(state.lastSeenAtMs ?? state.sinceMs, text)
      const until =
        state.untilMs === null ? '' : ` ${text.link.machineOfflineUntil(clockTime(state.untilMs, text))}`
      return (
        <Floating
          side={side}
          icon="noLink"
          tone=""
          title={text.link.machineOffline(machine)}
          text={text.link.machineOfflineText(seen) + until}
        />
      )
    }
    case 'unpaired':
    case 'ended': {
      const [fact, next] = endWords(state.status === 'ended' ? state.reason : 'unpaired', machine, text)
      return (
        <Floating side={side} icon="alert" tone="" title={fact} text={next}>
          <EndButton link={link} state={state} />
        </Floating>
      )
    }
  }
}

function Floating(props: {
  readonly side: 'top' | 'bottom'
  readonly icon: IconName
  readonly tone: 'warn' | ''
  readonly title: string
  readonly text: string
  readonly children?: ComponentChildren
}) {
  return (
    <div class={`banner ${props.tone} float ${props.side}`}>
      <Icon name={props.icon} />
      <div class="grow">
        <div role="status">
          <b>{props.title}</b>
          <p>{props.text}</p>
        </div>
        {props.children}
      </div>
    </div>
  )
}

function Again(props: {
  readonly link: AppLink
  readonly state: Extract<LinkState, { readonly nextTryAtMs: number | null }>
  readonly nowMs: number
}) {
  const { link } = useWords()
  const { nextTryAtMs } = props.state
  const seconds = nextTryAtMs === null ? null : Math.max(0, Math.ceil((nextTryAtMs - props.nowMs) / 1_000))
  return (
    <div class="again">
      <button type="button" class="btn grow" onClick={() => props.link.reconnectNow()}>
        <Icon name="again" />
        {link.reconnectNow}
      </button>
      <span class="meta num">{seconds === null ? link.tryingNow : link.nextTryIn(seconds)}</span>
    </div>
  )
}

/** The one next step after a refusal. */
export function RefusalButton(props: {
  readonly link: AppLink
  readonly step: RefusalStep
  /** the one main button of a page */
  readonly main?: boolean
}) {
  const text = useWords()
  const [asking, setAsking] = useState(false)
  const runnerId = useObservable(props.link.pairing)?.runnerId ?? ''
  const machine = knownRunner(runnerId)
  const again = () => props.link.reconnectNow()
  const forget = async () => {
    setAsking(false)
    const { giveUp } = await import('./links.ts')
    if (machine !== undefined) await giveUp(machine)
    goPair()
  }
  const steps: Record<RefusalStep, readonly [string, () => void]> = {
    again: [text.tryAgain, again],
    'new-pin': [text.seal.newPin, again],
    pair: [text.machines.pairAgain, goPair],
    forget: [text.machines.forget, () => setAsking(true)],
    reload: [text.reload, () => location.reload()],
  }
  const [label, run] = steps[props.step]
  return (
    <>
      <button type="button" class={props.main === true ? 'btn primary lg' : 'btn grow'} onClick={run}>
        {label}
      </button>
      {asking ? (
        <Confirm
          title={text.machines.forgetTitle(machine?.label ?? runnerId)}
          text={text.machines.forgetText}
          yes={text.machines.forgetYes}
          danger
          onYes={() => void forget()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </>
  )
}

function EndButton(props: { readonly link: AppLink; readonly state: LinkState }) {
  const text = useWords()
  const { state } = props
  const reason = state.status === 'ended' ? state.reason : 'unpaired'
  const [label, run] =
    reason === 'unpaired' || reason === 'not-a-node'
      ? [text.machines.pairAgain, goPair]
      : reason === 'superseded'
        ? [text.link.goOnHere, () => props.link.reconnectNow()]
        : [text.reload, () => location.reload()]
  return (
    <div class="again">
      <button type="button" class="btn grow" onClick={run}>
        {label}
      </button>
    </div>
  )
}
