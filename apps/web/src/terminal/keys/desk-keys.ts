import type { Terminal } from '@xterm/xterm'
import { encodedKey, encodedText, isAsked, type KeyboardAsked } from './key-encoding.ts'
import { isNamedKey } from './key-sequences.ts'
import { characterOf, copyWanted, heldBy, isWayOut, leaveTerminal } from './pressed-keys.ts'

/** The screen that a real keyboard types into. */
interface DeskKeysPort {
  readonly keyboardAsked: KeyboardAsked
  /** false for an app that may only watch: its keys are the page's */
  readonly mayType: boolean
  typeText(text: string): void
}

/** Keys that are not simply the program's: the way out, copying, and those it wants to have told apart. */
export function attachDeskKeys(emulator: Terminal, port: DeskKeysPort): void {
  emulator.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    if (isWayOut(event)) {
      event.preventDefault()
      leaveTerminal()
      return false
    }
    const copy = copyWanted(event, emulator.hasSelection())
    if (copy !== 'no') {
      event.preventDefault()
      if (copy === 'copy') copySelection(emulator)
      return false
    }
    if (!port.mayType) return false
    const text = event.isComposing ? null : encoded(event, port.keyboardAsked)
    if (text === null) return true
    event.preventDefault()
    port.typeText(text)
    return false
  })
}

function encoded(event: KeyboardEvent, asked: KeyboardAsked): string | null {
  if (!isAsked(asked) || event.metaKey) return null
  if (isNamedKey(event.key)) return encodedKey(event.key, heldBy(event), asked)
  const character = characterOf(event)
  return character === null ? null : encodedText(character, heldBy(event), asked)
}

/**
 * The browser's own copying, which works without HTTPS too: the emulator answers its event with the selected text. The
 * selection goes, so that the next Control C is an interrupt again.
 */
function copySelection(emulator: Terminal): void {
  document.execCommand('copy')
  emulator.clearSelection()
}
