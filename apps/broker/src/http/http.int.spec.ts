import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { brokerInfo } from '@latchkey/protocol/console'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { cleanUp, code, connect, registerFounding, testBroker, until } from '../testing/harness.ts'
import { openTerminal } from '../testing/terminal-client.ts'

afterEach(cleanUp)

const EVIL = 'https://evil.example'

/** fetch() sets Host itself. */
const get = (port: number, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })

/** The status of a refused upgrade, 101 when it was not refused. */
const upgrade = (url: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('error', reject)
  })

it('a broker with an address of its own says it with each ticket, and lets the pages of the public one come to it', async () => {
  const broker = await testBroker({
    'public-url': 'https://term.example.com',
    'node-public-url': 'https://node-1.example.com',
  })
  const runner = await broker.connect()
  const registered = await registerFounding(runner, broker, 'runner-1', code(1))
  expect(registered['terminal']).toMatchObject({ terminalUrl: 'wss://node-1.example.com/terminal' })
  const app = await broker.connect()
  const paired = await app.call('app:pair', { pairingCode: code(1) })
  expect(paired['terminal']).toMatchObject({ terminalUrl: 'wss://node-1.example.com/terminal' })
  const url = `ws://127.0.0.1:${broker.port}/terminal`
  const host = 'node-1.example.com'
  expect(await upgrade(url, { host, origin: 'https://term.example.com' })).toBe(101)
  expect(await upgrade(url, { host, origin: EVIL })).toBe(403)
  expect(await upgrade(url, { host: 'node-2.example.com', origin: 'https://term.example.com' })).toBe(421)
})

