import { inOwnWords } from '../own-command.ts'
import { inBlocks } from './block-letters.ts'
import {
  connectedApps,
  counted,
  type PinPrompt,
  type PromptRights,
  pairingPageUrl,
  pairingUrl,
} from './facts.ts'
import { waiting } from './first-screen.ts'
import type { Machine } from './machine.ts'
import { QUIET_ZONES_MODULES, qrLines } from './qr.ts'
import { otherAddresses, reachOf } from './reach.ts'
import { columnsOf, wrapped } from './text-width.ts'
import type { View } from './view.ts'

const LABEL_COLUMNS = 11 // "  Console  "
const COLUMNS_MAX = 88 //   beyond this, lines of text are hard to follow
const HURRY_MS = 60_000 //  a code's last minute is shown in another colour

/**
 * The first screen as lines, for a pipe, a log, a dumb terminal, and where a person asks for the whole: the code as a word,
 * the pairing URL, the access that it gives, its protection, the console's address.
 */
export function plainScreen(view: View): string[] {
  return [
    '',
    heading(view),
    '',
    ...codeRows(view),
    ...row(view, 'Opens', opens(view.machine)),
    ...row(view, 'Safety', safety(view)),
    ...row(view, 'Reach', reach(view)),
    ...consoleRows(view),
    '',
    `  ${waiting(view)}`,
  ]
}

/** What an app that asks to pair can do once it has paired. */
export function mayDo({ viewOnly, approve, send }: PromptRights, user: string): string {
  if (!viewOnly) return `run commands here as ${user}`
  const more = [...(approve ? ['answer agents'] : []), ...(send ? ['send files'] : [])]
  return ['watch', ...more].join(' and ')
}

function decisions({ viewOnly, approve, send, unsealed }: PinPrompt): string[] {
  if (!viewOnly) return ['v let it watch only']
  if (unsealed) return ['v let it type again']
  return [
    'v let it type again',
    approve ? 'a not answer agents' : 'a let it answer agents',
    send ? 's not send files' : 's let it send files',
  ]
}

/** While apps are connected, one line is enough. */
export function statusLine({ state, nowMs, paint, keys }: View): string[] {
  const apps = connectedApps(state)
  const parts = [
    paint.good(counted(apps.length, 'app')),
    ...apps.slice(0, 3).map((app) => (app.sealed === false ? `${app.label} (not sealed)` : app.label)),
    counted(state.openTerminals, 'terminal'),
    ...(state.code === null ? [] : [`code ${state.code.text} (${clock(state.code.expiresAtMs - nowMs)})`]),
    ...(state.down === null ? [] : [paint.warning(`${state.down} is being restarted`)]),
    ...(state.locked === null ? [] : [paint.warning('locked')]),
    ...(keys === '' ? [] : ['? help']),
  ]
  return [parts.join(' · ')]
}

/** Somebody asks to come in: who, from where, and the number that lets them. Everything else waits. */
export function pinScreen(view: View, prompt: PinPrompt): string[] {
  const { paint, nowMs, machine, keys } = view
  const left = paint.faint(`${clock(prompt.expiresAtMs - nowMs)} left`)
  const does = machine.viewOnly ? 'watch' : mayDo(prompt, machine.user)
  const decides = machine.viewOnly ? [] : decisions(prompt)
  const hint = (...keysToo: readonly string[]) =>
    keys === '' ? [] : [`  ${paint.faint([...keysToo, ...decides, 'Ctrl-C stop'].join('   '))}`]
  if (prompt.unsealed)
    return [
      '',
      `  ${paint.strong('NOT SEALED')}            ${left}`,
      '',
      ...row(view, 'Asks', `${prompt.label}, at ${prompt.address} (as reported by the broker)`),
      ...row(
        view,
        'Gives',
        `this app can ${does}. It cannot seal: the broker could read everything, and type in its name. If you are not connecting it now, ignore it.`,
      ),
      '',
      ...hint('y let it in'),
    ]
  const spaced = `${prompt.pin.slice(0, 3)}-${prompt.pin.slice(3)}`
  const blocks = inBlocks(spaced) ?? []
  const shown = blocks.every((line) => line.length + 2 <= view.columns) ? blocks : []
  return [
    '',
    `  PIN      ${paint.strong(spaced.replace('-', ' '))}            ${left}`,
    '',
    ...shown.map((line) => `  ${paint.strong(line)}`),
    ...(shown.length > 0 ? [''] : []),
    ...row(view, 'Asks', `${prompt.label}, at ${prompt.address} (as reported by the broker)`),
    ...row(
      view,
      'Gives',
      `the person who types this PIN can ${does}. Tell it to no one else. If you are not pairing an app now, ignore it.`,
    ),
    '',
    ...(machine.viewOnly ? [] : hint()),
  ]
}

