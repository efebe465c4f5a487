import type { Platform } from '@latchkey/connection/transport'
import { nodePlatform as runnerPlatform } from '@latchkey/runner/node-platform'

/** The runner's platform with the wall clock, since an app's moments are shown to people; the link notices a changed clock. */
export const nodePlatform: Platform = { ...runnerPlatform, nowMs: () => Date.now() }
