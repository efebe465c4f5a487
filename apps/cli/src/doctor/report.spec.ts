import { expect, it } from 'vitest'
import { columnsOf } from '../up/text-width.ts'
import { broken, fine, leftOut, warns } from './finding.ts'
import { findingLines, summaryLine } from './report.ts'

const wide = { columns: 100, color: false }
const findings = [
  fine('name', 'house.example.net is 203.0.113.40', 12.4),
  warns('idle', 'the connection was cut after 7 s of silence', 'proxy_read_timeout 75s; at the proxy'),
  broken('folder', '/data is open to others (mode 755)', 'chmod 700 /data'),
  leftOut('phone', 'nobody looks at this output', 'latchkey doctor in a terminal'),
]

it('a finding is one line with its time, and its next step below', () => {
  const lines = findings.flatMap((each) => findingLines(each, wide))
  expect(lines).toEqual([
    '  ok    name        house.example.net is 203.0.113.40                      12 ms',
    '  !!    idle        the connection was cut after 7 s of silence',
    '                    next: proxy_read_timeout 75s; at the proxy',
    '  XX    folder      /data is open to others (mode 755)',
    '                    next: chmod 700 /data',
    '  --    phone       nobody looks at this output',
    '                    next: latchkey doctor in a terminal',
  ])
})

it('sixty columns have no times, and no line is longer', () => {
  const long = fine('name', 'a long text that has to go on in a second line and then in a third one', 3)
  const lines = [long, ...findings].flatMap((each) => findingLines(each, { columns: 60, color: false }))
  for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(60)
  expect(lines.join('\n')).not.toContain(' ms')
})

it('what a broker said draws nothing', () => {
  const [line = ''] = findingLines(fine('broker', 'version \u001b[2J1'), wide)
  expect(line).not.toContain('\u001b')
})

it('the last line counts what there is', () => {
  expect(summaryLine(findings)).toBe('1 broken, 1 to mend, 1 left out, 1 fine.')
  expect(summaryLine(findings.slice(0, 1))).toBe('1 fine.')
})
