import type { PromptRows } from '@latchkey/connection/emulator/prompt-rows'
import type { Cancel } from '@latchkey/connection/transport'

/** The screen that a guarded key is for, as this page draws it. */
export interface PromptScreen {
  readonly applicationCursor: boolean
  promptRows(): PromptRows
  onDrawn(listener: () => void): Cancel
}

/** The keys of the bar, in the order in which they stand. */
export const GUARDED_KEYS = [
  'y',
  'n',
  '1',
  '2',
  '3',
  'escape',
  'left',
  'down',
  'up',
  'right',
  'enter',
] as const
export type GuardedKeyName = (typeof GUARDED_KEYS)[number]

const ARROWS = { up: 'A', down: 'B', right: 'C', left: 'D' } as const

/** A key as a terminal sends it. */
export function encodedKey(name: GuardedKeyName, applicationCursor: boolean): string {
  switch (name) {
    case 'y':
    case 'n':
    case '1':
    case '2':
    case '3':
      return name
    case 'enter':
      return '\r'
    case 'escape':
      return '\u001b'
    case 'up':
    case 'down':
    case 'left':
    case 'right':
      return `\u001b${applicationCursor ? 'O' : '['}${ARROWS[name]}`
  }
}
