import * as pairing from '@latchkey/domain/runner-pairing/pair'
import * as session from '@latchkey/domain/runner-pairing/pairing-session'
import * as presence from '@latchkey/domain/runner-pairing/presence'
import * as register from '@latchkey/domain/runner-pairing/register'
import { expect, test } from 'vitest'
import { explore } from './explorer.ts'

/** `LATCHKEY_SCHEDULES=1000000` for the nightly number, `LATCHKEY_SCHEDULE_SEED` to begin at a seed that failed. */
const schedules = Number(process.env['LATCHKEY_SCHEDULES'] ?? 1_000)
const firstSeed = Number(process.env['LATCHKEY_SCHEDULE_SEED'] ?? 1)

test(`no invariant breaks in ${schedules} schedules of two runners, three apps and two brokers with wrong clocks`, async () => {
  const startedMs = performance.now()
  await explore({ ...register, ...presence, ...pairing, ...session }, firstSeed, schedules)
  const seconds = (performance.now() - startedMs) / 1_000
  console.info(`${schedules} schedules from seed ${firstSeed} in ${seconds.toFixed(1)} s`)
  expect(schedules).toBeGreaterThan(0)
}, 3_600_000)
