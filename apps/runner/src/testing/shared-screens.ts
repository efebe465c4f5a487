import { startScreens } from '../screens/screens.ts'

/**
 * One thread of screens for all machines under test: to start one from its sources costs more than most tests. It ends by
 * itself where no screen is open.
 */
export const sharedScreens = startScreens((problem) => {
  throw problem
})
