import { createHash } from 'node:crypto'
import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import type { FeatureApp } from '../channel/feature.ts'
import type { AuditEntry } from './audit-file.ts'

type GuardedKey = Extract<AppMessage, { type: 'guardedKey' }>

const MOVED = 'The screen moved on, nothing was typed.'
const NOT_ALLOWED =
  'This app may not answer, nothing was typed. Its owner can allow it: latchkey rights APP approve'
const GONE = 'This terminal has ended, nothing was typed.'
const FULL = 'Too many apps type into this terminal, nothing was typed.'
const NO_KEY = 'This is more than one key, nothing was typed.'
const SECRET = 'The program reads a password, nothing was typed.'

/** Printable text of one character, Enter, Tab, Escape, Backspace, a control character or one key's sequence. */
const ONE_KEY =
  /^(?:[\p{L}\p{N}\p{P}\p{S} ]|[\r\t\u001b\u007f\u0003\u0004]|\u001b(?:\[[0-9;]{0,8}[A-Z~]|O[A-Z]))$/u

/** Keys for programs without an adapter: typed only while the machine's own screen still shows the rows that the app saw. */
export class GuardedKeys {
  readonly #audit: (entry: Omit<AuditEntry, 'atMs'>) => void

  constructor(audit: (entry: Omit<AuditEntry, 'atMs'>) => void) {
    this.#audit = audit
  }

  /** Answered by `guarded` to this app alone. */
  press(app: FeatureApp, { request, terminal: number, key, from, to, rows }: GuardedKey): void {
    const told = (message?: string) => {
      const typed = message === undefined
      this.#audit({
        what: typed ? 'key-typed' : 'key-refused',
        ...{ terminal: number, app: app.appId ?? app.app, label: app.label, digest: rows },
      })
      app.tell({ type: 'guarded', request, typed, ...(typed ? {} : { message }) })
    }
    const terminal = app.terminal(number)
    if (!app.mayApprove) return told(NOT_ALLOWED)
    if (!ONE_KEY.test(key)) return told(NO_KEY)
    if (terminal === null || terminal.hasEnded) return told(GONE)
    terminal.keys.askRows(from, to, (shown) => {
      if (shown === null || hashOf(shown) !== rows) return told(MOVED)
      if (terminal.hasEnded) return told(GONE)
      if (terminal.info.secret === true && !app.mayType) return told(SECRET)
      told(terminal.keys.type(app, key) ? undefined : FULL)
    })
  }
}

/** As in `guardedKeyFields`. */
const hashOf = (rows: readonly string[]): string => createHash('sha256').update(rows.join('\n')).digest('hex')
