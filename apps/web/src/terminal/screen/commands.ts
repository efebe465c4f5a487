import { CommandMarks } from '@latchkey/connection/emulator/command-marks'
import type { Terminal } from '@xterm/xterm'

/** The commands of one terminal in this page, and whether its output is drawn as it is printed. */
export class ScreenCommands {
  readonly marks: CommandMarks
  #isTimed = true

  constructor(emulator: Terminal) {
    this.marks = new CommandMarks(emulator, () => (this.#isTimed ? Date.now() : null))
  }

  /** What comes after a lost link was printed while it was away, and its times are not known here. */
  away(): void {
    this.#isTimed = false
  }

  /** What comes after the person's own input is new again. */
  typed(): void {
    this.#isTimed = true
  }
}

const ALL = new WeakMap<Terminal, ScreenCommands>()

/** The commands of an emulator; they are noticed from the first call on, which its maker does. */
export function commandsOf(emulator: Terminal): ScreenCommands {
  const known = ALL.get(emulator)
  if (known !== undefined) return known
  const made = new ScreenCommands(emulator)
  ALL.set(emulator, made)
  return made
}
