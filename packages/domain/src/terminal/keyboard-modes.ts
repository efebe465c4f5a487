/**
 * How a program wants keys to be encoded: the kitty keyboard protocol ("progressive enhancement", one stack of flags for
 * each screen) and xterm's modifyOtherKeys. Runner and page keep the same state from the same output.
 */
export interface KeyboardModes {
  readonly main: readonly number[]
  readonly alternate: readonly number[]
  readonly modifyOtherKeys: OtherKeys
}

/** 0: as ever; 1: keys without a well-known form; 2: every modified key. */
export type OtherKeys = 0 | 1 | 2
export type KeyboardScreen = 'main' | 'alternate'

export const LEGACY_KEYBOARD: KeyboardModes = { main: [], alternate: [], modifyOtherKeys: 0 }

/** Bits of the protocol: disambiguate, event types, alternate keys, all keys as escape codes, associated text. */
const KITTY_FLAGS_MAX = 31
/** Kitty keeps about so many; a program that pushes for ever loses the oldest. */
const STACK_MAX = 16

/** The flags that hold now. */
export const kittyFlags = (modes: KeyboardModes, screen: KeyboardScreen): number => modes[screen].at(-1) ?? 0

/** `CSI > flags u` */
const pushed = (modes: KeyboardModes, screen: KeyboardScreen, flags: number): KeyboardModes => ({
  ...modes,
  [screen]: [...modes[screen], flags & KITTY_FLAGS_MAX].slice(-STACK_MAX),
})

/** `CSI < count u`; more than there are empties the stack. */
const popped = (modes: KeyboardModes, screen: KeyboardScreen, count: number): KeyboardModes => ({
  ...modes,
  [screen]: modes[screen].slice(0, Math.max(0, modes[screen].length - Math.max(1, count))),
})

/** `CSI = flags ; how u`: 1 replaces the flags, 2 adds them, 3 takes them away; anything else changes nothing. */
function changed(modes: KeyboardModes, screen: KeyboardScreen, flags: number, how: number): KeyboardModes {
  const now = kittyFlags(modes, screen)
  const wanted = flags & KITTY_FLAGS_MAX
  const next = { 1: wanted, 2: now | wanted, 3: now & ~wanted }[how]
  return next === undefined ? modes : { ...modes, [screen]: [...modes[screen].slice(0, -1), next] }
}

/** `CSI > 4 ; level m`; no level, or another one, is the beginning again. */
const withOtherKeys = (modes: KeyboardModes, level: number): KeyboardModes => ({
  ...modes,
  modifyOtherKeys: level === 1 || level === 2 ? level : 0,
})

/** A request as a parser finds it: `CSI prefix … final`, and what it does. A missing parameter is 0, as parsers give it. */
export interface KeyboardRequest {
  readonly prefix: '<' | '=' | '>'
  readonly final: 'u' | 'm' | 'n'
  apply(modes: KeyboardModes, screen: KeyboardScreen, params: readonly number[]): KeyboardModes
}

export const KEYBOARD_REQUESTS: readonly KeyboardRequest[] = [
  { prefix: '>', final: 'u', apply: (modes, screen, [flags = 0]) => pushed(modes, screen, flags) },
  { prefix: '<', final: 'u', apply: (modes, screen, [count = 1]) => popped(modes, screen, count) },
  {
    prefix: '=',
    final: 'u',
    apply: (modes, screen, [flags = 0, how = 1]) => changed(modes, screen, flags, how === 0 ? 1 : how),
  },
  {
    prefix: '>',
    final: 'm',
    apply: (modes, _screen, [option = 0, level = 0]) =>
      option === 4 || option === 0 ? withOtherKeys(modes, level) : modes,
  },
  {
    prefix: '>',
    final: 'n',
    apply: (modes, _screen, [option = 0]) => (option === 4 ? withOtherKeys(modes, 0) : modes),
  },
]

const ESC = '\u001b'

/** What brings a terminal that knows none of it to these modes, on the screen it shows. */
export function keyboardSequences(modes: KeyboardModes, screen: KeyboardScreen): string {
  const other = modes.modifyOtherKeys === 0 ? '' : `${ESC}[>4;${modes.modifyOtherKeys}m`
  return modes[screen].map((flags) => `${ESC}[>${flags}u`).join('') + other
}
