import { assertNever } from '@latchkey/domain/kernel'
import {
  type App,
  type AppAction,
  connectedApps,
  type Fact,
  type PinOutcome,
  type PinPrompt,
  pairingPageUrl,
  pairingUrl,
  type UpState,
} from './facts.ts'

type ProgramEvent = { readonly event: string } & Readonly<Record<string, unknown>>

/** `ready`, once there is a broker to reach and a code to type; null before. */
export function readyEvent({ listening, code, runnerId, fragment }: UpState): ProgramEvent | null {
  if (listening === null || code === null) return null
  return {
    event: 'ready',
    url: listening.url,
    consoleUrl: listening.consoleUrl,
    code: code.text,
    pin: null,
    runnerId,
    expiresAt: Math.round(code.expiresAtMs),
    pageUrl: pairingPageUrl(listening),
    link: pairingUrl(listening, code.text, fragment),
    addresses: listening.addresses,
  }
}

/** What a program is told of `fact` after `ready`. */
export function eventOf(fact: Fact, state: UpState): ProgramEvent {
  switch (fact.kind) {
    case 'broker-listening':
      return { event: 'broker', status: 'listening', url: fact.at.url, consoleUrl: fact.at.consoleUrl }
    case 'address':
      return { event: 'address', url: fact.url }
    case 'console-link':
      return { event: 'console-link', consoleUrl: fact.consoleUrl }
    case 'died':
      return { event: fact.part, status: 'restarting', retryInMs: fact.retryInMs }
    case 'code': {
      const link = state.listening === null ? null : pairingUrl(state.listening, fact.code, state.fragment)
      return { event: 'code', code: fact.code, expiresAt: Math.round(fact.expiresAtMs), link }
    }
    case 'link':
      return { event: 'link', status: fact.status }
    case 'app':
      return { event: 'app', action: fact.action, ...fact.app }
    case 'terminals':
      return { event: 'terminals', open: fact.open }
    case 'fragment': {
      const { listening, code } = state
      const link =
        listening === null || code === null ? null : pairingUrl(listening, code.text, fact.fragment)
      return { event: 'pairing-link', link }
    }
    case 'pin': {
      const { expiresAtMs, ...prompt } = fact.prompt
      return { event: 'pin', ...prompt, expiresAt: Math.round(expiresAtMs) }
    }
    case 'pin-over':
      return { event: 'pin', pin: null, outcome: fact.outcome, label: fact.label }
    case 'sealed': {
      const { method, mayType, appId } = fact
      return { event: 'app', action: 'sealed', ...fact.app, method, mayType, app: appId }
    }
    case 'standing':
      return { event: 'app', action: fact.standing, app: fact.appId, label: fact.label }
    case 'lock':
      return fact.reason === null ? { event: 'unlocked' } : { event: 'locked', reason: fact.reason }
    case 'prompts-over':
      return { event: 'prompts-over', until: Math.round(fact.untilMs) }
    case 'trouble':
      return { event: 'trouble', message: fact.message }
    case 'waiting':
      return { event: 'waiting', message: fact.message, delayMs: fact.delayMs }
    case 'failed':
      return { event: 'failed', code: fact.code, message: fact.message }
    default:
      return assertNever(fact)
  }
}

/** The line about `fact` for people; null where the screen shows it anyway. */
export function noteOf(fact: Fact, before: UpState, after: UpState): string | null {
  switch (fact.kind) {
    case 'app':
      return noteOfApp(fact.action, fact.app, before, after)
    case 'died': {
      const terminals = before.openTerminals > 0 ? ' Its terminals go on.' : ''
      return fact.part === 'broker'
        ? 'The broker has died and is started again on the same port; terminals live on.'
        : `The runner has died and is started again.${terminals}`
    }
    case 'broker-listening':
      return before.listening === null ? null : 'The broker is back.'
    case 'waiting':
      return `The broker cannot be reached (${fact.message}). Next try in ${Math.max(1, Math.round(fact.delayMs / 1000))} s.`
    case 'pin':
      return noteOfPin(fact.prompt, before)
    case 'pin-over':
      return noteOfOutcome(fact.outcome, fact.label)
    case 'sealed':
      if (fact.method === 'share')
        return `${fact.app.label} came by a share link; it may ${fact.mayType ? 'type' : 'watch only'}, in one terminal. To end it: latchkey share list`
      return fact.method === 'resume'
        ? null
        : `${fact.app.label} is now known here, sealed; it may ${fact.mayType ? 'type' : 'watch only'}.`
    case 'standing':
      return fact.standing === 'revoked'
        ? `${fact.label} was revoked.`
        : `ALARM: two apps used the keys of ${fact.label}. Both are shut out. Revoke it (latchkey revoke ${fact.appId.slice(0, 8)}), or pair it again with a PIN.`
    case 'lock':
      return noteOfLock(fact.reason)
    case 'prompts-over': {
      const at = new Date(fact.untilMs).toTimeString().slice(0, 5)
      return `Too many PINs were asked for: no app is asked before ${at}. If that was not you, somebody with the code, or the broker itself, is guessing: press n for another code, or stop new apps with latchkey lock. The QR and known apps still work. If it was you: latchkey unlock resets the count.`
    }
    case 'trouble':
      return `An error: ${fact.message}`
    // UpRun reports failures that end the run.
    case 'failed':
    case 'address':
    case 'console-link':
    case 'code':
    case 'fragment':
    case 'link':
    case 'terminals':
      return null
    default:
      return assertNever(fact)
  }
}

/** The line about a PIN prompt; null when it was told before, since a change of the app's right shows the prompt again. */
function noteOfPin({ pin, label, address, unsealed }: PinPrompt, before: UpState): string | null {
  if (before.prompt?.pin === pin) return null
  if (unsealed)
    return `${label} (${address}, as reported by the broker) asks to pair. It cannot seal: the broker could read everything and type in its name. To pair it: latchkey pin --accept ${pin}`
  return `${label} (${address}, as reported by the broker) asks to pair. Its PIN: ${pin}`
}

function noteOfOutcome(outcome: PinOutcome, label: string): string | null {
  switch (outcome) {
    case 'sealed':
      return null
    case 'accepted':
      return `${label} is paired, not sealed.`
    case 'wrong':
      return `${label} typed a wrong PIN. Another try gets another PIN.`
    case 'expired':
      return `${label} was not paired: the time for an answer ran out.`
    case 'gone':
      return `${label} left before pairing was finished.`
    case 'refused':
      return `${label} was refused.`
    default:
      return assertNever(outcome)
  }
}

function noteOfLock(reason: 'guessing' | 'owner' | null): string {
  if (reason === null) return 'New apps can pair again.'
  const why = reason === 'guessing' ? 'ten wrong PINs in a row' : 'you said so'
  return `No new app can pair: ${why}. Connected apps stay. Open it again with: latchkey unlock`
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
