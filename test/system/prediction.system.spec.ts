import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'

const KEYS = process.env['LATCHKEY_PREDICTED_KEYS'] ?? '240'
const bench = fileURLToPath(new URL('../../bench/prediction.mjs', import.meta.url))

const told = z.looseObject({
  keys: z.number(),
  shareAtShells: z.number(),
  drawn: z.number(),
  left: z.number(),
  whileEchoOff: z.number(),
  ofSecrets: z.number(),
})

test('at real programs most keys of a shell are drawn at once, none of a password, and no guess stays', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench], {
    env: { ...process.env, LATCHKEY_PREDICTED_KEYS: KEYS },
  })
  const all = told.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
  expect(all.keys).toBeGreaterThanOrEqual(Number(KEYS))
  expect(all.drawn).toBeGreaterThan(0)
  expect(all.shareAtShells).toBeGreaterThan(0.4)
  expect(all).toMatchObject({ left: 0, whileEchoOff: 0, ofSecrets: 0 })
})
