import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appSubjects, runnerSubjects } from './subjects.ts'

const of = (address: string) => {
  const { address: subject, prefix } = appSubjects('a', address)
  return [subject.replace('address:', ''), prefix.replace('prefix:', '')]
}

test.each([
  ['192.0.2.7', '192.0.2.7', '192.0.2'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2'],
  ['::FFFF:c000:0207', '192.0.2.7', '192.0.2'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['2001:DB8:0001:0002::', '2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
  ['::1', '0:0:0:0::/64', '0:0:0::/48'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64', '64:ff9b:0::/48'],
])('%s is charged to %s and %s', (address, subject, prefix) => {
  expect(of(address)).toEqual([subject, prefix])
})

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '::1::',
  '1:2:3:4:5:6:7:8:9',
  'g::1',
  ':',
  '1.2.3.4::',
  'unix:',
  'x'.repeat(1_000_000),
])('%.20j is no address and shares one budget with all that is none', (address) =>
  expect(of(address)).toEqual(['unknown', 'unknown']),
)

test('two addresses of one IPv6 /64 are one subject', () => {
  const sameNetwork = fc.property(fc.ipV6(), fc.nat({ max: 0xffff }), (address, last) => {
    fc.pre(!address.includes('.') && address.split(':').length === 8 && !address.includes('::'))
    const other = [...address.split(':').slice(0, 7), last.toString(16)].join(':')
    expect(of(other)).toEqual(of(address))
  })
  fc.assert(sameNetwork)
})

test('an app and a runner of one name are not one subject', () => {
  expect(appSubjects('x', '::1').self).not.toBe(runnerSubjects('x', '::1').self)
})
