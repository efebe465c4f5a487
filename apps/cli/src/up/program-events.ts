import { assertNever } from '@latchkey/domain/kernel'
import {
  type App,
  type AppAction,
  appLink,
  connectedApps,
  type Fact,
  pageLink,
  type UpState,
} from './facts.ts'

type ProgramEvent = { readonly event: string } & Readonly<Record<string, unknown>>

/** `ready`, once there is a broker to reach and a code to type; null before. */
export function readyEvent({ listening, code, runnerId }: UpState): ProgramEvent | null {
  if (listening === null || code === null) return null
  return {
    event: 'ready',
    url: listening.url,
    consoleUrl: listening.consoleUrl,
    code: code.text,
    pin: null,
    runnerId,
    expiresAt: Math.round(code.expiresAtMs),
    pageUrl: pageLink(listening.url),
    link: appLink(listening.url, code.text),
    addresses: listening.addresses,
  }
}

/** What a program is told of `fact` after `ready`. */
export function eventOf(fact: Fact, state: UpState): ProgramEvent {
  switch (fact.kind) {
    case 'broker-listening':
      return { event: 'broker', status: 'listening', url: fact.at.url, consoleUrl: fact.at.consoleUrl }
    case 'console-link':
      return { event: 'console-link', consoleUrl: fact.consoleUrl }
    case 'died':
      return { event: fact.part, status: 'restarting', retryInMs: fact.retryInMs }
    case 'code': {
      const link = state.listening === null ? null : appLink(state.listening.url, fact.code)
      return { event: 'code', code: fact.code, expiresAt: Math.round(fact.expiresAtMs), link }
    }
    case 'link':
      return { event: 'link', status: fact.status }
    case 'app':
      return { event: 'app', action: fact.action, ...fact.app }
    case 'terminals':
      return { event: 'terminals', open: fact.open }
    case 'waiting':
      return { event: 'waiting', message: fact.message, delayMs: fact.delayMs }
    case 'failed':
      return { event: 'failed', code: fact.code, message: fact.message }
    default:
      return assertNever(fact)
  }
}

/** What people are told of `fact`, in one line; null for what the screen shows anyway. */
export function noteOf(fact: Fact, before: UpState, after: UpState): string | null {
  switch (fact.kind) {
    case 'app':
      return noteOfApp(fact.action, fact.app, before, after)
    case 'died': {
      const lost = before.openTerminals > 0 ? ' Its terminals have ended.' : ''
      return fact.part === 'broker'
        ? 'The broker has died and is started again on the same port; terminals live on.'
        : `The runner has died and is started again.${lost}`
    }
    case 'broker-listening':
      return before.listening === null ? null : 'The broker is back.'
    case 'waiting':
      return `The broker is not reached (${fact.message}). Next try in ${Math.max(1, Math.round(fact.delayMs / 1000))} s.`
    // What ends everything is said by whoever ends it.
    case 'failed':
    case 'console-link':
    case 'code':
    case 'link':
    case 'terminals':
      return null
    default:
      return assertNever(fact)
  }
}

/** Joining and leaving is told for the first window and the last, not for each. */
function noteOfApp(action: AppAction, app: App, before: UpState, after: UpState): string | null {
  const known = before.apps.find(({ appSessionId }) => appSessionId === app.appSessionId)
  const here = (state: UpState): boolean =>
    connectedApps(state).some(({ appSessionId }) => appSessionId === app.appSessionId)
  // A pairing's end is told by its handle alone.
  const { label, address } = app.label === '' && known !== undefined ? known : app
  switch (action) {
    case 'paired':
      return `${label} paired (${address}).`
    case 'unpaired':
      return `${label} is no longer paired.`
    case 'connected':
      return here(before) ? null : `${label} joined (${address}).`
    case 'disconnected':
      return here(after) ? null : `${label} left.`
    default:
      return assertNever(action)
  }
}
