import { describe, expect, it } from 'vitest'
import { type LinkFacts, linkStateOf, sameState } from './link-state.ts'

const alive = {
  status: 'up',
  proof: 'alive',
  sealed: true,
  caughtUp: true,
  lastHeardMs: 90,
  brokerMs: 3,
  machineMs: 7,
} as const
const live: LinkFacts = {
  ended: null,
  control: { status: 'up' },
  pairing: 'paired',
  machine: { status: 'online' },
  channel: alive,
  sealing: null,
  lostSinceMs: null,
}
const noChannel = { status: 'down', nextTryAtMs: null } as const
const offline = { status: 'offline', sinceMs: 50, untilMs: 99, lastSeenAtMs: 40 } as const
const state = (facts: Partial<LinkFacts>) => linkStateOf({ ...live, ...facts })

describe('the state of a link', () => {
  it('is live when the machine has answered and every watch follows', () => {
    expect(state({})).toEqual({ status: 'live', brokerMs: 3, machineMs: 7, sealed: true })
  })

  it('is never live by an open socket alone', () => {
    for (const proof of ['unproven', 'silent', 'dead'] as const)
      expect(state({ channel: { ...alive, proof } }).status).not.toBe('live')
    expect(state({ channel: { ...alive, caughtUp: false } }).status).toBe('catching-up')
  })

  it('stays live while only the control connection is away, for typing works', () => {
    const down = { status: 'down', failure: null, nextTryAtMs: 5 } as const
    expect(state({ control: down }).status).toBe('live')
    expect(state({ machine: offline }).status).toBe('live')
  })

  it('says since when nothing was heard', () => {
    expect(state({ channel: { ...alive, proof: 'silent' } })).toMatchObject({
      status: 'reconnecting',
      sinceMs: 90,
    })
    const down = { status: 'down', failure: null, nextTryAtMs: 500 } as const
    expect(state({ channel: noChannel, control: down, lostSinceMs: 60 })).toEqual({
      status: 'reconnecting',
      sinceMs: 60,
      nextTryAtMs: 500,
      failure: null,
    })
  })

  it('is connecting, with the reason of the last failure, until it was up once', () => {
    const failure = { kind: 'unreachable', message: 'refused' } as const
    const down = { status: 'down', failure, nextTryAtMs: 500 } as const
    expect(state({ channel: noChannel, control: down, pairing: 'unknown' })).toEqual({
      status: 'connecting',
      failure,
      nextTryAtMs: 500,
    })
  })

  it('tells a machine that is away from a broker that is', () => {
    expect(state({ channel: noChannel, machine: offline })).toEqual({
      status: 'machine-offline',
      sinceMs: 50,
      untilMs: 99,
      lastSeenAtMs: 40,
    })
  })

  it('is unpaired only when the broker says so', () => {
    expect(state({ channel: noChannel, pairing: 'none' })).toEqual({ status: 'unpaired' })
    expect(state({ channel: noChannel, pairing: 'unknown' }).status).toBe('connecting')
  })

  it('asks for the PIN and says a refusal, also while the control connection is away', () => {
    const down = { status: 'down', failure: null, nextTryAtMs: 5 } as const
    const sealing = { status: 'refused', refusal: 'pin-mismatch' } as const
    expect(state({ channel: noChannel, control: down, sealing })).toEqual(sealing)
    expect(state({ sealing }).status).toBe('live')
  })

  it('is ended for a reason, whatever else is true', () => {
    expect(state({ ended: 'version' })).toEqual({ status: 'ended', reason: 'version' })
  })
})

describe('two states', () => {
  const refused = { status: 'refused', refusal: 'locked' } as const

  it('say the same when every word of them is the same: nobody is told twice', () => {
    expect(sameState(refused, { ...refused })).toBe(true)
    expect(sameState({ status: 'unpaired' }, { status: 'unpaired' })).toBe(true)
  })

  it('are two when anything differs', () => {
    expect(sameState(refused, { status: 'refused', refusal: 'busy' })).toBe(false)
    const live = { status: 'live', brokerMs: 1, machineMs: 2, sealed: true } as const
    expect(sameState(live, { ...live, machineMs: 3 })).toBe(false)
    expect(sameState(live, { ...live, sealed: false })).toBe(false)
  })
})