describe('a page of another site', () => {
  it('is refused on every transport of the control plane', async () => {
    const broker = await testBroker()
    for (const transports of [['websocket'], ['polling']]) {
      const options = { transports, extraHeaders: { origin: EVIL } }
      await expect(connect(broker.url, {}, options)).rejects.toThrow()
    }
    const url = `ws://127.0.0.1:${broker.port}/socket.io/?EIO=4&transport=websocket`
    for (const origin of [EVIL, 'null', `http://localhost:${broker.port + 1}`]) {
      expect(await upgrade(url, { origin }), 'Engine.IO says 400 to a refused upgrade').toBe(400)
    }
  })

  it('is refused on the terminal plane', async () => {
    const broker = await testBroker()
    const url = `ws://127.0.0.1:${broker.port}/terminal`
    expect(await upgrade(url, { origin: EVIL })).toBe(403)
    expect(await upgrade(url, { origin: 'null' })).toBe(403)
    expect(await upgrade(`ws://127.0.0.1:${broker.port}/elsewhere`, {})).toBe(404)
  })

  it('may read what kind of broker this is when the operator allowed it, and nothing else', async () => {
    const broker = await testBroker({ 'allowed-origins': 'https://friend.example' })
    const readable = async (path: string, origin: string) =>
      (await fetch(`${broker.url}${path}`, { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      )
    expect(await readable('/broker.json', 'https://friend.example')).toBe('https://friend.example')
    expect(await readable('/broker.json', EVIL)).toBe(null)
    for (const path of ['/healthz', '/operator/overview', '/'])
      expect(await readable(path, 'https://friend.example')).toBe(null)
  })

  it('gets in when the operator allowed it, as do our own pages and clients that are no pages', async () => {
    const broker = await testBroker({
      'allowed-origins': 'https://friend.example',
      'public-url': 'https://term.example',
    })
    const { port } = broker
    const ours = [`http://localhost:${port}`, `http://127.0.0.1:${port}`, 'https://term.example']
    for (const origin of [...ours, 'https://friend.example']) {
      expect(await upgrade(`ws://127.0.0.1:${port}/terminal`, { origin })).toBe(101)
      const socket = await connect(broker.url, {}, { transports: ['polling'], extraHeaders: { origin } })
      socket.close()
    }
    await openTerminal(port)
  })
})

describe('a name that is not ours', () => {
  it('is refused everywhere, for it may be a rebound one', async () => {
    const broker = await testBroker({ 'public-url': 'https://term.example' })
    const { port } = broker
    const evil = { host: `evil.example:${port}`, origin: `http://evil.example:${port}` }
    expect(await get(port, '/broker.json', { host: evil.host })).toBe(421)
    expect(await upgrade(`ws://127.0.0.1:${port}/terminal`, evil)).toBe(421)
    expect(await upgrade(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, evil)).toBe(400)
    for (const host of [`127.0.0.1:${port}`, 'localhost', '[::1]:80', '192.168.1.9:6969', 'term.example']) {
      expect(await get(port, '/broker.json', { host })).toBe(200)
    }
    for (const host of ['term.example@evil.example', 'localhost/x', 'local host']) {
      expect(await get(port, '/broker.json', { host })).not.toBe(200)
    }
  })
})

describe('a request that two readers might take for two hosts', () => {
  /** Sends these lines as they are; answers with the first line of the response. */
  const firstLine = (port: number, ...lines: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTcp(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
      socket.once('data', (chunk) => {
        resolve(chunk.toString().split('\r\n')[0] ?? '')
        socket.destroy()
      })
      socket.once('error', reject)
    })
  const UPGRADE = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]

  it('is malformed: two Host headers, or a target that names another host than Host does', async () => {
    const { port } = await testBroker()
    const paths = ['/broker.json', '/healthz', '/', '/socket.io/?EIO=4&transport=polling', '/nope']
    for (const path of paths) {
      const two = await firstLine(port, `GET ${path} HTTP/1.1`, 'Host: localhost', 'host: localhost')
      expect(two, path).toMatch(/^HTTP\/1\.1 400 /)
      const other = await firstLine(port, `GET ${path} HTTP/1.1`, 'Host: localhost', 'HOST: evil.example')
      expect(other, path).toMatch(/^HTTP\/1\.1 400 /)
      for (const host of ['evil.example', 'localhost:1', 'user@localhost'])
        expect(await firstLine(port, `GET http://${host}${path} HTTP/1.1`, 'Host: localhost'), host).toMatch(
          /^HTTP\/1\.1 400 /,
        )
    }
    for (const path of ['/terminal', '/socket.io/?EIO=4&transport=websocket']) {
      const two = ['Host: localhost', 'Host: localhost']
      expect(await firstLine(port, `GET ${path} HTTP/1.1`, ...two, ...UPGRADE)).toMatch(/^HTTP\/1\.1 400 /)
    }
    const line = `GET http://localhost:${port}/broker.json HTTP/1.1`
    expect(await firstLine(port, line, `Host: localhost:${port}`)).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe('the pages', () => {
  it('come with a strict policy, and are kept by browsers only when their name tells their content', async () => {
    const broker = await testBroker()
    const web = join(broker.dataDir, 'web')
    mkdirSync(join(web, 'assets'), { recursive: true })
    writeFileSync(join(web, 'index.html'), '<!doctype html><title>Latchkey</title>')
    writeFileSync(join(web, 'sw.js'), '')
    writeFileSync(join(web, 'assets', 'app-1a2b3c.js'), '')
    for (const path of ['/', '/p', '/console']) {
      const response = await fetch(broker.url + path)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('Latchkey')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      const policy = response.headers.get('content-security-policy')
      for (const rule of ["script-src 'self'", "connect-src 'self' ws: wss:", "frame-ancestors 'none'"]) {
        expect(policy).toContain(rule)
      }
      expect(policy).not.toMatch(/script-src[^;]*unsafe/)
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('x-powered-by')).toBeNull()
    }
    const hashed = await fetch(`${broker.url}/assets/app-1a2b3c.js`)
    expect(hashed.headers.get('cache-control')).toContain('immutable')
    expect((await fetch(`${broker.url}/sw.js`)).headers.get('cache-control')).toBe('no-cache')
    for (const path of ['/nope', '/assets/nope.js', '/..%2f..%2fbroker.sqlite', '/%2e%2e/signing-key']) {
      expect((await fetch(broker.url + path)).status).toBe(404)
    }
    const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
    const forPerson = await fetch(`${broker.url}/nope/deep`, { headers: { accept } })
    expect([forPerson.status, await forPerson.text()]).toEqual([404, expect.stringContaining('Latchkey')])
    const forProgram = await fetch(`${broker.url}/nope`, { headers: { accept: 'application/json' } })
    expect(forProgram.headers.get('content-type')).toBe('application/problem+json')
    const posted = await fetch(`${broker.url}/nope`, { method: 'POST', headers: { accept } })
    expect(posted.headers.get('content-type')).toBe('application/problem+json')
  })

  it('learn what they talk to from broker.json, which holds no secret', async () => {
    const broker = await testBroker()
    const info = brokerInfo.parse(await (await fetch(`${broker.url}/broker.json`)).json())
    expect(info).toMatchObject({ name: 'latchkey', protocol: 1 })
    expect((await fetch(`${broker.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${broker.url}/readyz`)).status).toBe(200)
  })
})

describe('who takes too much', () => {
  it('gets no more connections than one address may have', async () => {
    const broker = await testBroker({ 'limit-sockets': '10' })
    const sockets = Array.from({ length: 20 }, () => connectTcp(broker.port, '127.0.0.1'))
    let closed = 0
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.on('close', () => closed++)
    }
    await until('the surplus to be closed', () => closed === 10)
    for (const socket of sockets) socket.destroy()
    await expect.poll(async () => (await fetch(`${broker.url}/healthz`).catch(() => null))?.status).toBe(200)
  })

  it('gets no more connections than there may be in all, from however many addresses, and the operator is told', async () => {
    const broker = await testBroker({ 'limit-sockets-total': '10' })
    const sockets = Array.from({ length: 25 }, (_, n) =>
      connectTcp({ port: broker.port, host: '127.0.0.1', localAddress: `127.0.1.${n + 1}` }),
    )
    let closed = 0
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.on('close', () => closed++)
    }
    await until('the surplus to be closed', () => closed === 15)
    expect(broker.log.filter((line) => line.includes('connections.full'))).toHaveLength(1)
    for (const socket of sockets) socket.destroy()
    await until(
      'room again',
      async () => (await fetch(`${broker.url}/healthz`).catch(() => null))?.status === 200,
    )
  })

  it('is one address where it has a whole IPv6 /64', async () => {
    const broker = await testBroker({ 'limit-sockets': '3', 'trusted-proxies': '127.0.0.1' })
    const from = (host: string) =>
      upgrade(`ws://127.0.0.1:${broker.port}/elsewhere`, { 'x-forwarded-for': host })
    const open = Array.from({ length: 3 }, (_, n) =>
      broker.connect({}, { extraHeaders: { 'x-forwarded-for': `2001:db8:1:2::${n + 1}` } }),
    )
    await Promise.all(open)
    expect(await from('[2001:db8:1:2::99]:4711')).toBe(429)
    expect(await from('2001:db8:1:3::1')).toBe(404)
  })

  it('is closed after more control messages than a connection may send', async () => {
    const broker = await testBroker({ 'limit-messages': '20' })
    const client = await broker.connect()
    for (let n = 0; n < 200; n++) client.socket.emit('app:pairing:status')
    expect(await client.ended).toBe('transport close')
    await broker.connect()
  })

  it('is closed by a message of more than 64 KiB, in text or binary, and others do not notice', async () => {
    const broker = await testBroker()
    const runner = await broker.connect()
    await registerFounding(runner, broker, 'runner-1', code(1))
    for (const payload of [
      'x'.repeat(64 * 1024 + 1),
      'x'.repeat(10_000_000),
      Buffer.alloc(70_000),
      Buffer.alloc(10),
    ]) {
      const client = await broker.connect()
      client.socket.emit('app:pair', payload)
      await client.ended
    }
    expect(await runner.call('runner:heartbeat', { runnerId: 'runner-1' })).toMatchObject({ success: true })
  })

  it('and dawdles with its request, or says nothing, is cut', async () => {
    const broker = await testBroker()
    await Promise.all(
      [
        '',
        'GET / HTTP/1.1\r\nHost: lo',
        'POST /operator/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{',
      ].map(
        (text) =>
          new Promise<void>((resolve) => {
            const socket = connectTcp(broker.port, '127.0.0.1', () => socket.write(text))
            socket.on('error', () => {})
            socket.on('close', () => resolve())
            socket.resume()
          }),
      ),
    )
    const url = `ws://127.0.0.1:${broker.port}/socket.io/?EIO=4&transport=websocket`
    const silent = new WebSocket(url)
    await new Promise((resolve) => silent.on('close', resolve))
    expect(silent.readyState, 'no namespace was asked for').toBe(WebSocket.CLOSED)
  })
})

it('the client address is the one that a trusted proxy names, and nobody else can name one', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
  const trusting = await testBroker({ 'trusted-proxies': '127.0.0.0/8' })
  const runner = await trusting.connect()
  await registerFounding(runner, trusting, 'runner-1', code(1))
  const app = await trusting.connect({}, { extraHeaders: forwarded })
  await app.call('app:pair', { pairingCode: code(1) })
  expect(await runner.next('runner:app:paired')).toMatchObject({ address: '198.51.100.7' })

  const unnamed = (broker: typeof trusting) =>
    broker.log.filter((line) => line.includes('proxies.client-unknown'))
  expect(unnamed(trusting)).toEqual([])

  const plain = await testBroker()
  const other = await plain.connect()
  await registerFounding(other, plain, 'runner-1', code(1))
  const liar = await plain.connect({}, { extraHeaders: forwarded })
  await liar.call('app:pair', { pairingCode: code(1) })
  expect(await other.next('runner:app:paired')).toMatchObject({ address: '127.0.0.1' })
  await fetch(`${plain.url}/healthz`, { headers: forwarded })
  expect(unnamed(plain), 'the operator is told once that a proxy is not named').toHaveLength(1)
})

it('a self-signed certificate is made at first start and kept', async () => {
  const { Agent, get: getTls } = await import('node:https')
  const broker = await testBroker({ https: 'self-signed' })
  const fingerprint = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const asked = getTls(
        { host: '127.0.0.1', port, path: '/healthz', agent: new Agent({ rejectUnauthorized: false }) },
        (response) => {
          const { socket } = response
          response.resume()
          resolve(socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.fingerprint256 ?? '') : '')
        },
      )
      asked.on('error', reject)
    })
  const first = await fingerprint(broker.port)
  expect(first).toMatch(/^[0-9A-F:]{95}$/)
  expect(broker.broker.url).toMatch(/^https:/)
  const again = await broker.restart()
  expect(await fingerprint(again.port)).toBe(first)
})
