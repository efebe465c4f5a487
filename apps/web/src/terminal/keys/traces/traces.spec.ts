import { expect, test } from 'vitest'
import { ANDROID_TRACES } from './android.ts'
import { IOS_TRACES } from './ios.ts'
import { playedTrace, type Settles } from './trace-player.fixture.ts'

const SETTLES: readonly Settles[] = ['each-step', 'each-key']

test.each([...ANDROID_TRACES, ...IOS_TRACES])('$keyboard $does', (trace) => {
  // Browsers begin their next task at different places among these events: the outcome is the same everywhere.
  for (const settles of SETTLES) expect(playedTrace(trace, settles), settles).toBe(trace.bytes)
})
