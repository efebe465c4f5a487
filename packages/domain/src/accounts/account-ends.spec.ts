import { describe, expect, it } from 'vitest'
import { OTHER_PHONE, PHONE, START_MS, Story } from './account.fixture.ts'
import { wakeAt } from './account.ts'
import type { CloseCause } from './close-cause.ts'
import { closingOf } from './close-cause.ts'
import { tellError } from './effects.ts'
import { defaultAccountRules } from './rules.ts'

const started = () => new Story()
const lost = (story: Story, statusCode: number) =>
  story.says({ event: 'closed', closing: closingOf(statusCode, 'the connection ended') })
const capturesOf = (story: Story) =>
  story.effects.flatMap((effect) =>
    effect.do === 'capture' ? [`${effect.operation} ${effect.statusCode}`] : [],
  )

describe('the fourteen seconds of a request', () => {
  it('go on when its connection is lost and replaced (sentence 13)', () => {
    const story = started().asksCode()
    story.nowMs += 9_000
    lost(story, 428)
    expect(wakeAt(story.machine, defaultAccountRules)).toBe(START_MS + 14_000)
    expect(story.after(5).machine.account).toMatchObject({ status: 'failed', reason: 'WA_UNREACHABLE' })
    expect(story.done('tell-error')).toBe(1)
  })

  it('begin anew with a code that WhatsApp wants replaced (sentence 13)', () => {
    const story = started().showsCode()
    story.nowMs += 100_000
    story.says({ event: 'fresh-code-wanted' })
    story.nowMs += 9_000
    story.showsQr()
    expect(wakeAt(story.machine, defaultAccountRules)).toBe(START_MS + 114_000)
  })
})

describe('every failure while somebody is linking', () => {
  const asking = () => started().asksCode().showsQr()
  const shown = () => started().showsCode()
  const scanning = () => started().asksQr().showsQr()
  const cases: readonly (readonly [string, string, Story])[] = [
    ['WhatsApp refuses the code', 'WA_REFUSED', asking().says({ event: 'code-refused', why: 'refused' })],
    [
      'WhatsApp wants a pause',
      'WA_RATE_LIMITED',
      asking().says({ event: 'code-refused', why: 'rate-limited' }),
    ],
    ['WhatsApp says nothing', 'WA_NO_ANSWER', asking().after(14)],
    ['WhatsApp cannot be reached', 'WA_UNREACHABLE', started().asksQr().after(10)],
    ['the code ends', 'CODE_EXPIRED', shown().after(180)],
    ['the QRs end', 'QR_EXPIRED', scanning().closes(408, 'qr-ended')],
    ['the account wants a passkey', 'PASSKEY_REQUIRED', scanning().says({ event: 'passkey-required' })],
    ['the account is locked', 'ACCOUNT_BLOCKED', lost(scanning(), 403)],
    ['the account is banned', 'ACCOUNT_BLOCKED', lost(scanning(), 402)],
    ['the client is outdated', 'CLIENT_OUTDATED', lost(scanning(), 405)],
    ['the phone is outdated', 'PHONE_OUTDATED', lost(scanning(), 411)],
    ['the credentials are used elsewhere', 'WA_REFUSED', lost(scanning(), 440)],
    ['a frame cannot be read', 'INTERNAL', scanning().closes(null, 'undecodable-frame')],
    ['the connection is lost under a code', 'WA_UNREACHABLE', lost(shown(), 428)],
    ['the library makes no code', 'INTERNAL', asking().says({ event: 'code-refused', why: 'malformed' })],
    ['another phone answers', 'NUMBER_MISMATCH', shown().accounts(OTHER_PHONE)],
    [
      'the credentials cannot be kept',
      'NOT_SAVED',
      scanning()
        .says({ event: 'paired', phone: PHONE })
        .input({ type: 'not-saved', generation: 1, reason: 'NOT_SAVED' }),
    ],
    ['the broker stops', 'RESTART', shown().input({ type: 'leave', reason: 'RESTART' })],
  ]

  it.each(cases)('is told once: %s, %s (sentence 13)', (_, reason, story) => {
    const told = story.effects.filter((effect) => effect.do === 'tell-error')
    expect(told).toEqual([expect.objectContaining({ reason })])
    expect(story.counted('failed')).toBe(1)
    // Late events of the ended connection are dropped.
    expect(lost(story, 428).after(600).done('tell-error')).toBe(1)
  })
})

