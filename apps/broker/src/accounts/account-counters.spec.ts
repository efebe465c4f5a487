import { describe, expect, it } from 'vitest'
import { metricsOf, standing, total } from '../testing/account-counts.ts'
import { AccountCounters } from './account-counters.ts'

describe('the counters of linking', () => {
  it('have these names, kinds and labels', async () => {
    const counters = new AccountCounters()
    counters.sessions = () => ['qr']
    counters.count({ count: 'started', method: 'qr' })
    counters.count({ count: 'code-issued' })
    counters.count({ count: 'succeeded', method: 'qr', tookMs: 1 })
    counters.count({ count: 'failed', method: 'qr', reason: 'INTERNAL' })
    counters.count({ count: 'switched', from: 'qr', to: 'code' })
    counters.count({ count: 'abandoned' })
    counters.count({ count: 'disconnected', statusCode: 408 })
    counters.count({ count: 'reconnect' })
    counters.refused('INTERNAL')
    counters.written(1)
    const told = (await metricsOf(counters)).map(({ name, type, values }) => {
      const labels = Object.keys(values.at(-1)?.labels ?? {})
      return `${type} ${name} ${labels.join(' ')}`.trim()
    })
    expect(told.toSorted()).toEqual([
      'counter wa_disconnect_total code',
      'counter wa_link_abandoned_total',
      'counter wa_link_code_issued_total',
      'counter wa_link_failed_total method reason',
      'counter wa_link_method_switch_total from to',
      'counter wa_link_refused_total reason',
      'counter wa_link_started_total method',
      'counter wa_link_succeeded_total method',
      'counter wa_reconnect_total',
      'gauge wa_lease_held',
      'gauge wa_sessions state',
      'histogram wa_link_seconds method',
      'histogram wa_store_write_seconds',
    ])
  })

  it('gauges are what is so at the scrape, and never fall below nothing (sentence 52)', async () => {
    const counters = new AccountCounters()
    let sessions: ReturnType<typeof counters.sessions> = []
    counters.sessions = () => sessions
    counters.leasesHeld = () => sessions.length
    const gauges = async () =>
      [...(await standing(counters))]
        .filter(([name]) => name.startsWith('wa_sessions') || name === 'wa_lease_held')
        .map((series) => series.join(' '))
    // A connection that closes before it was open takes nothing away.
    counters.count({ count: 'disconnected', statusCode: 408 })
    expect(await gauges()).toEqual(['wa_lease_held 0'])
    sessions = ['connected', 'connected', 'qr']
    expect(await gauges()).toEqual(['wa_sessions connected 2', 'wa_sessions qr 1', 'wa_lease_held 3'])
    sessions = []
    expect(await gauges()).toEqual(['wa_lease_held 0'])
  })

  it('labels come from closed lists, whatever WhatsApp sends (sentence 53)', async () => {
    const counters = new AccountCounters()
    for (const statusCode of [401, 12_345, -1, null]) counters.count({ count: 'disconnected', statusCode })
    const labels = (await metricsOf(counters)).flatMap(({ type, values }) =>
      type.toString() === 'histogram' ? [] : values.flatMap((each) => Object.values(each.labels)),
    )
    expect(labels).toEqual(['401', 'other', 'none'])
    expect(await total(counters, 'wa_disconnect_total')).toBe(4)
  })

  it('times are counted below their bound, for each method, and the writes beside them (sentence 50)', async () => {
    const counters = new AccountCounters()
    counters.count({ count: 'succeeded', method: 'code', tookMs: 9_000 })
    counters.count({ count: 'succeeded', method: 'code', tookMs: 1_000_000 })
    counters.written(3)
    const lines = (await counters.registry.metrics()).split('\n')
    const buckets = lines.filter((line) => line.startsWith('wa_link_seconds_bucket'))
    expect(buckets.map((line) => Number(line.split(' ').at(-1)))).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 2])
    expect(lines).toContain('wa_link_seconds_sum{method="code"} 1009')
    expect(lines).toContain('wa_store_write_seconds_sum 0.003')
    expect(lines).toContain('wa_store_write_seconds_bucket{le="0.005"} 1')
  })

  it('are written as Prometheus reads them', async () => {
    const counters = new AccountCounters()
    counters.count({ count: 'code-issued' })
    counters.count({ count: 'code-issued' })
    counters.count({ count: 'switched', from: 'qr', to: 'code' })
    counters.count({ count: 'succeeded', method: 'code', tookMs: 12_000 })
    counters.count({ count: 'succeeded', method: 'code', tookMs: 400_000 })
    const lines = (await counters.registry.metrics()).split('\n')
    expect(lines).toContain('# TYPE wa_link_code_issued_total counter')
    expect(lines).toContain('wa_link_code_issued_total 2')
    expect(lines).toContain('wa_link_method_switch_total{from="qr",to="code"} 1')
    expect(lines).toContain('wa_lease_held 0')
    expect(lines.filter((line) => line === '# TYPE wa_link_seconds histogram')).toHaveLength(1)
    expect(lines).toContain('wa_link_seconds_bucket{le="10",method="code"} 0')
    expect(lines).toContain('wa_link_seconds_bucket{le="20",method="code"} 1')
    expect(lines).toContain('wa_link_seconds_bucket{le="+Inf",method="code"} 2')
    expect(lines).toContain('wa_link_seconds_sum{method="code"} 412')
    expect(lines).toContain('wa_link_seconds_count{method="code"} 2')
  })
})
