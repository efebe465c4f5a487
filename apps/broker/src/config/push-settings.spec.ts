import { expect, it } from 'vitest'
import { isPushSubject } from './push-settings.ts'

it('only an address that push services can write to is a subject', () => {
  const good = [
    'mailto:ops@house.net',
    'https://term.house.net',
    'https://house.net/contact',
    'mailto:a.b@x.co.uk',
  ]
  expect(good.filter((text) => !isPushSubject(text))).toEqual([])
  const bad = [
    'ops@house.net',
    'mailto:ops',
    'mailto:ops@localhost',
    'mailto:@house.net',
    'mailto:ops@attic.local',
    'mailto:you@example.com',
    'https://localhost:6969',
    'https://127.0.0.1',
    'https://[::1]',
    'https://attic',
    'https://attic.lan',
    'http://house.net',
    'tel:+1',
  ]
  expect(bad.filter(isPushSubject)).toEqual([])
})
