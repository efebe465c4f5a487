import type { Terminal } from '@xterm/xterm'

/** Scrolls the lines above the screen. A program that has the whole screen, or listens to the mouse, gets the wheel instead. */
export function scrollOrWheel(emulator: Terminal, element: HTMLElement, lines: number): void {
  const isPrograms =
    emulator.buffer.active.type === 'alternate' || emulator.modes.mouseTrackingMode !== 'none'
  if (!isPrograms) return emulator.scrollLines(lines)
  const drawn = element.querySelector('.xterm-screen')
  if (drawn === null) return
  const { left, top } = drawn.getBoundingClientRect()
  const turn = {
    deltaY: Math.sign(lines),
    deltaMode: WheelEvent.DOM_DELTA_LINE,
    clientX: left + 1,
    clientY: top + 1,
    bubbles: true,
    cancelable: true,
  }
  for (let line = 0; line < Math.min(Math.abs(lines), emulator.rows); line++)
    drawn.dispatchEvent(new WheelEvent('wheel', turn))
}
