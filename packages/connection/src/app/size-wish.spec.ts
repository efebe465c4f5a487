import { expect, it } from 'vitest'
import { handPlatform } from '../hand-platform.fixture.ts'
import { SizeWish } from './size-wish.ts'

const size = (cols: number, rows = 24) => ({ cols, rows })

function wish() {
  const hand = handPlatform()
  const told: object[] = []
  return { ...hand, told, made: new SizeWish(size(80), hand.platform, (wanted) => told.push(wanted)) }
}

it('of many sizes within 150 ms the last one is told, once', async () => {
  const { made, told, passes } = wish()
  made.set(size(90))
  await passes(100)
  made.set(size(91))
  made.set(size(92))
  await passes(49)
  expect(told).toEqual([])
  await passes(1)
  expect(told).toEqual([size(92)])
  await passes(1_000)
  expect(told).toHaveLength(1)
})

it('the size that is wanted already is not told', async () => {
  const { made, told, passes } = wish()
  made.set(size(80))
  await passes(1_000)
  expect(told).toEqual([])
})

it('a size that was told by other means leaves nothing to tell, and neither does the end', async () => {
  const { made, told, passes } = wish()
  made.set(size(90))
  made.setNow(size(100))
  expect(made.wanted).toEqual(size(100))
  made.set(size(110))
  made.end()
  await passes(1_000)
  expect(told).toEqual([])
})
