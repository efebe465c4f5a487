import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useClock, useObservable } from '../use-observable.ts'
import type { Words } from '../words/en.ts'
import { useWords } from '../words/language.ts'
import type { Says } from '../words/says.ts'
import { clockTime, clockTimeExact } from '../words/times.ts'
import { isJustAway, type NextStep, refusalWords, stepAfterEnd } from './link-words.ts'
import { StepButton } from './step-button.tsx'

/** A short outage is shown by the pill alone; a banner that flashes says less than none. */
const BANNER_AFTER_MS = 2_000

interface LinkBannerProps {
  readonly link: AppLink
  readonly machine: string
  /** characters that wait for the link */
  readonly waiting: number
  /** above or below, wherever the cursor's line stays in sight */
  readonly side: 'top' | 'bottom'
}

/** The trouble of the link, its beginning, the fate of typed input, and the one next step. */
export function LinkBanner({ link, machine, waiting, side }: LinkBannerProps) {
  const text = useWords()
  const state = useObservable(link.state)
  const isTimed = state.status === 'reconnecting' || state.status === 'connecting'
  const isAway = isJustAway(state, Date.now())
  const nowMs = useClock(1_000, isTimed || isAway)
  const shown = bannerOf(state, { machine, waiting, nowMs, isAway, text })
  if (shown === null) return null
  const { icon, tone, says, step } = shown
  return (
    <div class={`banner ${tone} float ${side}`}>
      <Icon name={icon} />
      <div class="grow">
        <div role="status">
          <b>{says[0]}</b>
          <p>{says[1]}</p>
        </div>
        {'nextTryAtMs' in state ? <Again link={link} nextTryAtMs={state.nextTryAtMs} nowMs={nowMs} /> : null}
        {step === null ? null : (
          <div class="again">
            <StepButton link={link} step={step} />
          </div>
        )}
      </div>
    </div>
  )
}

interface Shown {
  readonly icon: IconName
  readonly tone: 'warn' | ''
  readonly says: Says
  /** null where the link comes back by itself */
  readonly step: NextStep | null
}

function bannerOf(
  state: LinkState,
  now: Pick<LinkBannerProps, 'machine' | 'waiting'> & {
    readonly nowMs: number
    /** it went only just now */
    readonly isAway: boolean
    readonly text: Words
  },
): Shown | null {
  const { machine, waiting, nowMs, isAway, text } = now
  const { link } = text
  switch (state.status) {
    case 'live':
    case 'catching-up':
    case 'pin-wanted':
      return null
    case 'refused':
      return { icon: 'alert', tone: 'warn', ...refusalWords(state.refusal, machine, text) }
    case 'connecting': {
      if (state.failure === null) return null
      const says = [link.failure[state.failure.kind], link.connectingTo(machine)] as const
      return { icon: 'noLink', tone: 'warn', says, step: null }
    }
    case 'reconnecting': {
      if (nowMs - state.sinceMs < BANNER_AFTER_MS) return null
      const fact = link.noLinkSince(clockTimeExact(state.sinceMs, text))
      const next = waiting > 0 ? link.keepsRunningWaiting(machine, waiting) : link.keepsRunning(machine)
      return { icon: 'noLink', tone: 'warn', says: [fact, next], step: null }
    }
    case 'machine-offline': {
      if (isAway)
        return {
          icon: 'noLink',
          tone: 'warn',
          says: [link.machineAway(machine), link.machineAwayText],
          step: null,
        }
      const seen = link.machineOfflineText(clockTime(state.lastSeenAtMs ?? state.sinceMs, text))
      const until =
        state.untilMs === null ? '' : ` ${link.machineOfflineUntil(clockTime(state.untilMs, text))}`
      return { icon: 'noLink', tone: '', says: [link.machineOffline(machine), seen + until], step: null }
    }
    case 'unpaired':
    case 'ended': {
      const reason = state.status === 'ended' ? state.reason : 'unpaired'
      return {
        icon: 'alert',
        tone: '',
        says: link.ends[reason](machine),
        step: stepAfterEnd(reason),
      }
    }
  }
}

function Again(props: {
  readonly link: AppLink
  readonly nextTryAtMs: number | null
  readonly nowMs: number
}) {
  const { link } = useWords()
  const { nextTryAtMs, nowMs } = props
  const seconds = nextTryAtMs === null ? null : Math.max(0, Math.ceil((nextTryAtMs - nowMs) / 1_000))
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
