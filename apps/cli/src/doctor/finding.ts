/** The names of all checks; programs may rely on them. */
export type Check =
  | 'name'
  | 'TLS'
  | 'broker'
  | 'ready'
  | 'store'
  | 'upgrade'
  | 'buffering'
  | 'idle'
  | 'clock'
  | 'push'
  | 'node'
  | 'folder'
  | 'runner'
  | 'keeper'
  | 'service'
  | 'shell'
  | 'locale'
  | 'terminfo'
  | 'phone'

/** `ok`; `warn`: it works but will bite; `broken`; `left-out`: nothing to look at, or by choice. */
export type State = 'ok' | 'warn' | 'broken' | 'left-out'

/** One thing that was looked at. */
export interface Finding {
  readonly check: Check
  readonly state: State
  /** one sentence without a period */
  readonly text: string
  /** the command or setting that mends it; every finding that is broken or warns has one */
  readonly next?: string
  /** how long it took, milliseconds */
  readonly ms?: number
}

export const fine = (check: Check, text: string, ms?: number): Finding => ({
  check,
  state: 'ok',
  text,
  ...(ms === undefined ? {} : { ms }),
})
export const warns = (check: Check, text: string, next: string): Finding => ({
  check,
  state: 'warn',
  text,
  next,
})
export const broken = (check: Check, text: string, next: string): Finding => ({
  check,
  state: 'broken',
  text,
  next,
})
export const leftOut = (check: Check, text: string, next?: string): Finding => ({
  check,
  state: 'left-out',
  text,
  ...(next === undefined ? {} : { next }),
})
