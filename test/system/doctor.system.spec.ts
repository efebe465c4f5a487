import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { atCleanUp, cleanUp, testBroker } from '../../apps/broker/src/testing/harness.ts'
import type { Finding } from '../../apps/cli/src/doctor/finding.ts'
import { judgeBuffering, judgeName, judgeTls, judgeUpgrade } from '../../apps/cli/src/doctor/way.ts'
import { latchkey, Program, temporaryFolder } from './up-process.ts'

afterEach(cleanUp)

/** A proxy before the broker. @param pass what it does with the bytes of one connection */
async function proxyOf(port: number, pass: (client: Socket, broker: Socket) => void): Promise<string> {
  const server = createServer((client) => {
    const broker = connect(port, '127.0.0.1')
    for (const end of [client, broker]) {
      end.on('error', () => {})
      atCleanUp(() => end.destroy())
    }
    client.on('close', () => broker.destroy())
    broker.on('close', () => client.end())
    pass(client, broker)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atCleanUp(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function upgradeOf(url: string, withIdle: boolean): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for await (const finding of judgeUpgrade(url, withIdle)) found.push(finding)
  return found
}

const statesOf = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ check, state }) => [check, state]))

describe('the way to the broker', () => {
  it('without a proxy passes upgrades, silence and slow answers', async () => {
    const { url } = await testBroker()
    expect(statesOf([...(await upgradeOf(url, true)), await judgeBuffering(url)])).toEqual({
      upgrade: 'ok',
      idle: 'ok',
      buffering: 'ok',
    })
  })

  it('through a proxy that passes no upgrade is broken, with the answer and the recipe', async () => {
    const { port } = await testBroker()
    const url = await proxyOf(port, (client, broker) => {
      client.on('data', (bytes: Buffer) =>
        broker.write(bytes.toString('latin1').replace(/^(upgrade|connection): .*\r\n/gim, ''), 'latin1'),
      )
      broker.pipe(client)
    })
    expect(await upgradeOf(url, true)).toMatchObject([
      {
        check: 'upgrade',
        state: 'broken',
        text: expect.stringMatching(/answer was 400 instead of 101/),
        next: expect.stringContaining('docs/recipes/reverse-proxy.md'),
      },
    ])
  })

  it('through a proxy that cuts after a second of silence warns, with that time and the setting', async () => {
    const { port } = await testBroker()
    const url = await proxyOf(port, (client, broker) => {
      client.pipe(broker)
      broker.pipe(client)
      client.setTimeout(1_000, () => client.destroy())
    })
    const [upgrade, idle] = await upgradeOf(url, true)
    expect(upgrade).toMatchObject({ check: 'upgrade', state: 'ok' })
    expect(idle).toMatchObject({
      check: 'idle',
      state: 'warn',
      text: expect.stringMatching(/cut after \d+ s of silence/),
      next: expect.stringContaining('proxy_read_timeout'),
    })
  })

  it('through a proxy that holds answers back warns, with the setting', async () => {
    const { port } = await testBroker()
    const url = await proxyOf(port, (client, broker) => {
      client.on('data', (bytes: Buffer) =>
        broker.write(
          bytes.toString('latin1').replace(/^connection: .*\r\n/im, 'connection: close\r\n'),
          'latin1',
        ),
      )
      const held: Buffer[] = []
      broker.on('data', (bytes: Buffer) => held.push(bytes))
      broker.on('end', () => client.end(Buffer.concat(held)))
    })
    expect(await judgeBuffering(url)).toMatchObject({
      state: 'warn',
      next: expect.stringContaining('proxy_buffering off'),
    })
  })

  it('by a name that has no address, or with a certificate that is not trusted, is broken', async () => {
    const named = await judgeName(new URL('https://broker.invalid'))
    expect(named).toMatchObject([{ check: 'name', state: 'broken', next: expect.stringContaining('DNS') }])
    const { port } = await testBroker({ https: 'self-signed' })
    const trusted = await judgeTls(new URL(`https://127.0.0.1:${port}`))
    expect(trusted).toMatchObject([
      {
        check: 'TLS',
        state: 'broken',
        text: expect.stringMatching(/^1\.\d, certificate ends \d{4}-.* not trusted/),
        next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      },
    ])
  })
})

describe('latchkey doctor', () => {
  it('trusts the certificate that the broker of this data folder made for itself', async () => {
    const { port, dataDir } = await testBroker({ https: 'self-signed' })
    const url = `https://127.0.0.1:${port}`
    const args = ['doctor', '--quick', '--json', '--broker', url, '--data-dir', dataDir]
    const { stdout } = await latchkey(args)
    expect(stdout).toContain('"check":"TLS","state":"ok"')
    expect(stdout).toContain('"check":"upgrade","state":"ok"')
  })

  it('finds a broker in order, and says each finding as JSON', async () => {
    const { url } = await testBroker()
    const folder = temporaryFolder()
    atCleanUp(folder.remove)
    chmodSync(folder.path, 0o700)
    const { exitCode, stdout } = await latchkey([
      'doctor',
      '--json',
      '--quick',
      '--broker',
      url,
      '--data-dir',
      folder.path,
    ])
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(found.filter(({ state }) => state === 'broken')).toEqual([])
    expect(Object.fromEntries(found.map(({ check, state }) => [check, state]))).toMatchObject({
      broker: 'ok',
      ready: 'ok',
      clock: 'ok',
      push: 'left-out',
      upgrade: 'ok',
      idle: 'left-out',
      buffering: 'ok',
      node: 'ok',
      shell: 'ok',
      phone: 'left-out',
    })
    expect(exitCode).toBe(0)
  })

  it('waits until another device opens the shown URL, which needs no sign-in', async () => {
    const { url } = await testBroker()
    const folder = temporaryFolder()
    atCleanUp(folder.remove)
    const args = ['doctor', '--phone', '--quick', '--broker', url, '--data-dir', folder.path]
    const doctor = new Program(args)
    const { url: shown } = await doctor.next(({ event }) => event === 'doctor-visit')
    const page = await fetch(String(shown))
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await doctor.next(({ check }) => check === 'phone')).toMatchObject({ state: 'ok' })
    expect(await doctor.ended()).toBe(0)
    expect((await fetch(`${url}/d/${'a'.repeat(22)}`)).status).toBe(404)
  })

  it('without an answering broker says so, gives the next step, and ends with 3', async () => {
    const { url, stop } = await testBroker()
    await stop()
    const folder = temporaryFolder()
    atCleanUp(folder.remove)
    const { exitCode, stdout } = await latchkey(['doctor', '--broker', url, '--data-dir', folder.path])
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/XX +broker +.*cannot be reached/)
    expect(stdout).toContain('next: start it with npx latchkey up')
  })
})
