import { expect, it } from 'vitest'
import { NextCipher } from './next-cipher.ts'

const key = new Uint8Array(32).fill(7)

function made() {
  const waiting: (() => void)[] = []
  const counters: number[] = []
  const next = new NextCipher<string>({
    make: (withKey, counter) => {
      expect(withKey).toBe(key)
      counters.push(counter)
      return `cipher ${counter}`
    },
    later: (run) => void waiting.push(run),
  })
  return { next, counters, waiting, idle: () => waiting.splice(0).forEach((run) => run()) }
}

it('a cipher is there once nothing else was to do, for its own counter, once', () => {
  const { next, idle } = made()
  next.want(key, 5)
  expect(next.take(5)).toBe(null)
  next.want(key, 6)
  idle()
  expect(next.take(6)).toBe('cipher 6')
  expect(next.take(6)).toBe(null)
})

it('a cipher that was made for another frame is given to nobody', () => {
  const { next, idle } = made()
  next.want(key, 5)
  idle()
  expect(next.take(7)).toBe(null)
  expect(next.take(5)).toBe(null)
})

it('in a rush only the last wish counts, and is waited for once', () => {
  const { next, counters, waiting, idle } = made()
  for (let counter = 0; counter < 100; counter++) next.want(key, counter)
  expect(waiting).toHaveLength(1)
  idle()
  expect(counters).toEqual([99])
})

it('nothing is made with a key that is over', () => {
  const { next, counters, idle } = made()
  next.want(key, 0)
  next.forget()
  idle()
  expect(counters).toEqual([])
  next.want(key, 1)
  idle()
  next.forget()
  expect(next.take(1)).toBe(null)
})
