import { describe, expect, it } from 'vitest'
import { CODE, COOL_MS, OTHER_PHONE, PHONE, START_MS, Story } from './account.fixture.ts'
import { wakeAt } from './account.ts'
import { judgeStart } from './account-machine.ts'
import { parseAccountCode, shownAccountCode } from './code.ts'
import { tellError } from './effects.ts'
import { defaultAccountRules } from './rules.ts'

const started = () => new Story()
const asks = (story: Story, method: 'qr' | 'code', phone = PHONE) =>
  judgeStart(story.machine, { method, phone: method === 'code' ? phone : null }, story.at)

describe('asking for a code', () => {
  it('asks WhatsApp once, after the first QR of a connection of its own', () => {
    const story = started().asksCode()
    expect(story.take()).toEqual([
      { do: 'count', what: { count: 'started', method: 'code' } },
      { do: 'open', generation: 1, as: 'fresh', method: 'code' },
    ])
    story.showsQr().showsQr('ref-2')
    expect(story.done('ask-code')).toBe(1)
    expect(story.status).toBe('code_wanted')
  })

  it('refuses another request until WhatsApp has answered, refused, or said nothing for ten seconds (sentence 2)', () => {
    const story = started().asksCode().showsQr()
    const inProgress = { ok: false, refusal: { reason: 'REQUEST_IN_PROGRESS', retryAt: null } }
    expect(asks(story, 'code')).toEqual(inProgress)
    story.after(9)
    expect(asks(story, 'code')).toEqual(inProgress)
    story.after(1)
    expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'WA_NO_ANSWER' })
    expect(asks(story, 'code')).toEqual({ ok: true, value: 'begin' })
  })

  it.each([
    ['refused', 'WA_REFUSED'],
    ['rate-limited', 'WA_RATE_LIMITED'],
    ['no-answer', 'WA_NO_ANSWER'],
    ['malformed', 'INTERNAL'],
  ] as const)('is free again after "%s", and everybody is told %s once (sentences 3, 13)', (why, reason) => {
    const story = started().asksCode().showsQr().says({ event: 'code-refused', why })
    expect(story.machine.account).toMatchObject({ status: 'failed', reason })
    expect(story.effects.filter((effect) => effect.do === 'tell-error')).toEqual([
      tellError(reason, why === 'rate-limited' ? START_MS + COOL_MS : null),
    ])
    expect(story.done('cool-down')).toBe(why === 'rate-limited' ? 1 : 0)
    expect(asks(story, 'code')).toEqual({ ok: true, value: 'begin' })
  })

  it('never takes longer than fourteen seconds, however slowly WhatsApp begins (sentence 13)', () => {
    const story = started().asksCode()
    story.nowMs += 9_000
    story.showsQr()
    expect(wakeAt(story.machine, defaultAccountRules)).toBe(START_MS + 14_000)
    expect(story.after(5).machine.account).toMatchObject({ status: 'failed', reason: 'WA_NO_ANSWER' })
  })

  it('makes no new code for thirty seconds, and then voids the old one before it asks (sentence 7)', () => {
    const story = started().showsCode()
    expect(asks(story, 'code')).toEqual({
      ok: false,
      refusal: { reason: 'REQUEST_IN_PROGRESS', retryAt: START_MS + 30_000 },
    })
    story.nowMs += 30_000
    expect(asks(story, 'code')).toEqual({ ok: true, value: 'begin' })
    story.take()
    expect(
      story
        .asksCode()
        .take()
        .map((effect) => effect.do),
    ).toEqual(['close', 'count', 'count', 'open'])
  })

  it('refuses another number while one is asked for, and begins it from nothing afterwards (sentences 6, 40)', () => {
    const story = started().asksCode().showsQr()
    expect(asks(story, 'code', OTHER_PHONE)).toMatchObject({ ok: false })
    story.input({ type: 'cancel' }).asksCode(OTHER_PHONE)
    expect(story.effects.at(-1)).toMatchObject({ do: 'open', as: 'fresh' })
  })

  it('is answered ALREADY_LINKED where an account is linked, and touches nothing (sentence 9)', () => {
    const story = started().connected()
    const refusal = { reason: 'ALREADY_LINKED', retryAt: null }
    expect(asks(story, 'code')).toEqual({ ok: false, refusal })
    expect(asks(story, 'qr')).toEqual({ ok: false, refusal })
  })

  it('for a QR that is there already begins nothing new (sentence 45)', () => {
    const story = started().asksQr().showsQr()
    expect(asks(story, 'qr')).toEqual({ ok: true, value: 'running' })
    const switched = started().asksQr().showsQr().asksCode().showsQr()
    expect(switched.counted('switched')).toBe(1)
    expect(switched.done('close')).toBe(1)
  })
})

