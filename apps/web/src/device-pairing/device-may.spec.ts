import { expect, it } from 'vitest'
import { MAY_ALL, MAY_BRING, mayFields, mayOf, withMay } from './device-may.ts'

it('typing brings all with it, and goes with any part of it', () => {
  const looking = withMay(MAY_ALL, 'type', false)
  expect(looking).toEqual({ ...MAY_ALL, type: false })
  expect(withMay(MAY_ALL, 'approve', false)).toEqual({ ...MAY_ALL, type: false, approve: false })
  expect(withMay(MAY_BRING, 'send', true)).toEqual({ ...MAY_BRING, look: true, send: true })
  expect(withMay(MAY_BRING, 'type', true)).toEqual(MAY_ALL)
  expect(withMay(MAY_ALL, 'look', false)).toEqual(MAY_BRING)
})

it('what is chosen is what is asked for, and nothing chosen asks for nothing', () => {
  expect(mayFields(MAY_ALL)).toEqual({ roles: ['app', 'runner'] })
  expect(mayFields(MAY_BRING)).toEqual({ roles: ['runner'] })
  expect(mayFields(withMay(withMay(MAY_ALL, 'approve', false), 'machines', false))).toEqual({
    roles: ['app'],
    appRights: ['send'],
  })
  expect(mayFields(withMay(MAY_BRING, 'machines', false))).toBeNull()
})

it('a device of an older broker may do what each machine gives', () => {
  const device = {
    id: 'a',
    name: 'Pixel 8',
    hostname: '192.0.2.7',
    port: null,
    joinedAt: 0,
    lastSeenAt: null,
    connected: false,
    runners: [],
    token: { status: 'valid' as const, expiresAt: 1 },
  }
  expect(mayOf({ ...device, roles: ['app', 'runner'] })).toEqual(MAY_ALL)
  expect(mayOf({ ...device, roles: ['runner'] })).toEqual(MAY_BRING)
  expect(mayOf({ ...device, roles: ['app'], appRights: [] })).toMatchObject({
    look: true,
    type: false,
    send: false,
  })
})
