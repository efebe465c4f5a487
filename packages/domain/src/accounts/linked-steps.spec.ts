import { describe, expect, it } from 'vitest'
import { instant } from '../kernel.ts'
import { PHONE, START_MS, Story } from './account.fixture.ts'
import { wakeAt } from './account.ts'
import { judgeStart } from './account-machine.ts'
import { nextTryAt } from './back-off.ts'
import { closingOf } from './close-cause.ts'
import { tellError } from './effects.ts'
import { defaultAccountRules } from './rules.ts'

const started = () => new Story()
const asks = (story: Story, method: 'qr' | 'code', phone = PHONE) =>
  judgeStart(story.machine, { method, phone: method === 'code' ? phone : null }, story.at)

describe('a linked session', () => {
  it('waits 1, 2, 4 … 60 seconds, less a random part, and anew after a minute of being open (sentence 67)', () => {
    const where = { now: instant(0), rules: defaultAccountRules, chance: 0 }
    expect([0, 1, 2, 3, 5, 6, 40].map((losses) => nextTryAt(losses, where))).toEqual([
      1_000, 2_000, 4_000, 8_000, 32_000, 60_000, 60_000,
    ])
    expect(nextTryAt(3, { ...where, chance: 0.999 })).toBeGreaterThan(4_000)
    const story = started().connected()
    for (const waitMs of [1_000, 2_000, 4_000]) {
      const lostAt = story.nowMs
      story.closes(428, 'unreachable')
      expect(story.machine.account).toMatchObject({ status: 'reconnecting', retryAt: lostAt + waitMs })
      story.after(waitMs / 1_000).says({ event: 'open', phone: PHONE })
    }
    story.nowMs += 60_000
    expect(story.closes(428, 'unreachable').machine.account).toMatchObject({ losses: 1 })
  })

  it('ends for good when the phone removes it: forgotten, told, and linkable anew (sentence 64)', () => {
    const story = started().connected().closes(401, 'logged-out')
    expect(story.machine.account).toEqual({ status: 'logged_out', reason: 'LOGGED_OUT' })
    expect(story.effects.slice(-2)).toEqual([{ do: 'forget' }, tellError('LOGGED_OUT')])
    expect(asks(story, 'code')).toEqual({ ok: true, value: 'begin' })
  })

  it('that is used elsewhere stops, alerts, and may be linked anew (sentence 63)', () => {
    const story = started().connected().closes(440, 'replaced')
    expect(story.machine.account).toEqual({ status: 'replaced', phone: PHONE })
    expect(wakeAt(story.machine, defaultAccountRules)).toBeNull()
    expect(story.effects).toContainEqual({ do: 'capture', operation: 'replaced', statusCode: 440 })
    expect(asks(story, 'qr')).toEqual({ ok: true, value: 'begin' })
  })

  it('waits out a temporary ban, and stops for an outdated client (sentence 66)', () => {
    const banned = started().connected()
    banned.says({ event: 'closed', closing: closingOf(402, 'banned', 120) })
    expect(banned.machine.account).toMatchObject({ status: 'stopped', until: START_MS + 120_000 })
    expect(banned.after(120).status).toBe('reconnecting')
    const outdated = started().connected().closes(405, 'client-outdated')
    expect(outdated.machine.account).toMatchObject({
      status: 'stopped',
      reason: 'CLIENT_OUTDATED',
      until: null,
    })
    expect(outdated.done('forget')).toBe(0)
  })

  it('is asked to be linked anew after three bad sessions in a row', () => {
    const story = started().connected()
    for (const status of ['reconnecting', 'reconnecting', 'stopped']) {
      story.closes(500, 'bad-session')
      expect(story.status).toBe(status)
      story.after(60)
    }
    expect(story.effects).toContainEqual({ do: 'capture', operation: 'bad-session', statusCode: 500 })
  })

  it('that the server wants restarted again and again waits between, and alarms once', () => {
    const story = started().connected()
    story.closes(515, 'restart-required')
    expect(story.machine.account).toMatchObject({ status: 'reconnecting', retryAt: null })
    for (const waitMs of [2_000, 4_000, 8_000]) {
      const openedAt = story.says({ event: 'open', phone: PHONE }).nowMs
      story.closes(515, 'restart-required')
      expect(story.machine.account).toMatchObject({ status: 'reconnecting', retryAt: openedAt + waitMs })
      story.after(waitMs / 1_000)
    }
    expect(story.effects).toContainEqual({ do: 'capture', operation: 'restarts-in-a-row', statusCode: 515 })
    expect(story.done('capture')).toBe(1)
    story.says({ event: 'open', phone: PHONE }).nowMs += 60_000
    expect(story.closes(515, 'restart-required').machine.account).toMatchObject({ retryAt: null, losses: 1 })
  })

  it('is logged out at WhatsApp at once, or as soon as there is a connection (sentence 65)', () => {
    expect(started().connected().input({ type: 'unlink' }).effects.at(-1)).toMatchObject({ do: 'log-out' })
    const away = started().connected().closes(428, 'unreachable').input({ type: 'unlink' })
    expect(away.status).toBe('unlinking')
    expect(away.done('log-out')).toBe(0)
    away.after(1).says({ event: 'open', phone: PHONE })
    expect(away.status).toBe('idle')
    expect(away.done('log-out')).toBe(1)
  })

  it('whose write failed begins again from what is kept (sentence 75)', () => {
    const story = started().connected()
    story.input({ type: 'write-failed', generation: story.machine.generation })
    expect(story.status).toBe('reconnecting')
    expect(story.done('close')).toBe(1)
  })

  it('begins again too where a write failed while its connection was being opened (sentence 75)', () => {
    const away = started().connected().closes(428, 'unreachable').after(60)
    expect(away.machine.account).toMatchObject({ status: 'reconnecting', retryAt: null })
    const { generation } = away.machine
    away.take()
    away.input({ type: 'write-failed', generation })
    expect(away.take()).toContainEqual({ do: 'close', generation })
    // What that connection still says comes too late.
    expect(away.says({ event: 'open', phone: PHONE }, generation).status).toBe('reconnecting')
    expect(away.after(60).take()).toContainEqual(expect.objectContaining({ do: 'open', as: 'linked' }))
    expect(away.says({ event: 'open', phone: PHONE }).status).toBe('connected')
  })

  it('begins again too where a write failed at its first log-in (sentence 75)', () => {
    const story = started().asksQr().showsQr().pairs()
    const { generation } = story.machine
    story.take()
    story.input({ type: 'write-failed', generation })
    expect(story.take()).toContainEqual({ do: 'close', generation })
    expect(story.after(2).take()).toContainEqual(expect.objectContaining({ do: 'open', as: 'linked' }))
    expect(story.says({ event: 'open', phone: PHONE }).status).toBe('connected')
  })

  it('is left alone by a node that goes, and an attempt is told so (sentence 77)', () => {
    const linked = started().connected()
    linked.take()
    expect(linked.input({ type: 'leave', reason: 'RESTART' }).take()).toEqual([
      { do: 'close', generation: 2 },
    ])
    const linking = started().showsCode().input({ type: 'leave', reason: 'RESTART' })
    expect(linking.effects).toContainEqual(tellError('RESTART'))
  })
})
