import { expect, it } from 'vitest'
import { fleetLines, rightsWords } from './fleet-words.ts'

const DAY_MS = 24 * 60 * 60_000
const type = { type: true, approve: false, send: false }
const fleet = {
  ...{ owner: 'a'.repeat(43), allowed: type, number: 3, issuedAt: 0, goodUntil: 14 * DAY_MS },
  devices: [{ label: 'Pixel 8\u001b[2J', rights: { type: false, approve: true, send: false } }],
  machines: ['attic'],
}

it('a machine says what its owner’s devices may do, and how old the list is', () => {
  const text = (nowMs: number) => fleetLines(fleet, nowMs).join('\n')
  expect(text(1)).toContain('may type here, without a PIN')
  expect(text(1)).toContain('Device   Pixel 8[2J: look, approve')
  expect(text(1)).toContain('good until 1970-01-15')
  expect(text(3 * DAY_MS)).toContain('a newer one may have been withheld')
  expect(text(14 * DAY_MS)).toContain('It ended at')
  const none = { ...fleet, allowed: null, issuedAt: null, goodUntil: null }
  expect(fleetLines(none, 0).join()).toContain('need a PIN here')
  expect(rightsWords(type)).toBe('type')
})
