import { InputQueue } from '@latchkey/connection/app/input-queue'
import { expect, test } from 'vitest'
import { WaitingKeys } from './waiting-keys.ts'

const MiB = 1024 * 1024

/** A queue as a watch has it, attached to a machine that has applied nothing yet. */
function fullQueue() {
  const queue = new InputQueue()
  queue.resume(0, 0)
  const keys = new WaitingKeys((bytes) => (queue.type(bytes, 0) ? 'taken' : 'full'))
  expect(keys.type(new Uint8Array(MiB - 1).fill(46))).toBe('taken')
  return { queue, keys }
}
const bytes = (text: string) => new TextEncoder().encode(text)

/** Lets the machine take everything, piece by piece, and answers with what it got after the paste. */
function received(queue: InputQueue, keys: WaitingKeys): string {
  const parts: number[] = []
  for (let slice = queue.next(4_096); slice !== null; slice = queue.next(4_096)) {
    parts.push(...slice.bytes)
    queue.acknowledge(slice.seq + slice.bytes.length)
    keys.drain()
  }
  return new TextDecoder().decode(Uint8Array.from(parts).subarray(MiB - 1))
}

test('keys typed while a paste fills the queue all arrive, in their order', () => {
  const { queue, keys } = fullQueue()
  for (const key of 'rm -rf /tmp/old') expect(keys.type(bytes(key))).toBe('taken')
  expect(keys.isEmpty).toBe(false)
  expect(received(queue, keys)).toBe('rm -rf /tmp/old')
  expect(keys.isEmpty).toBe(true)
})

test('another long paste is refused as a whole, and leaves what waits alone', () => {
  const { queue, keys } = fullQueue()
  expect(keys.type(bytes('ab'))).toBe('taken')
  expect(keys.type(bytes('x'.repeat(5_000)))).toBe('full')
  expect(keys.type(bytes('c'))).toBe('taken')
  expect(received(queue, keys)).toBe('abc')
})

test('what waits has a bound', () => {
  const { keys } = fullQueue()
  let taken = 0
  while (keys.type(new Uint8Array(1_000)) === 'taken') taken++
  expect(taken).toBe(65)
})
