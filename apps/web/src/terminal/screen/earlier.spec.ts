import { expect, test } from 'vitest'
import { type EarlierSource, fetchEarlier, WISHED_LINES } from './earlier.ts'

/** A machine with 300 lines above its screen, and a page that has drawn some of them. */
function screen(drawn: number, writes = 0): EarlierSource & { readonly asked: number[] } {
  const state = { drawn, output: 0, writes }
  const asked: number[] = []
  return {
    asked,
    drawnLines: () => state.drawn,
    outputCount: () => state.output,
    isTyping: () => false,
    ask: async (lines) => {
      asked.push(lines)
      if (state.writes-- > 0) state.output++
      return new Uint8Array(Math.min(lines, 300))
    },
    drawUnder: async (history) => {
      state.drawn = history.length
    },
  }
}

test('more lines are drawn, once', async () => {
  const source = screen(20)
  expect(await fetchEarlier(source, WISHED_LINES)).toEqual({ more: 280, exhausted: false })
  expect(source.asked).toEqual([1_020])
})

test('when nothing is earlier it is said', async () => {
  expect(await fetchEarlier(screen(300), WISHED_LINES)).toEqual({ more: 0, exhausted: true })
})

test('output in between is tried again, not for ever', async () => {
  const once = screen(20, 1)
  expect(await fetchEarlier(once, WISHED_LINES)).toEqual({ more: 280, exhausted: false })
  expect(once.asked).toHaveLength(2)
  const always = screen(20, 99)
  await fetchEarlier(always, WISHED_LINES)
  expect(always.asked).toHaveLength(3)
})

test('input on its way is not risked', async () => {
  const source = { ...screen(20), isTyping: () => true }
  expect(await fetchEarlier(source, WISHED_LINES)).toEqual({ more: 0, exhausted: false })
})

test('a machine without any line above its screen is asked once, and nothing is drawn', async () => {
  const drawn: Uint8Array[] = []
  const source: EarlierSource = {
    ...screen(0),
    ask: async () => new Uint8Array(0),
    drawUnder: async (history) => void drawn.push(history),
  }
  expect(await fetchEarlier(source, WISHED_LINES)).toEqual({ more: 0, exhausted: true })
  expect(drawn).toEqual([])
})
