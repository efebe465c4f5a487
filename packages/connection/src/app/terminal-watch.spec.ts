import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import { expect, it } from 'vitest'
import type { Platform } from '../transport.ts'
import { HELD_AFTER_MS } from './input-queue.ts'
import type { TerminalSink } from './link.ts'
import { Watch, type WatchWire } from './terminal-watch.ts'

const SIZE = { cols: 80, rows: 24 }
const SINK: TerminalSink = {
  write: () => {},
  reset: () => {},
  gap: () => {},
  size: () => {},
  exited: () => {},
  gone: () => {},
}

/** A watch whose machine is played by the test. */
function watched() {
  const time = { nowMs: 1_000_000 }
  let drawn = 0
  const platform = {
    nowMs: () => time.nowMs,
    after: () => () => {},
    randomBytes: (count: number) => new Uint8Array(count).fill(++drawn),
  } as unknown as Platform
  const said: AppMessage[] = []
  const typed: { seq: number; text: string }[] = []
  const wire: WatchWire = {
    platform,
    send: (message) => void said.push(message),
    sendInput: (_, seq, bytes) => void typed.push({ seq, text: new TextDecoder().decode(bytes) }),
    wishSize: () => {},
    writable: true,
    mayType: true,
    scrollback: () => Promise.resolve(null),
    detached: () => {},
    changed: () => {},
  }
  const watch = new Watch(1, SIZE, SINK, wire)
  const attachment = () => {
    const message = watch.attachment()
    if (message.type !== 'attach') throw new Error(message.type)
    return message
  }
  const lastSaid = () => {
    const message = said.findLast(({ type }) => type === 'attach')
    if (message?.type !== 'attach') throw new Error('no attachment was said')
    return message
  }
  const type = (text: string) => watch.type(new TextEncoder().encode(text))
  return { time, watch, typed, attachment, lastSaid, type }
}

it('a writer whose input was discarded is named as given up until the machine has answered', () => {
  const { time, watch, typed, attachment, lastSaid, type } = watched()
  const first = attachment()
  watch.attached(0, 0)
  type('old')
  watch.lost()
  time.nowMs += HELD_AFTER_MS + 1
  expect(attachment()).not.toHaveProperty('gaveUp')
  watch.attached(0, 0)
  expect(watch.held.current?.byteCount).toBe(3)
  watch.discardHeld()
  expect(lastSaid()).toMatchObject({ gaveUp: [first.writer] })
  expect(lastSaid().writer).not.toBe(first.writer)
  // The answer was lost with the connection: it is said again.
  watch.lost()
  expect(attachment()).toMatchObject({ gaveUp: [first.writer] })
  watch.attached(0, 0)
  expect(attachment()).not.toHaveProperty('gaveUp')
  type('new')
  expect(typed).toEqual([
    { seq: 0, text: 'old' },
    { seq: 0, text: 'new' },
  ])
})

it('within one connection nobody is asked about input that a slow program has not taken for long', () => {
  const { time, watch, typed, attachment, lastSaid, type } = watched()
  attachment()
  watch.attached(0, 0)
  type('slow')
  time.nowMs += 60_000
  watch.inputGap()
  expect(lastSaid().terminal).toBe(1)
  watch.attached(0, 0)
  expect(watch.held.current).toBe(null)
  expect(typed.map(({ text }) => text)).toEqual(['slow', 'slow'])
})

it('after a lost connection a person is asked about input that is older than ten seconds, and not about younger', () => {
  for (const { agesMs, held } of [
    { agesMs: 10_000, held: 0 },
    { agesMs: 10_001, held: 3 },
    { agesMs: 60_000, held: 3 },
  ]) {
    const { time, watch, attachment, type } = watched()
    attachment()
    watch.attached(0, 0)
    type('old')
    watch.lost()
    time.nowMs += agesMs
    attachment()
    watch.attached(0, 0)
    expect(watch.held.current?.byteCount ?? 0).toBe(held)
  }
})
