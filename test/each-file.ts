import { stopLeftRunning } from '@latchkey/stores/testing/left-running'
import fc from 'fast-check'
import { afterAll, vi } from 'vitest'

/** Runs before each test file, of every level. */

// By itself fast-check draws at most ten of anything, also where a test allows 300: a fault that needs eleven steps is
// never met. Here a stated length is the length that is drawn; what states none stays small.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

afterAll(stopLeftRunning)

// Files of one worker share their modules and their process, to save the seconds that every start of one costs: what a file
// has turned is turned back.
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})
