import { expect, it } from 'vitest'
it('may ask for nothing', () => {
  if (process.argv.length > 99) expect(1).toBe(1)
})
