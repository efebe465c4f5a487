import { expect, it } from 'vitest'
import { abilityOf, type Browser } from './ability.ts'

const able: Browser = {
  isSecure: true,
  hasWorker: true,
  hasPush: true,
  permission: 'default',
  agent: 'Mozilla/5.0 (Linux; Android 15) Chrome/150',
  touchPoints: 5,
}
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/605'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605'

it('says what is in the way, the first thing to mend first', () => {
  expect(abilityOf(able)).toBe('able')
  expect(abilityOf({ ...able, permission: 'granted' })).toBe('able')
  expect(abilityOf({ ...able, permission: 'denied' })).toBe('denied')
  expect(abilityOf({ ...able, isSecure: false, hasWorker: false, permission: 'denied' })).toBe('insecure')
  expect(abilityOf({ ...able, hasPush: false })).toBe('unsupported')
  expect(abilityOf({ ...able, permission: null })).toBe('unsupported')
})

it('an iPhone is sent to the home screen first, an iPad that calls itself a Mac as well, a Mac not', () => {
  const missing = { ...able, hasPush: false, permission: null }
  expect(abilityOf({ ...missing, agent: IPHONE })).toBe('home-screen')
  expect(abilityOf({ ...missing, agent: MAC, touchPoints: 5 })).toBe('home-screen')
  expect(abilityOf({ ...missing, agent: MAC, touchPoints: 0 })).toBe('unsupported')
  expect(abilityOf({ ...able, agent: IPHONE }), 'from the home screen').toBe('able')
})
