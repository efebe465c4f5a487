import { expect, it } from 'vitest'
import { LinkingCounters } from '../linking/link-counters.ts'
import { linkingText } from './linking-text.ts'

it('writes counters, gauges and histograms of linking as Prometheus reads them', () => {
  const counters = new LinkingCounters()
  counters.count({ count: 'code-issued' })
  counters.count({ count: 'code-issued' })
  counters.count({ count: 'switched', from: 'qr', to: 'code' })
  counters.count({ count: 'succeeded', method: 'code', tookMs: 12_000 })
  counters.count({ count: 'succeeded', method: 'code', tookMs: 400_000 })
  const lines = linkingText(counters).split('\n')
  expect(lines).toContain('# TYPE wa_link_code_issued_total counter')
  expect(lines).toContain('wa_link_code_issued_total 2')
  expect(lines).toContain('wa_link_method_switch_total{from="qr",to="code"} 1')
  expect(lines).toContain('wa_lease_held 0')
  expect(lines.filter((line) => line === '# TYPE wa_link_seconds histogram')).toHaveLength(1)
  expect(lines).toContain('wa_link_seconds_bucket{method="code",le="10"} 0')
  expect(lines).toContain('wa_link_seconds_bucket{method="code",le="20"} 1')
  expect(lines).toContain('wa_link_seconds_bucket{method="code",le="+Inf"} 2')
  expect(lines).toContain('wa_link_seconds_sum{method="code"} 412')
  expect(lines).toContain('wa_link_seconds_count{method="code"} 2')
})
