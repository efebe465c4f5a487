import type { Terminal } from '@xterm/xterm'

/** Text that a program asks to put on this device's clipboard (OSC 52). Requests to read the clipboard get no answer. */

/** Tells of each such text that the emulator gets. */
export function hearCopies(emulator: Terminal, heard: (text: string) => void): void {
  emulator.parser.registerOscHandler(52, (data) => {
    const text = copiedText(data)
    if (text !== null) heard(text)
    return true
  })
}

/** Larger than any useful copy. The bound keeps a program from filling the device's memory. */
const COPIED_BYTES_MAX = 512 * 1024
const BASE64_CHARS_MAX = Math.ceil(COPIED_BYTES_MAX / 3) * 4

/** The text of `OSC 52 ; targets ; base64`; null when it asks, clears, or makes no sense. */
export function copiedText(data: string): string | null {
  const [, encoded = ''] = /^[a-z0-7]*;([A-Za-z0-9+/=\s]*)$/.exec(data) ?? []
  const base64 = encoded.replace(/\s/g, '')
  if (base64 === '' || base64.length > BASE64_CHARS_MAX) return null
  try {
    const bytes = Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0))
    const text = new TextDecoder('utf-8').decode(bytes)
    return text === '' ? null : text
  } catch {
    return null
  }
}

/** Lines of a text, the line break at its end not counting. */
export const lineCountOf = (text: string): number => text.replace(/\r?\n$/, '').split('\n').length
