import { describe, expect, it } from 'vitest'
import { openLog } from '../log/log.ts'
import { type AccountFailure, AccountReport, type Capture } from './account-report.ts'
import { sessionIdOf } from './marketplace-peer.ts'

function reporting(capture?: Capture) {
  const captured: AccountFailure[] = []
  const lines: string[] = []
  const time = { nowMs: 0 }
  const report = new AccountReport({
    log: openLog('debug', { write: (line) => void lines.push(line) }),
    capture: capture ?? ((failure) => void captured.push(failure)),
    library: 'baileys 7.0.0-rc14',
    clock: () => time.nowMs,
  })
  return { captured, lines, report, time }
}

describe('what nobody expected', () => {
  it('is captured once, with where, which session, which library, and a fingerprint for each kind (sentence 20)', () => {
    const { captured, lines, report } = reporting()
    report.failed(sessionIdOf('17'), 'undecodable-frame', null)
    report.failed(sessionIdOf('17'), 'replaced', 440)
    expect(captured).toEqual([
      {
        component: 'linking',
        operation: 'undecodable-frame',
        linkSessionId: 'company_17',
        library: 'baileys 7.0.0-rc14',
        statusCode: null,
        correlationId: expect.stringMatching(/^[0-9a-f]{8}$/),
        fingerprint: ['linking', 'undecodable-frame', 'none'],
      },
      expect.objectContaining({ operation: 'replaced', fingerprint: ['linking', 'replaced', '440'] }),
    ])
    expect(lines).toHaveLength(2)
    expect(lines[0]).toContain(captured[0]?.correlationId)
  })

  it('and only the operator can mend, is one alert an hour for all sessions (sentence 66)', () => {
    const { captured, report, time } = reporting()
    for (const salon of ['1', '2', '3']) report.failed(sessionIdOf(salon), 'client-outdated', 405)
    expect(captured).toHaveLength(1)
    time.nowMs = 60 * 60_000
    report.failed(sessionIdOf('4'), 'client-outdated', 405)
    expect(captured).toHaveLength(2)
  })

  it('is in the log also when the tracker throws (sentence 23)', () => {
    const { lines, report } = reporting(() => {
      throw new Error('no tracker')
    })
    report.failed(sessionIdOf('17'), 'replaced', 440)
    expect(lines.join('')).toContain('linking.capture-failed')
  })
})