describe('what is shown', () => {
  it('a code holds for 180 seconds, and is not shown for one more (sentence 27)', () => {
    const story = started().showsCode()
    expect(story.machine.account).toMatchObject({ status: 'code_shown', expiresAt: START_MS + 180_000 })
    expect(story.after(179).status).toBe('code_shown')
    expect(story.after(1).machine.account).toEqual({ status: 'expired', method: 'code' })
    expect(story.effects).toContainEqual(tellError('CODE_EXPIRED'))
  })

  it('five seconds before a code ends it still links, and nothing says that it expired (sentence 28)', () => {
    const story = started().showsCode().after(175).says({ event: 'code-typed' }).after(6)
    expect(story.status).toBe('code_shown')
    story.accounts()
    expect(story.status).toBe('connected')
    expect(story.done('tell-error')).toBe(0)
    expect(wakeAt(story.machine, defaultAccountRules)).toBeNull()
  })

  it('a code that was typed is waited for, sixty seconds and no longer (sentence 29)', () => {
    const story = started().showsCode().after(179).says({ event: 'code-typed' })
    expect(wakeAt(story.machine, defaultAccountRules)).toBe(START_MS + 239_000)
    expect(story.after(59).status).toBe('code_shown')
    expect(story.after(1).status).toBe('expired')
  })

  it('a code typed wrongly does not end the attempt; after a minute it is said, and the right one still links (sentence 71)', () => {
    const story = started().showsCode().says({ event: 'code-typed' }).after(60)
    expect(story.machine.account).toMatchObject({ status: 'code_shown', isDoubtful: true, typedAt: null })
    expect(story.says({ event: 'code-typed' }).accounts().status).toBe('connected')
  })

  it('the first QR holds for a minute, each further one for twenty seconds (sentence 31)', () => {
    const story = started().asksQr().showsQr('ref-1')
    expect(story.machine.account).toMatchObject({ qr: { number: 1, expiresAt: START_MS + 60_000 } })
    story.nowMs += 60_000
    story.showsQr('ref-2')
    expect(story.machine.account).toMatchObject({ qr: { number: 2, expiresAt: START_MS + 80_000 } })
  })

  it('a refreshed secret changes the QR and not how long it holds (sentence 69)', () => {
    const story = started().asksQr().showsQr('ref-1')
    story.nowMs += 10_000
    story.says({ event: 'qr', text: 'https://wa.example/#ref-1,noise,identity,other,1' })
    expect(story.machine.account).toMatchObject({
      qr: { text: 'https://wa.example/#ref-1,noise,identity,other,1', expiresAt: START_MS + 60_000 },
    })
  })

  it('after the last QR nothing reconnects until somebody acts (sentence 32)', () => {
    const story = started().asksQr().showsQr()
    story.take()
    story.closes(408, 'qr-ended')
    expect(story.machine.account).toEqual({ status: 'expired', method: 'qr' })
    expect(story.done('open')).toBe(0)
    expect(wakeAt(story.machine, defaultAccountRules)).toBeNull()
  })

  it('a code is eight characters without look-alikes, or nothing (sentence 47)', () => {
    for (const text of [
      'ABCD1230',
      'ABCDI234',
      'ABCDO234',
      'ABCDU234',
      'ABCD123',
      'abcd1234',
      'ABCD12345',
      '',
    ])
      expect(parseAccountCode(text)).toBeNull()
    expect(parseAccountCode('ABCD1234')).toBe(CODE)
    expect(shownAccountCode(CODE)).toBe('ABCD-1234')
  })
})

