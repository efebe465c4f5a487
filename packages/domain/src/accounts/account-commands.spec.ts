import { describe, expect, it } from 'vitest'
import { instant } from '../kernel.ts'
import { CODE, COOL_MS, PHONE, START_MS, Story } from './account.fixture.ts'
import { type PhoneNumber, wakeAt } from './account.ts'
import { judgeCancel, judgeRetry, judgeUnlink } from './account-machine.ts'
import { closingOf } from './close-cause.ts'
import { defaultAccountRules } from './rules.ts'

const started = () => new Story()

describe('a number with two spellings', () => {
  const LONGER = '+5567998470001' as PhoneNumber
  const SHORTER = '+556798470001' as PhoneNumber

  it('is one number: an account that spells it the other way is linked', () => {
    for (const [asked, answers] of [
      [LONGER, SHORTER],
      [SHORTER, LONGER],
    ] as const) {
      const story = started().asksCode(asked).showsQr().says({ event: 'code', code: CODE }).accounts(answers)
      expect(story.machine.account).toMatchObject({ status: 'connected', phone: answers })
      expect(story.done('tell-error')).toBe(0)
    }
  })

  it('is asked for by the other one when WhatsApp refuses the first, once, on a connection of its own', () => {
    const story = started().asksCode(LONGER).showsQr()
    story.take()
    story.says({ event: 'code-refused', why: 'refused' }).showsQr()
    expect(story.take()).toEqual([
      { do: 'close', generation: 1 },
      { do: 'open', generation: 2, as: 'fresh', method: 'code' },
      { do: 'ask-code', generation: 2, phone: SHORTER },
    ])
    story.says({ event: 'code-refused', why: 'refused' })
    expect(story.machine.account).toMatchObject({ status: 'failed', reason: 'WA_REFUSED' })
    expect(story.done('tell-error')).toBe(1)
    expect(story.counted('started') + story.done('charge')).toBe(0)
  })

  it('is not asked for twice when WhatsApp says nothing or wants a pause, nor past the fourteen seconds', () => {
    const silent = started().asksCode(LONGER).showsQr().says({ event: 'code-refused', why: 'no-answer' })
    expect(silent.status).toBe('failed')
    const slow = started().asksCode(LONGER).showsQr()
    slow.nowMs += 9_000
    slow.says({ event: 'code-refused', why: 'refused' }).showsQr()
    expect(wakeAt(slow.machine, defaultAccountRules)).toBe(START_MS + 14_000)
  })
})

describe('what is counted on the hour’s budgets', () => {
  it('is an attempt of which WhatsApp was asked something, once', () => {
    const away = started().asksCode().closes(408, 'unreachable').closes(408, 'unreachable')
    expect(away.machine.account).toMatchObject({ status: 'failed', reason: 'WA_UNREACHABLE' })
    expect(away.done('charge')).toBe(0)
    const asked = started().showsCode().says({ event: 'fresh-code-wanted' }).showsQr()
    expect(asked.done('ask-code')).toBe(2)
    expect(asked.done('charge')).toBe(1)
    expect(started().asksQr().closes(408, 'unreachable').showsQr().done('charge')).toBe(1)
  })

  it('ends an attempt that the budgets do not allow any more, with the wait', () => {
    const story = started().asksCode().showsQr()
    story.input({ type: 'not-admitted', generation: 1, reason: 'COOLDOWN', retryAt: instant(START_MS + 9) })
    expect(story.machine.account).toMatchObject({
      status: 'failed',
      reason: 'COOLDOWN',
      retryAt: START_MS + 9,
    })
    expect(story.done('capture')).toBe(0)
  })
})

describe('a pause that WhatsApp wants', () => {
  it('when a connection begins is said as one, with its end, and is no account’s fault', () => {
    const story = started()
      .asksQr()
      .says({ event: 'closed', closing: closingOf(429, 'Connection Failure') })
    expect(story.effects).toContainEqual({ do: 'cool-down', of: 'connections' })
    expect(story.machine.account).toMatchObject({ reason: 'WA_RATE_LIMITED', retryAt: START_MS + COOL_MS })
    const linked = started().connected()
    linked.says({ event: 'closed', closing: closingOf(429, '') })
    expect(linked.machine.account).toMatchObject({ status: 'reconnecting', retryAt: START_MS + 60_000 })
  })

  it.each([401, 403, 405, 406, 440, 500])(
    'or a proxy that answers %i to the WebSocket ends no link: nothing of WhatsApp was asked',
    (statusCode) => {
      const message = `WebSocket Error (Unexpected server response: ${statusCode})`
      expect(closingOf(statusCode, message).cause).toBe('unreachable')
      expect(closingOf(429, 'WebSocket Error (Unexpected server response: 429)').cause).toBe('rate-limited')
    },
  )
})

describe('a command that cannot be done', () => {
  it('is refused: cancelling or unlinking what the phone has just said yes to', () => {
    const finishing = started().asksQr().showsQr().pairs()
    expect(judgeCancel(finishing.machine)).toMatchObject({ refusal: { reason: 'ALREADY_LINKED' } })
    expect(judgeUnlink(finishing.machine)).toMatchObject({ refusal: { reason: 'REQUEST_IN_PROGRESS' } })
    expect(judgeUnlink(started().showsCode().machine)).toMatchObject({ ok: false })
    expect(judgeCancel(started().connected().machine)).toMatchObject({ ok: false })
    for (const story of [started(), started().asksQr(), started().showsCode()])
      expect(judgeCancel(story.machine).ok).toBe(true)
  })

  it('is not retrying a stopped link, unless WhatsApp has banned it until later', () => {
    const stopped = started().connected().closes(405, 'client-outdated')
    expect(judgeRetry(stopped.machine, stopped.at)).toEqual({ ok: true, value: 'begin' })
    stopped.take()
    expect(stopped.input({ type: 'retry' }).take()).toEqual([
      { do: 'open', generation: 3, as: 'linked', method: null },
    ])
    expect(stopped.says({ event: 'open', phone: PHONE }).status).toBe('connected')
    const banned = started().connected()
    banned.says({ event: 'closed', closing: closingOf(402, 'banned', 120) })
    const until = { reason: 'COOLDOWN', retryAt: START_MS + 120_000 }
    expect(judgeRetry(banned.machine, banned.at)).toEqual({ ok: false, refusal: until })
    expect(judgeRetry(started().machine, banned.at)).toMatchObject({ ok: false })
  })
})
