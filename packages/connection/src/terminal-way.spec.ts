import { shardOf } from '@latchkey/protocol/terminal/shard'
import { describe, expect, it } from 'vitest'
import { TerminalWay } from './terminal-way.ts'
import type { BinarySocket } from './transport.ts'

const ends = { closed: 0 }
const socket: BinarySocket = {
  send: () => {},
  close: () => void ends.closed++,
  bufferedBytes: 0,
  onFrame: () => {},
  onEnd: () => {},
}

function world(brokerUrl: string) {
  const tried: string[] = []
  const closed = new Set<string>()
  const time = { now: 1_000 }
  const timers = new Set<() => void>()
  const way = new TerminalWay(brokerUrl, {
    nowMs: () => time.now,
    after: (_, run) => {
      timers.add(run)
      return () => timers.delete(run)
    },
    openSocket: (url) => {
      tried.push(url)
      return closed.has(new URL(url).host) ? Promise.reject(new Error('refused')) : Promise.resolve(socket)
    },
  })
  const open = (terminalUrl: string | null, runnerId: string | null = null) =>
    way.open({ ticket: 't', expiresAt: 0, ...(terminalUrl === null ? {} : { terminalUrl }) }, runnerId, 8_000)
  return { way, tried, closed, time, open, timers }
}

const NEAR = 'wss://near.example.com/terminal'

describe('a terminal connection', () => {
  it('goes where this end goes anyway, unless the ticket says more', async () => {
    const { tried, open } = world('https://term.example.com/latchkey')
    await open(null)
    expect(tried).toEqual(['wss://term.example.com/latchkey/terminal'])
  })

  it('says the shard of its runner, so that a load balancer may bring both ends together', async () => {
    const { tried, open } = world('https://term.example.com')
    await open(null, 'runner-1')
    await open(NEAR, 'runner-1')
    expect(tried).toEqual([
      `wss://term.example.com/terminal?r=${shardOf('runner-1')}`,
      `${NEAR}?r=${shardOf('runner-1')}`,
    ])
  })

  it('goes straight to the broker that the ticket names, and by the known way when that fails', async () => {
    const { tried, closed, open } = world('https://term.example.com')
    await open(NEAR)
    closed.add('near.example.com')
    await open(NEAR)
    expect(tried).toEqual([NEAR, NEAR, 'wss://term.example.com/terminal'])
  })

  it('does not try a direct way again that has just failed, but another one, and the same a minute later', async () => {
    const { tried, closed, time, open } = world('https://term.example.com')
    closed.add('near.example.com')
    await open(NEAR)
    tried.length = 0
    await open(NEAR)
    await open('wss://other.example.com/terminal')
    closed.clear()
    time.now += 60_000
    await open(NEAR)
    expect(tried).toEqual(['wss://term.example.com/terminal', 'wss://other.example.com/terminal', NEAR])
  })

  it('is never led from TLS to a way without it', async () => {
    const { tried, open } = world('https://term.example.com')
    await open('ws://near.example.com/terminal')
    expect(tried).toEqual(['wss://term.example.com/terminal'])
  })

  it('fails when no way is open', async () => {
    const { tried, closed, open } = world('http://term.example.com')
    closed.add('near.example.com').add('term.example.com')
    await expect(open(NEAR)).rejects.toThrow('refused')
    expect(tried).toHaveLength(2)
  })
})

describe('a connection that is prepared', () => {
  const USUAL = 'wss://term.example.com/terminal'

  it('is the next one, once', async () => {
    const { way, tried, open, timers } = world('https://term.example.com')
    way.prepare(null, 8_000)
    await open(null)
    expect(tried).toEqual([USUAL])
    expect(timers.size).toBe(0)
    await open(null)
    expect(tried).toEqual([USUAL, USUAL])
  })

  it('gives way to the broker that the ticket names, and is closed', async () => {
    const { way, tried, open } = world('https://term.example.com')
    const before = ends.closed
    way.prepare(null, 8_000)
    await open(NEAR)
    expect(tried).toEqual([USUAL, NEAR])
    await expect.poll(() => ends.closed).toBe(before + 1)
  })

  it('that failed, was lost or waited too long is replaced by another', async () => {
    const failed = world('https://term.example.com')
    failed.closed.add('term.example.com')
    failed.way.prepare(null, 8_000)
    failed.closed.clear()
    await failed.open(null)
    expect(failed.tried).toEqual([USUAL, USUAL])
    const lost = world('https://term.example.com')
    lost.way.prepare(null, 8_000)
    await expect.poll(() => lost.timers.size).toBe(1)
    const before = ends.closed
    for (const run of lost.timers) run()
    expect(ends.closed).toBe(before + 1)
    socket.onEnd()
    await lost.open(null)
    expect(lost.tried).toEqual([USUAL, USUAL])
  })
})
