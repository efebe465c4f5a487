import { expect, it } from 'vitest'
import { brokerAddress } from './broker-address.ts'

it('finds both planes of a broker, also behind a path', () => {
  expect(brokerAddress('http://192.168.1.9:6969')).toEqual({
    origin: 'http://192.168.1.9:6969',
    socketPath: '/socket.io/',
    terminalUrl: 'ws://192.168.1.9:6969/terminal',
  })
  expect(brokerAddress('https://example.com/latchkey/')).toEqual({
    origin: 'https://example.com',
    socketPath: '/latchkey/socket.io/',
    terminalUrl: 'wss://example.com/latchkey/terminal',
  })
  expect(() => brokerAddress('ftp://example.com')).toThrow('not an http')
})
