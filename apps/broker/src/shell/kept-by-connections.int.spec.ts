import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { io } from 'socket.io-client'
import { expect, it, onTestFinished } from 'vitest'
import { forgetRequest } from './forget-request.ts'
import { hear } from './hear.ts'

/** One connection to a server of Socket.IO alone, as both ends have it. */
async function connection(): Promise<{ readonly near: Socket; readonly far: ReturnType<typeof io> }> {
  const http = createServer()
  const server = new Server(http, { transports: ['websocket'] })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const arrived = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const far = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], reconnection: false })
  onTestFinished(async () => {
    far.disconnect()
    await server.close()
  })
  return { near: await arrived, far }
}

it('a connection that is identified keeps neither its request nor its headers, and goes on', async () => {
  const { near, far } = await connection()
  expect(near.handshake.headers).toHaveProperty('host')
  forgetRequest(near)
  expect(near.request).toBeNull()
  expect(near.handshake.headers).toEqual({})
  hear(near, { ask: async (_, { ack }) => ack?.('answered') }, () => ({}))
  expect(await far.emitWithAck('ask')).toBe('answered')
})

it('a connection has no listener for each call that it may make', async () => {
  const { near } = await connection()
  const calls = { one: async () => {}, two: async () => {}, three: async () => {} }
  hear(near, calls, () => ({}))
  expect(near.eventNames().filter((name) => Object.hasOwn(calls, name))).toEqual([])
})
