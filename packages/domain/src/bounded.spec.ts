import { describe, expect, test } from 'vitest'
import { BoundedMap, BoundedSet } from './bounded.ts'

describe('a bounded map', () => {
  test('forgets what was added first, and never holds more than its bound', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1).set('b', 2).set('c', 3)
    expect([...map]).toEqual([
      ['b', 2],
      ['c', 3],
    ])
  })

  test('keeps the place of a key that is set again, and moves one that is renewed', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1).set('b', 2).set('a', 3)
    expect([...map.keys()]).toEqual(['a', 'b'])
    map.renew('a', 4)
    expect([...map]).toEqual([
      ['b', 2],
      ['a', 4],
    ])
  })
})

test('a bounded set forgets what was added first', () => {
  const set = new BoundedSet<string>(2)
  set.add('a').add('b').add('a').add('c')
  expect([...set]).toEqual(['b', 'c'])
})