/** The QR and the code alone, for a window that has no room for both them and the rest. */
export function qrScreen(view: View): string[] {
  const { state, columns, rows, paint } = view
  const back = `  ${paint.faint('q back')}`
  const tooSmall = `The window is too small for the QR (${columns} x ${rows}); make it larger, or open the link.`
  if (state.code === null || state.listening === null) return [...codeRows(view), back]
  const text = pairingUrl(state.listening, state.code.text, state.fragment)
  for (const border of QUIET_ZONES_MODULES) {
    const { lines, columns: needed } = qrLines(text, border)
    // The line with the code, and the one that the cursor is left on.
    if (lines.length + 2 > rows || needed + 2 > columns) continue
    return [
      ...lines.map((line) => `  ${line}`),
      `  Code ${paint.strong(state.code.text)}   ${paint.faint('q back')}`,
    ]
  }
  return ['', `  ${tooSmall}`, ...codeRows(view), back]
}

function heading({ machine, state, paint }: View): string {
  const place = state.listening === null ? 'starting…' : new URL(state.listening.url).host
  return `  ${paint.strong(machine.name)}  ·  Latchkey ${machine.version}  ·  ${place}`
}

function codeRows(view: View): string[] {
  const { state, paint, nowMs } = view
  if (state.code === null || state.listening === null) return [`  Code     ${paint.faint('on its way…')}`]
  const leftMs = state.code.expiresAtMs - nowMs
  const countdown = leftMs > 0 ? `new code in ${clock(leftMs)}` : 'a new code is on its way'
  const colored = leftMs <= HURRY_MS ? paint.warning(countdown) : paint.faint(countdown)
  return [
    `  Code     ${paint.strong(state.code.text)}            ${colored}`,
    ...row(
      view,
      'Link',
      view.keys === ''
        ? pairingUrl(state.listening, state.code.text, state.fragment)
        : 'c copies it; no PIN is asked for with it',
    ),
  ]
}

function opens({ shell, folder, user, viewOnly }: Machine): string {
  if (viewOnly) return `${shell} in ${folder}, as ${user}: a paired phone may watch, not type`
  const all = user === 'root' ? ', which may do anything on this machine' : ''
  return `${shell} in ${folder}: a paired phone types there as ${user}${all}`
}

function safety({ state, machine }: View): string {
  const place = machine.ownBroker ? 'here on this machine' : 'on another machine'
  const sealed = machine.allowUnsealed
    ? `Sealed end to end where the app can. You are asked about each app that cannot: of one shown as "not sealed" the broker, ${place}, could read everything.`
    : `Sealed end to end: the broker, ${place}, can read nothing of what is typed and shown.`
  if (!machine.allowUnsealed) return `${sealed} An app needs the PIN shown here, or the link above.`
  if (state.listening === null || reachOf(state.listening) === 'this-machine') return sealed
  const encrypted = state.listening.url.startsWith('https:')
  const way = encrypted ? 'HTTPS on the way.' : 'Plain HTTP: others on your network could read it too.'
  return `${sealed} ${way}`
}

function reach({ state: { listening }, machine }: View): string {
  if (listening === null) return ''
  if (!machine.ownBroker)
    return `everyone who can open ${pairingPageUrl({ ...listening, pageUrl: null })}; only the code pairs`
  if (reachOf(listening) === 'this-machine') return 'this machine only'
  const others = otherAddresses(listening).slice(0, 3)
  const also = others.length === 0 ? '' : `, also at ${others.join(', ')}`
  return `everyone on your network can open ${pairingPageUrl({ ...listening, pageUrl: null })}${also}; only the code pairs`
}

function consoleRows(view: View): string[] {
  const { listening } = view.state
  if (listening === null || listening.consoleUrl === null) return []
  // Too long for a line of a terminal: there it is behind its key.
  if (view.keys !== '') return row(view, 'Console', 'o copies its link, which signs one browser in, once')
  return row(view, 'Console', `${listening.consoleUrl} ${view.paint.faint('(yours: works once)')}`)
}

/** A labelled text, wrapped under itself. */
function row({ columns }: View, label: string, text: string): string[] {
  if (text === '') return []
  const lines = wrapped(text, Math.min(columns, COLUMNS_MAX) - LABEL_COLUMNS)
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(LABEL_COLUMNS - 2)}${line}`)
}

/** Time left: "9:41", "23:59:07". */
function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** How many rows `lines` take on a terminal of `columns`; a long line wraps. */
export const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)

/** The console's address alone, whole or not at all: an address that the terminal breaks cannot be copied. */
export function addressScreen({ columns, paint }: View, title: string, address: string): string[] {
  const fits = address.length + 2 < columns
  const shown = fits
    ? address
    : inOwnWords(
        `The window is too narrow for the address (${address.length} characters). It was copied, if this terminal lets programs copy. Else: latchkey status --console`,
      )
  return [
    '',
    ...wrapped(title, columns - 3).map((line) => `  ${paint.strong(line)}`),
    '',
    ...(fits ? [`  ${shown}`] : wrapped(shown, columns - 3).map((line) => `  ${line}`)),
    '',
    `  ${paint.faint('Esc back')}`,
  ]
}
