import { assertNever } from '@latchkey/domain/kernel'

/** What happens to broker and runner, in the past tense. Moments are milliseconds by this machine's clock. */
export type Fact =
  | { readonly kind: 'broker-listening'; readonly at: Listening }
  /** its person wants links and QR codes to lead to this one of its addresses */
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'console-link'; readonly consoleUrl: string }
  | { readonly kind: 'died'; readonly part: Part; readonly retryInMs: number }
  | {
      readonly kind: 'code'
      readonly code: string
      readonly expiresAtMs: number
      readonly runnerId: string | null
    }
  | { readonly kind: 'link'; readonly status: 'online' | 'offline' }
  | { readonly kind: 'app'; readonly action: AppAction; readonly app: App }
  | { readonly kind: 'terminals'; readonly open: number }
  /** the fragment of the pairing URL, secrets included */
  | { readonly kind: 'fragment'; readonly fragment: string }
  | { readonly kind: 'pin'; readonly prompt: PinPrompt }
  | { readonly kind: 'pin-over'; readonly outcome: PinOutcome; readonly label: string }
  /** an app proved its key: the broker reads nothing of it */
  | {
      readonly kind: 'sealed'
      readonly method: 'pin' | 'qr' | 'resume' | 'share' | 'fleet'
      readonly app: App
      readonly appId: string
      readonly mayType: boolean
    }
  | {
      readonly kind: 'standing'
      readonly standing: 'held' | 'revoked'
      readonly appId: string
      readonly label: string
    }
  | { readonly kind: 'lock'; readonly reason: 'guessing' | 'owner' | null }
  /** no app is asked for a PIN before then: too many PINs were asked for */
  | { readonly kind: 'prompts-over'; readonly untilMs: number }
  | { readonly kind: 'trouble'; readonly message: string }
  /** the broker was not reached, and another try follows */
  | { readonly kind: 'waiting'; readonly message: string; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** An app asks to pair. Its name comes from the app, its address from the broker. */
export interface PinPrompt {
  /** to be typed on the app; of one that cannot seal the number of the question */
  readonly pin: string
  readonly label: string
  readonly address: string
  readonly expiresAtMs: number
  /** its owner lets it watch, not type */
  readonly viewOnly: boolean
  /** with `viewOnly`: it may answer questions of agents all the same */
  readonly approve: boolean
  /** with `viewOnly`: it may send files all the same */
  readonly send: boolean
  /** it cannot seal: its owner says yes, or nothing */
  readonly unsealed: boolean
}
/** What its owner decides about an app that asks to pair. */
export type PromptRights = Pick<PinPrompt, 'viewOnly' | 'approve' | 'send'>
export type PinOutcome = 'sealed' | 'accepted' | 'wrong' | 'expired' | 'gone' | 'refused'

export type Part = 'broker' | 'runner'
export type AppAction = 'paired' | 'unpaired' | 'connected' | 'disconnected'

/** Where the broker answers. */
export interface Listening {
  /** the address to show: the public one, else one that a phone on the network can open */
  readonly url: string
  readonly port: number
  /** where pairing URLs lead, when the page is served from elsewhere; null: the broker serves it */
  readonly pageUrl: string | null
  /** every address that reaches it, the shown one among them */
  readonly addresses: readonly string[]
  /** the console's address, good for one sign-in; null when the broker runs elsewhere */
  readonly consoleUrl: string | null
}

export interface App {
  readonly appSessionId: string
  readonly label: string
  readonly address: string
  /** false: the broker can read its terminals; unknown until it has a channel */
  readonly sealed?: boolean
}

/** An app that is paired; it has a channel for each of its windows. */
export interface KnownApp extends App {
  readonly channels: number
}

/** The state that the screens of a running `up` show. */
export interface UpState {
  /** null until the broker listens for the first time; its port stays, so this does too */
  readonly listening: Listening | null
  /** the address that the broker chose itself; `listening` has the one that its person chose */
  readonly firstUrl: string | null
  readonly down: Part | null
  readonly code: { readonly text: string; readonly expiresAtMs: number } | null
  readonly runnerId: string | null
  /** whether the runner reaches the broker */
  readonly link: 'online' | 'offline'
  readonly apps: readonly KnownApp[]
  readonly openTerminals: number
  /** null: as long as no secret is known that goes with the code */
  readonly fragment: string | null
  readonly prompt: PinPrompt | null
  readonly locked: 'guessing' | 'owner' | null
}

export const BEGINNING: UpState = {
  listening: null,
  firstUrl: null,
  down: null,
  code: null,
  runnerId: null,
  link: 'offline',
  apps: [],
  openTerminals: 0,
  fragment: null,
  prompt: null,
  locked: null,
}

/** The state after `fact`. */
export function evolve(state: UpState, fact: Fact): UpState {
  switch (fact.kind) {
    case 'broker-listening':
      return {
        ...state,
        listening: { ...fact.at, url: chosenUrl(state) ?? fact.at.url },
        firstUrl: fact.at.url,
        down: state.down === 'broker' ? null : state.down,
      }
    case 'address':
      if (state.listening === null) return state
      return { ...state, listening: { ...state.listening, url: fact.url } }
    case 'console-link':
      if (state.listening === null) return state
      return { ...state, listening: { ...state.listening, consoleUrl: fact.consoleUrl } }
    case 'died':
      return died(state, fact.part)
    case 'code':
      return {
        ...state,
        code: { text: fact.code, expiresAtMs: fact.expiresAtMs },
        runnerId: fact.runnerId ?? state.runnerId,
        down: null,
        link: 'online',
      }
    case 'link':
      return { ...state, link: fact.status }
    case 'app':
      return { ...state, apps: appsAfter(state.apps, fact.action, fact.app) }
    case 'terminals':
      return { ...state, openTerminals: fact.open }
    case 'fragment':
      return { ...state, fragment: fact.fragment }
    case 'pin':
      return { ...state, prompt: fact.prompt }
    case 'pin-over':
      return { ...state, prompt: null }
    case 'lock':
      return { ...state, locked: fact.reason }
    case 'sealed':
    case 'standing':
    case 'prompts-over':
    case 'trouble':
    case 'waiting':
    case 'failed':
      return state
    default:
      return assertNever(fact)
  }
}

/** The address that its person chose; null where the broker's own is in use. */
const chosenUrl = ({ listening, firstUrl }: UpState): string | null =>
  listening === null || listening.url === firstUrl ? null : listening.url

/** Connections come back by themselves, and the next runner says which terminals the keeper has. */
function died(state: UpState, part: Part): UpState {
  const apps = state.apps.map((app) => ({ ...app, channels: 0 }))
  return { ...state, down: part, link: 'offline', apps, prompt: null }
}

function appsAfter(apps: UpState['apps'], action: AppAction, app: App): UpState['apps'] {
  const others = apps.filter((one) => one.appSessionId !== app.appSessionId)
  if (action === 'unpaired') return others
  const known = apps.find((one) => one.appSessionId === app.appSessionId)
  const change = { paired: 0, connected: 1, disconnected: -1 }[action]
  return [...others, { ...app, channels: Math.max(0, (known?.channels ?? 0) + change) }]
}

export const connectedApps = (state: UpState): UpState['apps'] => state.apps.filter((app) => app.channels > 0)

/**
 * The page with the code filled in, and with the machine's key and a one-time secret once they are known. All of it is in
 * the fragment, which no server and no log of one ever sees.
 */
export function pairingUrl(at: PageAt, code: string, fragment: string | null = null): string {
  const bare = `1.${code.replaceAll('-', '')}`
  // The secret of another code would be refused: then the code alone has to do.
  return `${pairingPageUrl(at)}#${fragment?.startsWith(`${bare}.`) ? fragment : bare}`
}

/** The page where a code is typed. */
export const pairingPageUrl = ({ url, pageUrl }: PageAt): string => `${(pageUrl ?? url).replace(/\/$/, '')}/p`

type PageAt = Pick<Listening, 'url' | 'pageUrl'>

/** "2 terminals", "1 app", "no apps". */
export function counted(count: number, one: string): string {
  return `${count === 0 ? 'no' : count} ${one}${count === 1 ? '' : 's'}`
}

/** What becomes of terminals that outlive the tool, and how they are ended. */
export const stayingTerminals = (count: number): string =>
  `${counted(count, 'terminal')} ${count === 1 ? 'stays' : 'stay'} open for the next "latchkey up". To end ${count === 1 ? 'it' : 'them'}: latchkey stop --terminals`
