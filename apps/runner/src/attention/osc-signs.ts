import { STATUS_TEXT_CHARS_MAX } from '@latchkey/protocol/terminal/attention'
import {
  type Progress,
  REPORT_KINDS,
  REPORT_STATES,
  type ReportKind,
  type ReportSign,
  type Sign,
} from './signs.ts'
import { statusText } from './status-text.ts'

/** Longer folders exist, but no screen shows them whole. */
const FOLDER_CHARS_MAX = STATUS_TEXT_CHARS_MAX
/** Longer than the number of any sign, also with zeros before it. */
const NUMBER_BYTES_MAX = 8

/** The sign in an operating system command, without its introducer and terminator; null when it has none. */
export function oscSign(payload: Buffer): Sign | null {
  const semicolon = payload.subarray(0, NUMBER_BYTES_MAX + 1).indexOf(SEMICOLON)
  const end = semicolon < 0 ? payload.length : semicolon
  const read = end > NUMBER_BYTES_MAX ? undefined : READERS.get(numberOf(payload.subarray(0, end)))
  return read === undefined ? null : read(payload.toString('utf8', end + 1))
}

/** -1 when it is no number. */
function numberOf(digits: Uint8Array): number {
  let number = digits.length === 0 ? -1 : 0
  for (const digit of digits) {
    if (digit < 0x30 || digit > 0x39) return -1
    number = number * 10 + digit - 0x30
  }
  return number
}

const SEMICOLON = 0x3b

const shown = (text: string): string => statusText(text, STATUS_TEXT_CHARS_MAX)

const title = (text: string): Sign => ({ type: 'title', text: shown(text) })

/** OSC 7: `file://HOST/PATH`, percent-encoded. */
function folder(text: string): Sign | null {
  const found = /^(?:file|kitty-shell-cwd):\/\/([^/]*)(\/.*)$/.exec(text)
  if (found === null) return null
  const [, host = '', encoded = ''] = found
  let path = encoded
  try {
    path = decodeURIComponent(encoded)
  } catch {
    // Not every shell encodes: the path is taken as it stands.
  }
  return { type: 'folder', path: statusText(path, FOLDER_CHARS_MAX), host: statusText(host, 64) || null }
}

/** OSC 133 and 633: `A`, `B`, `C`, `D;EXIT`, each with more fields; 633 also tells the folder. */
function shellMark(text: string): Sign | null {
  const [mark = '', first = ''] = text.split(';', 2)
  switch (mark) {
    case 'A':
      return { type: 'prompt' }
    case 'C':
      return { type: 'command' }
    case 'D':
      return { type: 'command-ended', exit: /^-?\d{1,10}$/.test(first) ? Number(first) : null }
    case 'P':
      return first.startsWith('Cwd=/')
        ? { type: 'folder', path: statusText(first.slice(4), FOLDER_CHARS_MAX), host: null }
        : null
    default:
      return null
  }
}

/** OSC 9: a notification; `9;4;STATE;PERCENT` is progress, and other numbers are ConEmu's. */
function nine(text: string): Sign | null {
  if (!/^\d{1,2}(;|$)/.test(text)) return notification(text)
  const [kind, state = '', percent = ''] = text.split(';', 3)
  const progress = kind === '4' ? PROGRESS[Number(state || 'NaN')] : undefined
  if (progress === undefined) return null
  return { type: 'progress', state: progress, percent: percentOf(percent) }
}

const PROGRESS: readonly Progress[] = ['none', 'normal', 'error', 'indeterminate', 'paused']

const percentOf = (text: string): number | null =>
  /^\d{1,3}$/.test(text) ? Math.min(100, Number(text)) : null

function notification(text: string): Sign | null {
  const said = shown(text).trim()
  return said === '' ? null : { type: 'notification', text: said }
}

/** OSC 99, kitty's: `KEY=VALUE:…;TEXT`. Only whole titles and bodies are taken; an unfinished one is followed by its rest. */
function kittyNotification(text: string): Sign | null {
  const end = text.indexOf(';')
  if (end < 0) return null
  const fields = new Map(text.slice(0, end).split(':').map(pairOf))
  const part = fields.get('p') ?? 'title'
  if (part !== 'title' && part !== 'body') return null
  const said = text.slice(end + 1)
  return notification(fields.get('e') === '1' ? (base64Text(said) ?? '') : said)
}

/** OSC 777: `notify;TITLE;BODY`. */
function rxvtNotification(text: string): Sign | null {
  const [command, ...parts] = text.split(';')
  return command === 'notify' ? notification(parts.filter((part) => part !== '').join(': ')) : null
}

const PROGRAM = /^[A-Za-z0-9_.+-]{1,32}$/
const ID = /^[A-Za-z0-9_.+-]{1,32}(?:\/[A-Za-z0-9_.+-]{1,32}){0,7}$/
const ID_CHARS_MAX = 128

/** OSC 7501: `state=…:KEY=VALUE:…`. A report with a value that is not allowed is no report. */
function report(text: string): ReportSign | null {
  const fields = new Map(text.split(':').map(pairOf))
  const state = REPORT_STATES.find((each) => each === fields.get('state'))
  const id = fields.get('id') ?? ''
  if (state === undefined || (id !== '' && (id.length > ID_CHARS_MAX || !ID.test(id)))) return null
  const program = fields.get('app') ?? null
  if (program !== null && !PROGRAM.test(program)) return null
  const message = textField(fields.get('msg')) ?? textField(fields.get('title'))
  return {
    ...{ type: 'report', state, id, program, message },
    kind: state === 'blocked' ? kindOf(fields.get('kind')) : null,
    percent: percentOf(fields.get('progress') ?? ''),
  }
}

const kindOf = (said: string | undefined): ReportKind | null =>
  REPORT_KINDS.find((each) => each === said) ?? null

const textField = (encoded: string | undefined): string | null =>
  encoded === undefined ? null : shown(base64Text(encoded) ?? '').trim() || null

function pairOf(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

const base64Text = (encoded: string): string | null =>
  /^[A-Za-z0-9+/]*={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : null

const READERS: ReadonlyMap<number, (text: string) => Sign | null> = new Map([
  [0, title],
  [2, title],
  [7, folder],
  [9, nine],
  [99, kittyNotification],
  [133, shellMark],
  [633, shellMark],
  [777, rxvtNotification],
  [7501, report],
])
