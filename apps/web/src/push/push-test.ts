import type { PushTestStep } from '@latchkey/connection/app/push-feature'

/** One line of a test, as far as it has come. */
export type TestLine =
  /** `tookMs` is null where only the clock time is known */
  | {
      readonly step: TestStepName
      readonly state: 'done'
      readonly atMs: number
      readonly tookMs: number | null
      readonly status: number | null
    }
  | { readonly step: TestStepName; readonly state: 'now' }
  | {
      readonly step: TestStepName
      readonly state: 'bad'
      readonly why: TestFailure
      readonly status: number | null
      readonly waitSeconds: number | null
      readonly tookMs: number | null
    }

export type TestStepName = 'sealed' | 'sent' | 'taken' | 'shown' | 'anew'
export type TestFailure =
  | Exclude<NonNullable<PushTestStep['outcome']>, 'taken'>
  | 'no-machine'
  | 'lost'
  | 'not-shown'

/** What a test has heard. */
export type TestEvent =
  | { readonly type: 'begun' }
  | { readonly type: 'step'; readonly step: PushTestStep; readonly atMs: number }
  /** the worker of this browser showed it, so long after the push service took it */
  | { readonly type: 'shown'; readonly atMs: number; readonly tookMs: number }
  | { readonly type: 'failed'; readonly why: 'no-machine' | 'lost' | 'not-shown' }
  /** the subscription had ended: another one is made */
  | { readonly type: 'anew' }

const BEGUN: readonly TestLine[] = [{ step: 'sealed', state: 'now' }]

/** The lines after an event. A line is done when its step is true, and never before. */
export function testAfter(lines: readonly TestLine[], event: TestEvent): readonly TestLine[] {
  const past = lines.filter(({ state }) => state !== 'now')
  const bad = (step: TestStepName, why: TestFailure): TestLine => ({
    step,
    state: 'bad',
    why,
    status: null,
    waitSeconds: null,
    tookMs: null,
  })
  switch (event.type) {
    case 'begun':
      return BEGUN
    case 'step':
      return [...past, ...linesOf(event.step, event.atMs)]
    case 'shown':
      return [...past, { step: 'shown', state: 'done', atMs: event.atMs, tookMs: event.tookMs, status: null }]
    case 'failed':
      return [...past, bad(lines.find(({ state }) => state === 'now')?.step ?? 'sealed', event.why)]
    case 'anew':
      return [...past, { step: 'anew', state: 'now' }]
  }
}

function linesOf(said: PushTestStep, atMs: number): readonly TestLine[] {
  const done = (step: TestStepName, tookMs: number | null, status: number | null): TestLine => ({
    step,
    state: 'done',
    atMs,
    tookMs,
    status,
  })
  if (said.step === 'sealed') return [done('sealed', null, null), { step: 'sent', state: 'now' }]
  const {
    outcome = 'broker-away',
    status = null,
    tookMs = null,
    retryAfterSeconds: waitSeconds = null,
  } = said
  if (outcome === 'taken')
    return [done('sent', null, null), done('taken', tookMs, status), { step: 'shown', state: 'now' }]
  const step = stepThatFailed(outcome)
  const failed: TestLine = { step, state: 'bad', why: outcome, status, waitSeconds, tookMs }
  return step === 'taken' ? [done('sent', null, null), failed] : [failed]
}

function stepThatFailed(outcome: Exclude<PushTestStep['outcome'], 'taken' | undefined>): TestStepName {
  switch (outcome) {
    case 'gone':
    case 'too-large':
    case 'slow-down':
    case 'refused':
    case 'failing':
    case 'timeout':
    case 'unreachable':
      return 'taken'
    case 'not-public':
    case 'limited':
    case 'off':
    case 'broker-too-old':
    case 'broker-away':
      return 'sent'
    case 'not-subscribed':
      return 'sealed'
  }
}

export const isOver = (lines: readonly TestLine[]): boolean =>
  lines.length > 0 && lines.every(({ state }) => state !== 'now')
