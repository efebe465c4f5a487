import { inBlocks } from './block-letters.ts'
import { counted, pairingPageUrl, pairingUrl, type UpState } from './facts.ts'
import type { Machine } from './machine.ts'
import { qrLines } from './qr.ts'
import { nextAddress, reachOf } from './reach.ts'
import { columnsOf, cutTo } from './text-width.ts'
import type { View } from './view.ts'

/** Nothing here is longer, so that nothing breaks where a terminal has 80 columns, or 60. */
const LINE_COLUMNS_MAX = 78
const QR_BORDER_MODULES = 2
/** A larger one leaves no room beside it, nor under the code in 24 rows. */
const QR_COLUMNS_MAX = 33
const QR_INDENT = 2
const QR_GAP = 3
const LABEL_COLUMNS = 7
const KEYS = [
  ['q', 'big QR, no PIN'],
  ['l', 'lock'],
  ['n', 'new code'],
  ['d', 'devices'],
  ['c', 'copy the link'],
  ['o', 'console'],
  ['?', 'help'],
  ['Ctrl-C', 'stop'],
] as const

/**
 * The first screen: the code as the largest thing, a QR in place of typing, the access that it gives, its protection,
 * the keys. It fits 80 x 24, and without the QR 60 columns; addresses that are longer than a line are behind the keys.
 */
export function firstScreen(view: View): string[] {
  const { machine, paint, state } = view
  const width = Math.min(view.columns, LINE_COLUMNS_MAX + 2) - 2
  const [name = ''] = cutTo(machine.name, Math.max(1, width - ` · Latchkey ${machine.version}`.length))
  const head = [`  ${paint.strong(name)} · Latchkey ${machine.version}`, ...codeRows(view, width)]
  const foot = cutTo(waiting(view), width - 2).map((line) => `  ${line}`)
  const qr = shortQr(view)
  // The cursor is left in a row of its own.
  const room = view.rows - 1 - head.length - foot.length
  if (qr !== null && qr.lines.length <= room) {
    const indent = QR_INDENT + qr.columns + QR_GAP
    const right = ['', ...facts(view, width - indent, true), '', ...keys(view, width - indent)]
    const rows = Array.from({ length: Math.max(qr.lines.length, right.length) }, (_, at) => {
      const left = qr.lines[at] ?? ' '.repeat(qr.columns)
      return `${' '.repeat(QR_INDENT)}${left}${' '.repeat(QR_GAP)}${right[at] ?? ''}`.trimEnd()
    })
    if (rows.length <= room) return [...head, ...rows, ...foot]
  }
  const isQrHidden = view.qr && state.code !== null && view.keys !== ''
  const hint = isQrHidden ? cutTo('The QR needs more room beside this; q shows it alone.', width - 2) : []
  const groups = [facts(view, width - 2, false), keys(view, width - 2), hint].filter(
    (group) => group.length > 0,
  )
  const airy = groups.flatMap((group) => ['', ...group.map((line) => `  ${line}`)])
  const body =
    head.length + airy.length + 1 + foot.length < view.rows
      ? [...airy, '']
      : airy.filter((line) => line !== '')
  return [...head, ...body, ...foot]
}

function codeRows({ state, paint }: View, width: number): string[] {
  if (state.code === null || state.listening === null)
    return ['', `  Code   ${paint.faint('on its way…')}`, '']
  const blocks = inBlocks(state.code.text)
  if (blocks === null || blocks.some((row) => columnsOf(row) > width))
    return ['', `  Code   ${paint.strong(state.code.text)}`, '']
  return ['', ...blocks.map((row) => `  ${paint.strong(row)}`)]
}

/** Address and code alone: it saves typing, the PIN is asked for all the same. Null where none is wanted or fits. */
function shortQr({
  state,
  qr,
  columns,
}: View): { readonly lines: readonly string[]; readonly columns: number } | null {
  if (!qr || state.code === null || state.listening === null) return null
  const drawn = qrLines(pairingUrl(state.listening, state.code.text), QR_BORDER_MODULES)
  return drawn.columns > QR_COLUMNS_MAX || columns < 80 ? null : drawn
}

