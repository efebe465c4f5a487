import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { choosePort } from './port.ts'

const host = '127.0.0.1'

it('a taken port is passed over, unless somebody insisted on it', async () => {
  const holder = createServer().listen({ host, port: 0 })
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const next = await choosePort({ host, port, insisted: false })
  expect(next.ok && next.port > port).toBe(true)
  expect(await choosePort({ host, port, insisted: true })).toEqual({ ok: false, reason: 'taken' })
  holder.close()
})

it('port 0 stays any free port', async () => {
  expect(await choosePort({ host, port: 0, insisted: true })).toEqual({ ok: true, port: 0 })
})

it('an address of another machine is told apart from a taken port', async () => {
  const nowhere = { host: '192.0.2.1', port: 6969, insisted: false }
  expect(await choosePort(nowhere)).toEqual({ ok: false, reason: 'no-such-address' })
})
