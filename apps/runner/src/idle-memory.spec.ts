import { expect, it } from 'vitest'
import { collectGarbage } from './idle-memory.ts'

it('what nothing uses any more is given back, with what it held outside of the heap', async () => {
  const before = process.memoryUsage().arrayBuffers
  let held: Uint8Array | null = new Uint8Array(32 * 1024 * 1024)
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThanOrEqual(held.length)
  held = null
  await expect
    .poll(() => {
      collectGarbage()
      return process.memoryUsage().arrayBuffers - before
    })
    .toBeLessThan(1024 * 1024)
})
