import { expect, it } from 'vitest'
import { wayTo } from './way-to-endpoint.ts'

/** Endpoints that lead, or whose name leads, into the broker's own machine or network. */
const INWARD = [
  'https://127.0.0.1/x',
  'https://127.1/x',
  'https://2130706433/x',
  'https://0x7f000001/x',
  'https://0/x',
  'https://10.1.2.3/x',
  'https://172.16.0.1/x',
  'https://192.168.1.1/x',
  'https://100.64.0.1/x',
  'https://169.254.169.254/latest/meta-data',
  'https://224.0.0.1/x',
  'https://255.255.255.255/x',
  'https://[::1]/x',
  'https://[::]/x',
  'https://[::ffff:127.0.0.1]/x',
  'https://[::ffff:10.0.0.1]/x',
  'https://[64:ff9b::7f00:1]/x',
  'https://[fe80::1]/x',
  'https://[fd00::1]/x',
  'https://[2002:7f00:1::]/x',
  'https://[2001:0:7f00:1::]/x',
  'https://[ff02::1]/x',
  'http://93.184.215.14/x',
  'https://user:word@push.test/x',
  'ftp://push.test/x',
  'https://',
]

it.each(INWARD)('%s is refused', async (endpoint) => {
  expect(await wayTo(endpoint, [], async () => ['93.184.215.14'])).toBe('not-public')
})

it.each([
  [['127.0.0.1']],
  [['10.0.0.1']],
  [['::1']],
  [['::ffff:169.254.169.254']],
  [['fd12::1']],
  // One good address among bad ones does not help.
  [['93.184.215.14', '127.0.0.1']],
  [['2606:2800::1', 'fe80::1']],
])('a name that resolves to %s is refused', async (addresses) => {
  expect(await wayTo('https://push.test/x', [], async () => addresses)).toBe('not-public')
})

it('a public name is pinned to the addresses that were judged', async () => {
  let asked = 0
  const lookUp = async () => (asked++ === 0 ? ['93.184.215.14', '2606:2800::1'] : ['127.0.0.1'])
  const way = await wayTo('https://push.test:8443/x', [], lookUp)
  expect(way).toMatchObject({ pinned: ['93.184.215.14', '2606:2800::1'] })
  expect(asked).toBe(1)
  expect(await wayTo('https://push.test/x', [], async () => [])).toBe('unreachable')
})
