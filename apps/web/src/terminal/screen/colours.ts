import type { ITheme } from '@xterm/xterm'

/** The emulator's colours, from the same tokens as the page; all grey when the screen may be out of date. */
export function terminalColours(stale: boolean): ITheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--term-${name}`).trim()
  const text = (name: string) => (stale ? token('8') : token(name))
  return {
    background: token('bg'),
    foreground: text('fg'),
    // Without a link the cursor is drawn hollow by the overlay.
    cursor: stale ? token('bg') : token('cursor'),
    cursorAccent: stale ? text('fg') : token('bg'),
    scrollbarSliderBackground: `${token('8')}66`,
    scrollbarSliderHoverBackground: `${token('8')}99`,
    scrollbarSliderActiveBackground: token('8'),
    selectionBackground: token('select'),
    black: stale ? token('bg') : token('0'),
    red: text('1'),
    green: text('2'),
    yellow: text('3'),
    blue: text('4'),
    magenta: text('5'),
    cyan: text('6'),
    white: text('7'),
    brightBlack: text('8'),
    brightRed: text('9'),
    brightGreen: text('10'),
    brightYellow: text('11'),
    brightBlue: text('12'),
    brightMagenta: text('13'),
    brightCyan: text('14'),
    brightWhite: text('15'),
  }
}