describe('linking to the end', () => {
  it('the restart after pairing is no error and waits for nothing but the kept credentials (sentences 54, 55)', () => {
    const story = started().showsCode().says({ event: 'paired', phone: PHONE })
    expect(story.effects).toContainEqual({ do: 'save', generation: 1, phone: PHONE })
    story.closes(515, 'restart-required')
    expect(story.status).toBe('finishing')
    expect(story.done('open')).toBe(1)
    story.input({ type: 'saved', generation: 1 })
    expect(story.effects.at(-1)).toEqual({ do: 'open', generation: 2, as: 'linked', method: null })
    story.says({ event: 'open', phone: PHONE })
    expect(story.done('tell-linked')).toBe(1)
    expect(story.done('tell-error')).toBe(0)
  })

  it('what could not be kept is said, with what the phone still lists (sentence 55)', () => {
    const story = started().asksQr().showsQr().says({ event: 'paired', phone: PHONE })
    story.input({ type: 'not-saved', generation: 1, reason: 'NOT_SAVED' }).closes(515, 'restart-required')
    expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'NOT_SAVED' })
    expect(story.done('open')).toBe(1)
    expect(story.done('capture')).toBe(1)
  })

  it('after the phone’s yes every end says that the phone lists a device, unless it does not', () => {
    const paired = () => started().asksQr().showsQr().says({ event: 'paired', phone: PHONE })
    for (const [ended, isLeft] of [
      [paired().closes(405, 'client-outdated'), true],
      [paired().closes(403, 'forbidden'), true],
      [paired().input({ type: 'not-saved', generation: 1, reason: 'NUMBER_UNAVAILABLE' }), true],
      [paired().input({ type: 'leave', reason: 'RESTART' }), true],
      [started().asksQr().showsQr().pairs().closes(401, 'logged-out'), false],
      [started().showsCode().accounts(OTHER_PHONE), false],
      [started().showsCode().closes(405, 'client-outdated'), false],
    ] as const) {
      expect(ended.machine.account).toMatchObject({ status: 'failed', leavesDevice: isLeft })
      expect(ended.effects).toContainEqual(expect.objectContaining({ leavesDevice: isLeft }))
    }
  })

  it('another number than the one asked for is logged out again', () => {
    const story = started().showsCode().accounts(OTHER_PHONE)
    expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'NUMBER_MISMATCH' })
    expect(story.done('log-out')).toBe(1)
    expect(story.done('tell-linked')).toBe(0)
  })

  it('scanning while a code is shown links once and voids the code (sentence 59)', () => {
    const story = started().showsCode().accounts()
    expect(story.counted('succeeded')).toBe(1)
    expect(story.says({ event: 'code-typed' }, 1).status).toBe('connected')
  })

  it('a link that is made outlives an unreachable WhatsApp', () => {
    const story = started().asksQr().showsQr().pairs()
    story.closes(408, 'unreachable')
    expect(story.status).toBe('finishing')
    expect(story.after(1).done('open')).toBe(3)
    expect(story.closes(408, 'unreachable').after(60).status).toBe('reconnecting')
    expect(story.done('forget')).toBe(0)
    expect(story.counted('failed')).toBe(1)
  })

  it('a passkey account is told at once (sentence 68)', () => {
    const story = started().asksQr().showsQr().says({ event: 'passkey-required' })
    expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'PASSKEY_REQUIRED' })
  })

  it('WhatsApp may have the code replaced three times, each on a connection of its own (sentence 70)', () => {
    const story = started().showsCode()
    for (let renewal = 1; renewal <= 3; renewal++) {
      story.says({ event: 'fresh-code-wanted' }).showsQr().says({ event: 'code', code: CODE })
      expect(story.machine.generation).toBe(1 + renewal)
    }
    expect(story.done('ask-code')).toBe(4)
    expect(story.says({ event: 'fresh-code-wanted' }).status).toBe('expired')
  })

  it('credentials of an unfinished attempt that logged in are replaced once, and nobody is told "logged out" (sentence 60)', () => {
    const story = started().asksQr().closes(401, 'logged-out')
    expect(story.effects.at(-1)).toMatchObject({ do: 'open', as: 'fresh' })
    expect(story.closes(401, 'logged-out').machine.account).toMatchObject({ reason: 'WA_REFUSED' })
  })

  it('nobody watching for a code’s life and a minute ends an attempt, and not a link (sentences 56, 57)', () => {
    const story = started().showsCode().input({ type: 'watched', isWatched: false })
    story.after(170).says({ event: 'code-typed' })
    expect(story.after(9).status).toBe('code_shown')
    const idle = started().asksQr().input({ type: 'watched', isWatched: false })
    idle.showsQr()
    for (let n = 2; n <= 13; n++) {
      idle.nowMs += 20_000
      idle.showsQr(`ref-${n}`)
    }
    expect(idle.input({ type: 'due' }).status).toBe('idle')
    expect(idle.counted('abandoned')).toBe(1)
    const linked = started().connected().input({ type: 'watched', isWatched: false })
    expect(linked.after(100_000).status).toBe('connected')
  })

  it('late words of an older connection change nothing (sentence 44)', () => {
    const story = started().asksQr().showsQr().asksCode()
    const before = story.machine
    story.says({ event: 'qr', text: 'x' }, 1).says({ event: 'paired', phone: PHONE }, 1)
    expect(story.machine).toEqual(before)
  })
})

it('an undecodable frame ends one attempt with INTERNAL, and is captured once (sentences 20, 72)', () => {
  const story = started().asksQr().showsQr().closes(null, 'undecodable-frame')
  expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'INTERNAL' })
  expect(story.done('capture')).toBe(1)
})

it('a user’s mistakes and normal life are counted and not captured (sentence 21)', () => {
  const story = started().asksQr().showsQr().closes(408, 'qr-ended').connected()
  story.closes(515, 'restart-required').says({ event: 'open', phone: PHONE }).closes(401, 'logged-out')
  story.asksCode().showsQr().says({ event: 'code-refused', why: 'rate-limited' })
  expect(story.done('capture')).toBe(0)
  expect(story.counted('failed')).toBe(2)
})
