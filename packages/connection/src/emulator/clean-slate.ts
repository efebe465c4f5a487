/**
 * The sequences that leave nothing of an earlier program in a terminal, each setting by its own name: DECSTR, which
 * means all of it at once, is not known to tmux and others. At the beginning of a snapshot, and when a person's own terminal
 * is given back. Sequences a terminal does not know are ignored by it (xterm, ctlseqs; ECMA-48; kitty, keyboard protocol).
 */

const ESC = '\u001b'
const BEL = '\u0007'
const CAN = '\u0018'
const csi = (body: string): string => `${ESC}[${body}`
const off = (...privateModes: readonly number[]): string =>
  privateModes.map((mode) => csi(`?${mode}l`)).join('')

/** Which rows and columns scroll, and what positions count from. Each of these may bring the cursor home. */
const MARGINS = `${off(69, 6)}${csi('r')}`

/** The look of the next letter, and the modes that keep it from being drawn at once. */
const PEN = {
  'synchronized output': off(2026),
  hyperlink: `${ESC}]8;;${BEL}`,
  'protected characters': csi('0"q'),
  styles: csi('m'),
  'UTF-8, ASCII in G0 to G3, G0 in use': `${ESC}%G${ESC}(B${ESC})B${ESC}*B${ESC}+B\u000f`,
}

/** How keys, mouse and window answer. */
const REPORTS = {
  'keyboard locked': csi('2l'),
  'cursor keys': off(1),
  // DECNKM is what xterm.js knows, DECKPNM what all others know.
  keypad: `${off(66)}${ESC}>`,
  modifyOtherKeys: csi('>4m'),
  'keys as Windows tells them': off(9001),
  mouse: off(9, 1000, 1001, 1002, 1003, 1005, 1006, 1015, 1016),
  focus: off(1004),
  'bracketed paste': off(2004),
  'colour scheme, size': off(2031, 2048),
}

/** How output is put onto the screen, and how the screen looks. */
const SCREEN = {
  insert: csi('4l'),
  'line feed goes to the first column': csi('20l'),
  'wrap at the right edge': csi('?7h'),
  'wrap at the left edge': off(45),
  'reverse video': off(5),
  'cursor blinks, is shown, has its own shape': `${off(12)}${csi('?25h')}${csi('0 q')}`,
  'colours: palette, text, background, cursor': [104, 110, 111, 112]
    .map((code) => `${ESC}]${code}${BEL}`)
    .join(''),
}

const all = (settings: Readonly<Record<string, string>>): string => Object.values(settings).join('')

/** A stop in every eighth column, as a terminal begins. Moves the cursor within its row. */
const tabStops = (cols: number): string => {
  let text = csi('3g')
  for (let column = 8; column < cols; column += 8) text += `${csi(`${column + 1}G`)}${ESC}H`
  return text
}

/**
 * Kitty's keyboard protocol: more entries off its stack than any terminal keeps, which leaves no flag on. Not for a person's
 * own terminal: there each pushed entry is taken back by the code that pushed it.
 */
const NO_KEYBOARD_MODE = csi('<99u')

/**
 * For a terminal that a whole screen is drawn on next: CAN ends the sequence that it may be in the middle of; the first
 * buffer, all settings, an empty screen, the cursor at home. Lines above the screen stay.
 */
export const slateForScreen = (cols: number): string =>
  `${CAN}${off(1049)}${MARGINS}${NO_KEYBOARD_MODE}${all(REPORTS)}${all(SCREEN)}${tabStops(cols)}${all(PEN)}${csi('H')}${csi('2J')}`

/**
 * For a person's own terminal after a program was drawn on it. The screen's content and the cursor's place stay. The terminal
 * must be out of the second buffer.
 */
export const slateForLeaving = (cols: number): string =>
  `${CAN}${ESC}7${MARGINS}${all(REPORTS)}${all(SCREEN)}${tabStops(cols)}${ESC}8${all(PEN)}`
