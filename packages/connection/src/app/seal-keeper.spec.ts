import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import type { Platform } from '../transport.ts'
import { SealKeeper } from './seal-keeper.ts'
import type { PairingUrlSecret, Sealer, SealHandshake, SealMeeting, SealRefusal } from './sealer.ts'

const PID = '00112233445566778899aabbccddeeff'
const secret: PairingUrlSecret = {
  reach: new Uint8Array(32),
  oneTimeSecret: new Uint8Array(16),
  runnerId: 'forge',
}
const attempt = { begin: () => {} } as unknown as SealHandshake
const lost = { why: 'ended', end: 'lost' } as const

function keeper(options: { known?: readonly string[]; allowUnsealed?: boolean; runnerId?: string } = {}) {
  const known = new Set(options.known ?? [])
  const met: SealMeeting[] = []
  const sealer: Sealer = {
    knows: async (runnerId) => known.has(runnerId),
    routeTicket: async () => null,
    pairingUrlTicket: () => null,
    pairingName: async () => null,
    handshake: (meeting) => {
      met.push(meeting)
      return attempt
    },
  }
  const platform = { nowMs: () => 1_000 } as Platform
  const seal = { sealer, runnerId: options.runnerId ?? null, allowUnsealed: options.allowUnsealed ?? false }
  const made = new SealKeeper(seal, platform, 'phone', () => {})
  const ledTo = (runnerId: string, pid = PID) => made.handshake({ pid, runnerId })
  const refused = (refusal: SealRefusal) => made.failed({ why: 'refused', refusal })
  return { made, met, known, ledTo, refused }
}

it('a link that the broker leads to another machine goes nowhere: by its code, by a link, or coming back', async () => {
  const byCode = keeper({ known: ['mill'] })
  byCode.made.pairing('forge', 'ABC-123-XYZ', null)
  expect(await byCode.ledTo('mill')).toBe('runner-changed')
  expect(await byCode.ledTo('forge')).toBe(attempt)
  const byLink = keeper({ known: ['mill'] })
  byLink.made.pairing('forge', 'ABC-123-XYZ', secret)
  expect(await byLink.ledTo('mill')).toBe('runner-changed')
  const back = keeper({ known: ['forge', 'mill'], runnerId: 'forge' })
  expect(await back.ledTo('mill')).toBe('runner-changed')
  expect(back.met).toEqual([])
  expect(await back.ledTo('forge')).toBe(attempt)
})

it('a machine that this app has seen sealed is never spoken to unsealed, whatever is allowed', async () => {
  const { made, ledTo } = keeper({ known: ['forge'], allowUnsealed: true })
  made.pairing('forge', 'ABC-123-XYZ', null)
  expect(await ledTo('forge')).toBe(attempt)
  made.failed({ why: 'ended', end: CloseReason.malformed, answered: false })
  expect(await ledTo('forge')).toBe(attempt)
})

it('an unknown machine that does not seal is spoken to only where that is allowed, and never by a link with a key', async () => {
  for (const { allowUnsealed, by, follows, next } of [
    { allowUnsealed: false, by: null, follows: 'stop', next: attempt },
    { allowUnsealed: true, by: null, follows: 'now', next: 'unsealed' },
    { allowUnsealed: true, by: secret, follows: 'stop', next: attempt },
  ]) {
    const { made, ledTo } = keeper({ allowUnsealed })
    made.pairing('forge', 'ABC-123-XYZ', by)
    await ledTo('forge')
    expect(made.failed({ why: 'ended', end: CloseReason.malformed, answered: false })).toBe(follows)
    expect(await ledTo('forge')).toBe(next)
  }
  const answers = keeper({ allowUnsealed: true })
  answers.made.pairing('forge', 'ABC-123-XYZ', null)
  await answers.ledTo('forge')
  // It has answered in the language of sealing, so it can.
  answers.made.failed({ why: 'ended', end: CloseReason.malformed, answered: true })
  expect(await answers.ledTo('forge')).toBe(attempt)
})

it('without a code, a link or a key nothing is tried', async () => {
  expect(await keeper().ledTo('forge')).toBe('no-key')
  expect(await keeper({ allowUnsealed: true }).ledTo('forge')).toBe('unsealed')
  const { made, ledTo } = keeper()
  made.pairing('forge', 'ABC-123-XYZ', null)
  expect(await ledTo('forge', 'no hex')).toBe('not-authentic')
})

it('who was turned away and has just typed the code comes as somebody new, once', async () => {
  const { made, met, ledTo, refused } = keeper({ known: ['forge'] })
  made.pairing('forge', 'ABC-123-XYZ', null)
  await ledTo('forge')
  expect(refused('revoked')).toBe('now')
  await ledTo('forge')
  expect(met.map(({ way }) => way?.asNew)).toEqual([false, true])
  expect(refused('revoked')).toBe('stop')
  const back = keeper({ known: ['forge'] })
  await back.ledTo('forge')
  expect(back.refused('revoked'), 'nobody typed anything').toBe('stop')
})

it('a known machine that cannot prove itself is tried eight times before somebody is told', async () => {
  const { made, ledTo, refused } = keeper({ known: ['forge'], runnerId: 'forge' })
  for (let times = 1; times < 8; times++) {
    await ledTo('forge')
    expect(refused('not-authentic')).toBe('later')
    expect(made.facts).toBe(null)
  }
  await ledTo('forge')
  expect(refused('not-authentic')).toBe('stop')
  expect(made.facts).toEqual({ status: 'refused', refusal: 'not-authentic' })
})

it('a person whose connection is lost while they are asked is asked three times, not more', async () => {
  const { made, ledTo } = keeper()
  made.pairing('forge', 'ABC-123-XYZ', null)
  const question = { machine: 'forge', digits: 6, withinMs: 120_000, give: () => {}, cancel: () => {} }
  for (const then of ['later', 'later', 'stop']) {
    await ledTo('forge')
    made.asked(question)
    made.asked(null)
    expect(made.failed({ ...lost, answered: true })).toBe(then)
  }
  expect(made.facts).toEqual({ status: 'refused', refusal: 'given-up' })
  made.pairing('forge', 'ABC-123-XYZ', null)
  expect(made.facts, 'a new pairing begins anew').toBe(null)
})

it('an app comes back until it pairs by a code, and again once that has opened a channel', () => {
  const { made } = keeper({ known: ['forge'], runnerId: 'forge' })
  expect(made.comesBack).toBe(true)
  made.pairing('forge', 'ABC-123-XYZ', null)
  expect(made.comesBack).toBe(false)
  made.opened()
  expect(made.comesBack).toBe(true)
})
