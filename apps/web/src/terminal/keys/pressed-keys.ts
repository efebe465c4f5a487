import type { HeldKeys } from './named-key.ts'

/**
 * The one way out of the terminal by keyboard (WCAG 2.1.2): in it every other key, Tab among them, is the program's. No
 * browser or system has this one, and programs hardly ever do.
 */
export const WAY_OUT = 'Shift+F6'

export const isWayOut = (event: KeyboardEvent): boolean =>
  event.key === 'F6' && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey

/** Out of the terminal: to its menu in the header, or what brings the header back, from where Tab goes on. */
export function leaveTerminal(): void {
  const out = document.getElementById('terminal-menu') ?? document.getElementById('show-bars')
  out?.focus()
}

export const heldBy = ({ ctrlKey, altKey, shiftKey }: KeyboardEvent): HeldKeys => ({
  ctrl: ctrlKey,
  alt: altKey,
  shift: shiftKey,
})

/** Whether a key copies: with Shift always, without it only while text is selected. */
export function copyWanted(event: KeyboardEvent, hasSelection: boolean): 'copy' | 'nothing' | 'no' {
  if (!event.ctrlKey || event.altKey || event.metaKey) return 'no'
  const isCopy = letterOf(event) === 'c' || event.key === 'Insert'
  if (!isCopy || (event.key === 'Insert' && event.shiftKey)) return 'no'
  if (hasSelection) return 'copy'
  return event.shiftKey ? 'nothing' : 'no'
}

/** The key's own character; on a layout of another script the Latin letter of the same key, as control keys mean it. */
export function letterOf(event: Pick<KeyboardEvent, 'key' | 'code'>): string {
  if (/^[\u0020-\u007e]$/.test(event.key)) return event.key.toLowerCase()
  return /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? event.key
}

/** The character that a key with Control or Alt stands for; null when it is none. */
export function characterOf(event: KeyboardEvent): string | null {
  // AltGr is how many layouts type their characters: browsers report it as Control and Alt.
  if (event.getModifierState('AltGraph') || [...event.key].length !== 1) return null
  if (!event.ctrlKey && !event.altKey) return event.key
  return /^[\u0020-\u007e]$/.test(event.key) ? event.key : letterOf(event)
}
