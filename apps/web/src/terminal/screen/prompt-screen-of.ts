import { promptRowsOf } from '@latchkey/connection/emulator/prompt-rows'
import type { PromptScreen } from '../../attention/prompt-screen.ts'
import type { Screen } from './screen.ts'

/** The drawn screen as guarded keys need it. */
export const promptScreenOf = (screen: Screen): PromptScreen => ({
  get applicationCursor() {
    return screen.applicationCursor
  },
  promptRows: () => promptRowsOf(screen.emulator.buffer.active, screen.emulator.rows),
  onDrawn: (listener) => {
    const drawn = screen.emulator.onRender(listener)
    return () => drawn.dispose()
  },
})
