import type { AuditEntry } from '@latchkey/protocol/audit'
import { expect, it } from 'vitest'
import { csvLines, jsonLines } from './audit-lines.ts'

const entry: AuditEntry = {
  at: Date.UTC(2026, 10, 21, 14, 28, 31),
  kind: 'device',
  event: 'NodeRenamed',
  actor: 'device',
  subject: 'Pixel 8',
  id: 'abc',
  address: '192.0.2.7',
  reason: '',
  by: '',
}
const called = (subject: string): AuditEntry => ({ ...entry, subject })
/** The text of the one cell with a name, without its quotes. */
const nameIn = (csv: string) => /NodeRenamed,device,"?([^]*?)"?,abc/.exec(csv)?.[1]

it('a row has its moment by RFC 3339, and the head names the columns', () => {
  expect(csvLines([entry])).toBe(
    'at,kind,event,actor,subject,id,address,reason,by\r\n2026-11-21T14:28:31.000Z,device,NodeRenamed,device,Pixel 8,abc,192.0.2.7,,\r\n',
  )
})

it.each(['=1+1', '+49', '-2', '@SUM(A1)', ' =cmd|x', '\t=1', '\u200b=1', '＝1', '\r=1'])(
  'no name is a formula: %j',
  (name) => {
    expect(nameIn(csvLines([called(name)]))).toBe(`'${name}`)
  },
)

it('a name with quotes, commas and line ends stays in its cell', () => {
  expect(csvLines([called('a "b", c\nd')])).toContain(',"a ""b"", c\nd",')
  expect(csvLines([called('Ада 机房')])).toContain(',Ада 机房,')
})

it('JSON lines have an entry each, whatever is in it', () => {
  const lines = jsonLines([entry, called('a\nb')]).split('\n')
  expect(lines).toHaveLength(3)
  expect(JSON.parse(lines[1] ?? '')).toEqual({ ...entry, at: '2026-11-21T14:28:31.000Z', subject: 'a\nb' })
})
