import { type Subject, subject } from '@latchkey/connection/observable'
import { PUSH_MUTED_MAX } from '@latchkey/protocol/terminal/push'
import { entriesIn, entriesOf, keep, kept } from '../kept.ts'

/** How the person wants to be called by all machines of this browser. */
export interface PushChoice {
  readonly on: boolean
  readonly needsYou: boolean
  readonly failed: boolean
  readonly done: boolean
  /** minutes since midnight, by this device's clock; null: no quiet hours */
  readonly quiet: { readonly from: number; readonly to: number } | null
  /** what needs the person comes through quiet hours */
  readonly exceptNeeds: boolean
  /** by runner: the numbers of its muted terminals */
  readonly muted: Readonly<Record<string, readonly number[]>>
}

const KEY = 'push'
const MINUTES_A_DAY = 1_440

const AT_FIRST: PushChoice = {
  on: false,
  needsYou: true,
  failed: true,
  done: false,
  quiet: null,
  exceptNeeds: true,
  muted: {},
}

/** The choice in a stored text; a field that is missing or has another form gets its first value. */
export function readChoice(text: string | null): PushChoice {
  const at = entriesIn(text)
  const flag = (name: 'on' | 'needsYou' | 'failed' | 'done' | 'exceptNeeds'): boolean => {
    const value = at?.get(name)
    return typeof value === 'boolean' ? value : AT_FIRST[name]
  }
  const quiet = entriesOf(at?.get('quiet'))
  const [from, to] = [quiet?.get('from'), quiet?.get('to')]
  return {
    on: flag('on'),
    needsYou: flag('needsYou'),
    failed: flag('failed'),
    done: flag('done'),
    quiet: isMinute(from) && isMinute(to) ? { from, to } : null,
    exceptNeeds: flag('exceptNeeds'),
    muted: Object.fromEntries(
      [...(entriesOf(at?.get('muted')) ?? [])].map(([runnerId, numbers]) => [
        runnerId,
        Array.isArray(numbers) ? numbers.filter(isTerminal).slice(-PUSH_MUTED_MAX) : [],
      ]),
    ),
  }
}

const isMinute = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MINUTES_A_DAY
const isTerminal = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff

export const choice: Subject<PushChoice> = subject(readChoice(kept(KEY)))

export function choose(change: Partial<PushChoice>): void {
  choice.set({ ...choice.current, ...change })
  keep(KEY, JSON.stringify(choice.current))
}

/** Mutes a terminal, or has it call again. Of those that were muted the last ones stay so. */
export function mute(runnerId: string, terminal: number, isMuted: boolean): void {
  const others = (choice.current.muted[runnerId] ?? []).filter((each) => each !== terminal)
  const numbers = isMuted ? [...others, terminal].slice(-PUSH_MUTED_MAX) : others
  choose({ muted: { ...choice.current.muted, [runnerId]: numbers } })
}

// Another window of this browser changed it.
addEventListener('storage', (event) => {
  if (event.key === `latchkey.${KEY}`) choice.set(readChoice(event.newValue))
})
