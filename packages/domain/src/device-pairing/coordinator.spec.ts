import { describe, expect, it } from 'vitest'
import { later } from '../kernel.ts'
import { PairingCoordinator } from './coordinator.ts'
import { deviceIdOf, exampleDevice, exampleStates, pinOf, T0 } from './examples.fixture.ts'
import { defaultDeviceRules } from './rules.ts'

const rules = defaultDeviceRules
const newcomer = { nodeId: deviceIdOf('b'), ip: '192.0.2.99', provesKey: true }
const known = { nodeId: exampleDevice.id, ip: '192.0.2.200', provesKey: true }
const { canRegisterDevice, validatePairingRequest, calculateExpiry } = PairingCoordinator

describe('who may be registered', () => {
  it('a device that nobody knows, while there is a place', () => {
    expect(canRegisterDevice(newcomer, [exampleDevice], 9, rules)).toMatchObject({
      value: { kind: 'register-new', sharesAddressWith: null },
    })
    expect(canRegisterDevice(newcomer, [exampleDevice], 10, rules)).toEqual({
      ok: false,
      refusal: { code: 'DEVICE_LIMIT', limit: 10 },
    })
  })

  it('a node that comes back, from wherever, with proof of its key, even when all places are taken', () => {
    expect(canRegisterDevice(known, [exampleDevice], 10, rules)).toMatchObject({
      value: { kind: 'update-existing' },
    })
    expect(canRegisterDevice({ ...known, provesKey: false }, [exampleDevice], 1, rules)).toEqual({
      ok: false,
      refusal: { code: 'WRONG_PROOF' },
    })
  })

  it('a revoked node only as a new one: it needs a place again', () => {
    const revoked = { ...exampleDevice, revokedAt: T0 }
    expect(canRegisterDevice(known, [revoked], 9, rules).ok).toBe(true)
    expect(canRegisterDevice(known, [revoked], 10, rules)).toMatchObject({
      refusal: { code: 'DEVICE_LIMIT' },
    })
  })

  it('a device behind the address of another one, which is noted; refused, with its name, only where that is wanted', () => {
    const beside = { ...newcomer, ip: exampleDevice.hostname }
    expect(canRegisterDevice(beside, [exampleDevice], 1, rules)).toMatchObject({
      value: { sharesAddressWith: exampleDevice },
    })
    const strict = { ...rules, refuseSharedAddress: true }
    expect(canRegisterDevice(beside, [exampleDevice], 1, strict)).toEqual({
      ok: false,
      refusal: { code: 'IP_CONFLICT', existingDevice: 'Pixel 8', ip: exampleDevice.hostname },
    })
    const revoked = { ...exampleDevice, revokedAt: T0 }
    expect(canRegisterDevice(beside, [revoked], 1, strict).ok).toBe(true)
    expect(canRegisterDevice({ ...known, ip: '192.0.2.5' }, [exampleDevice], 1, strict).ok).toBe(true)
  })
})

it('a token lives as long as it was given', () => {
  expect(calculateExpiry(T0, 300_000)).toBe(T0 + 300_000)
})

describe('a pairing request', () => {
  const state = exampleStates['DeviceConnected, PIN']
  it('is good with the right PIN, in time and in the right state', () => {
    expect(validatePairingRequest(state, pinOf('1'), later(state.expiresAt, -1))).toEqual({
      ok: true,
      value: null,
    })
  })
  it.each([
    ['EXPIRED', state, pinOf('1'), state.expiresAt],
    ['EXPIRED', exampleStates.Failed, pinOf('1'), T0],
    ['WRONG_STATE', exampleStates.TokenCreated, pinOf('1'), T0],
    ['WRONG_STATE', exampleStates['DeviceConnected, consent'], pinOf('1'), T0],
    ['WRONG_STATE', exampleStates.DeviceRegistered, pinOf('1'), T0],
    ['INVALID_PIN', state, pinOf('2'), T0],
  ] as const)('is %s otherwise', (code, from, pin, now) => {
    expect(validatePairingRequest(from, pin, now)).toEqual({ ok: false, refusal: { code } })
  })
})
