import { describe, expect, it } from 'vitest'
import { LinkingCounters } from './link-counters.ts'

describe('the counters of linking', () => {
  it('gauges are what is so at the scrape, and never fall below nothing (sentence 52)', () => {
    const counters = new LinkingCounters()
    let sessions: ReturnType<typeof counters.sessions> = []
    counters.sessions = () => sessions
    counters.leasesHeld = () => sessions.length
    const gauges = () =>
      counters
        .samples()
        .filter(({ name }) => name === 'wa_sessions' || name === 'wa_lease_held')
        .map(({ name, labels, value }) => `${name} ${labels['state'] ?? ''} ${value}`)
    // A connection that closes before it was open takes nothing away.
    counters.count({ count: 'disconnected', statusCode: 408 })
    expect(gauges()).toEqual(['wa_lease_held  0'])
    sessions = ['connected', 'connected', 'qr']
    expect(gauges()).toEqual(['wa_sessions connected 2', 'wa_sessions qr 1', 'wa_lease_held  3'])
    sessions = []
    expect(gauges()).toEqual(['wa_lease_held  0'])
  })

  it('labels come from closed lists, whatever WhatsApp sends (sentence 53)', () => {
    const counters = new LinkingCounters()
    for (const statusCode of [401, 12_345, -1, null]) counters.count({ count: 'disconnected', statusCode })
    expect(counters.samples().map(({ labels }) => labels['code'])).toEqual([
      '401',
      'other',
      'none',
      undefined,
    ])
    expect(counters.total('wa_disconnect_total')).toBe(4)
  })

  it('times are counted below their bound, for each method, and the writes beside them (sentence 50)', () => {
    const counters = new LinkingCounters()
    counters.count({ count: 'succeeded', method: 'code', tookMs: 9_000 })
    counters.count({ count: 'succeeded', method: 'code', tookMs: 1_000_000 })
    counters.written(3)
    const [links, writes] = counters.histograms()
    expect(links).toMatchObject({ name: 'wa_link_seconds', labels: { method: 'code' }, sum: 1_009 })
    expect(links?.counts).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 1])
    expect(writes).toMatchObject({ name: 'wa_store_write_seconds', sum: 0.003 })
    expect(writes?.counts[0]).toBe(1)
  })
})