function facts(view: View, width: number, besideQr: boolean): string[] {
  const { state, machine, nowMs } = view
  const { listening, code } = state
  const row = (label: string, text: string): string[] =>
    cutTo(text, Math.max(8, width - LABEL_COLUMNS)).map(
      (line, at) => `${(at === 0 ? label : '').padEnd(LABEL_COLUMNS)}${line}`,
    )
  return [
    ...(listening === null || code === null
      ? []
      : [
          ...row('Open', shownPage(listening)),
          ...row('Type', `${code.text} there. A PIN shows here then; type that too.`),
          ...(besideQr ? [...row('Scan', 'instead of typing the code'), ''] : []),
        ]),
    ...row('Opens', opens(machine)),
    ...row('Seal', seal(machine)),
    ...(listening === null ? [] : row('Reach', reach(view))),
    ...(code === null ? [] : row('Lasts', lasts(code.expiresAtMs, nowMs))),
  ]
}

/** The page's address as typed in a browser, without the parts that the browser adds. */
function shownPage(at: NonNullable<UpState['listening']>): string {
  const { protocol, host, pathname } = new URL(pairingPageUrl(at))
  const path = pathname.replace(/\/p$/, '')
  return `${protocol === 'https:' ? 'https://' : ''}${host}${path}`
}

function opens({ shell, folder, user, viewOnly }: Machine): string {
  if (viewOnly) return `${shell} in ${folder} as ${user}, to watch only`
  return `${shell} in ${folder} as ${user}${user === 'root' ? ', who may do anything here' : ''}`
}

function seal({ allowUnsealed }: Machine): string {
  return allowUnsealed
    ? 'end to end; of apps that cannot seal, the broker reads all'
    : 'the broker can read nothing'
}

function reach({ state: { listening }, machine }: View): string {
  if (listening === null) return ''
  if (!machine.ownBroker) return 'everyone who can open that address'
  return reachOf(listening) === 'this-machine' ? 'this machine only' : 'everyone on your network'
}

/** "until 09:12", with the day where it is another one; the last minute counts down. */
function lasts(untilMs: number, nowMs: number): string {
  const leftMs = untilMs - nowMs
  if (leftMs <= 0) return 'a new code is on its way'
  if (leftMs < 60_000) return `${Math.ceil(leftMs / 1000)} s more`
  const [now, until] = [new Date(nowMs), new Date(untilMs)]
  const time = until.toTimeString().slice(0, 5)
  if (now.toDateString() === until.toDateString()) return `until ${time}`
  const tomorrow = new Date(nowMs)
  tomorrow.setDate(tomorrow.getDate() + 1)
  return `until ${time} ${tomorrow.toDateString() === until.toDateString() ? 'tomorrow' : until.toISOString().slice(0, 10)}`
}

function keys({ keys: known, paint, state }: View, width: number): string[] {
  if (known === '') return []
  const words = [...KEYS, ...(nextAddress(state) === null ? [] : [['w', 'another address'] as const])].map(
    ([key, does]) => `${key}  ${key === 'l' && state.locked !== null ? 'unlock' : does}`,
  )
  const column = Math.max(...words.filter((_, at) => at % 2 === 0).map((word) => word.length)) + 3
  const rows = words.flatMap((word, at) =>
    at % 2 === 0 ? [`${word.padEnd(column)}${words[at + 1] ?? ''}`] : [],
  )
  const shown = rows.every((row) => row.length <= width) ? rows : words
  return shown.map((row) => paint.faint(row))
}

/** The last line: the event that `up` waits for. */
export function waiting({ state, nowMs, offlineSinceMs }: View): string {
  if (state.down !== null) return `The ${state.down} has stopped and is being restarted…`
  if (state.listening === null) return 'Starting…'
  if (state.locked !== null) return 'Locked: no new app can pair. Open it again with: latchkey unlock'
  if (state.link !== 'online') {
    const host = new URL(state.listening.url).host
    const seconds = offlineSinceMs === null ? 0 : Math.floor((nowMs - offlineSinceMs) / 1000)
    return `Connecting to ${host}…${seconds < 1 ? '' : ` ${seconds} s`}`
  }
  return state.apps.length === 0
    ? 'Waiting for an app. None has paired yet.'
    : `Waiting for an app. ${counted(state.apps.length, 'app')} paired, none connected.`
}