describe('what nobody expected', () => {
  const paired = () => started().asksQr().showsQr().says({ event: 'paired', phone: PHONE })
  const written = () => {
    const story = started().connected()
    return story.input({ type: 'write-failed', generation: story.machine.generation })
  }
  const threeBadSessions = () => {
    const story = started().connected()
    for (let n = 0; n < 3; n++) lost(story, 500).after(60)
    return story
  }
  const cases: readonly (readonly [string, Story])[] = [
    ['undecodable-frame null', started().asksQr().showsQr().closes(null, 'undecodable-frame')],
    ['undecodable-frame null', started().connected().closes(null, 'undecodable-frame')],
    ['client-outdated 405', lost(started().asksQr(), 405)],
    ['client-outdated 405', lost(started().connected(), 405)],
    ['client-outdated 409', lost(started().connected(), 409)],
    ['replaced 440', lost(started().connected(), 440)],
    ['bad-session 500', threeBadSessions()],
    ['linking 500', lost(lost(started().asksQr(), 500), 500)],
    ['write-credentials null', written()],
    ['save-credentials null', paired().input({ type: 'not-saved', generation: 1, reason: 'NOT_SAVED' })],
    [
      'charge-budget null',
      started()
        .asksCode()
        .showsQr()
        .input({ type: 'not-admitted', generation: 1, reason: 'INTERNAL', retryAt: null }),
    ],
    ['pairing-code null', started().asksCode().showsQr().says({ event: 'code-refused', why: 'malformed' })],
  ]

  it.each(cases)('is captured once, with its operation and close code: %s (sentence 20)', (what, story) => {
    expect(capturesOf(story)).toEqual([what])
    story.after(1)
    expect(capturesOf(story)).toEqual([what])
  })
})

describe('a link that stopped for a reason that may pass', () => {
  it('is tried again by itself, hours later', () => {
    const story = started().connected()
    for (let n = 0; n < defaultAccountRules.badSessionsMax && story.status !== 'stopped'; n++) {
      lost(story, 500)
      if (story.status === 'reconnecting') story.after(120)
    }
    expect(story.status).toBe('stopped')
    const at = wakeAt(story.machine, defaultAccountRules)
    expect(at).not.toBeNull()
    story.take()
    story.after((2 * defaultAccountRules.stoppedAgainMs) / 1_000)
    expect(story.done('open')).toBe(1)
    expect(story.status).toBe('reconnecting')
  })
})

describe('a link that needs a person', () => {
  const causes: readonly (readonly [number, CloseCause, string])[] = [
    [401, 'logged-out', 'logged_out'],
    [403, 'forbidden', 'logged_out'],
    [405, 'client-outdated', 'stopped'],
    [440, 'replaced', 'replaced'],
  ]

  it.each(causes)('after %i, %s, is %s and never tried again by itself (sentence 67)', (code, _, status) => {
    const story = lost(started().connected(), code)
    expect(story.status).toBe(status)
    story.take()
    expect(wakeAt(story.machine, defaultAccountRules)).toBeNull()
    expect(story.after(1_000_000).done('open')).toBe(0)
    expect(story.status).toBe(status)
  })

  it('is told when its ban ends, and waits for that alone (sentence 66)', () => {
    const story = started().connected()
    story.says({ event: 'closed', closing: closingOf(402, 'banned', 120) })
    expect(story.effects).toContainEqual(tellError('ACCOUNT_BLOCKED', START_MS + 120_000))
    expect(wakeAt(story.machine, defaultAccountRules)).toBe(START_MS + 120_000)
  })
})

it('waits after losses lie between half and the whole of 1, 2, 4 … 60 seconds (sentence 67)', () => {
  for (const chance of [0, 0.25, 0.5, 0.999]) {
    const story = started().connected()
    story.chance = chance
    for (const fullMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      lost(story, 428)
      const { account } = story.machine
      const waitMs = account.status === 'reconnecting' ? (account.retryAt ?? 0) - story.nowMs : 0
      expect(waitMs).toBe(Math.ceil(fullMs * (1 - chance / 2)))
      story.after(waitMs / 1_000)
      story.says({ event: 'open', phone: PHONE })
    }
  }
})
