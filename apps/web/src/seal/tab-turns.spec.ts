import { expect, it } from 'vitest'
import { inTabTurn, type TabTurns, TURN_MS_MAX } from './tab-turns.ts'

/** The storage that the tabs of one browser share, on a clock of its own: the tab whose wait ends first runs first. */
function browser() {
  const notes = new Map<string, string>()
  const waiting: { readonly atMs: number; readonly goOn: () => void }[] = []
  const leaving = new Set<() => void>()
  let nowMs = 1_000_000
  let ids = 0
  const tabs: TabTurns = {
    read: (name) => notes.get(name) ?? null,
    write: (name, note) => {
      if (note === null) notes.delete(name)
      else notes.set(name, note)
      return true
    },
    nowMs: () => nowMs,
    wait: (ms) => new Promise((goOn) => waiting.push({ atMs: nowMs + ms, goOn })),
    newId: () => `tab${ids++}`,
    onLeave: (run) => {
      leaving.add(run)
      return () => void leaving.delete(run)
    },
  }
  const pass = async (ms: number) => {
    const untilMs = nowMs + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      waiting.sort((a, b) => a.atMs - b.atMs)
      const next = waiting[0]
      if (next === undefined || next.atMs > untilMs) break
      waiting.shift()
      nowMs = Math.max(nowMs, next.atMs)
      next.goOn()
    }
    nowMs = untilMs
  }
  return { tabs, pass, notes, leaving }
}

it('tabs that come at once take turns, and leave nothing behind', async () => {
  const { tabs, pass, notes } = browser()
  let inside = 0
  const most: number[] = []
  const done = Promise.all(
    Array.from({ length: 5 }, () =>
      inTabTurn(tabs, 'machine', async () => {
        inside += 1
        most.push(inside)
        await tabs.wait(300)
        inside -= 1
      }),
    ),
  )
  await pass(10_000)
  await done
  expect(most).toEqual([1, 1, 1, 1, 1])
  expect(notes.size).toBe(0)
})

it('a tab that is loaded anew in its turn gives it back', async () => {
  const { tabs, pass, leaving } = browser()
  const seen: string[] = []
  void inTabTurn(tabs, 'machine', () => new Promise<void>(() => {}))
  await pass(100)
  for (const leave of leaving) leave()
  const next = inTabTurn(tabs, 'machine', async () => void seen.push('in'))
  await pass(100)
  await next
  expect(seen).toEqual(['in'])
  expect(leaving.size, 'only the tab that is gone').toBe(1)
})

it('another machine is another turn', async () => {
  const { tabs, pass } = browser()
  const seen: string[] = []
  void inTabTurn(tabs, 'one', () => new Promise<void>(() => {}))
  void inTabTurn(tabs, 'other', async () => void seen.push('other'))
  await pass(100)
  expect(seen).toEqual(['other'])
})

it('the turn of a tab that was killed in it ends by itself, and a failed one at once', async () => {
  const { tabs, pass } = browser()
  const seen: string[] = []
  void inTabTurn(tabs, 'machine', () => new Promise<void>(() => {}))
  await pass(100)
  const failing = inTabTurn(tabs, 'machine', () => Promise.reject(new Error('no'))).catch(() =>
    seen.push('failed'),
  )
  await pass(TURN_MS_MAX - 200)
  expect(seen).toEqual([])
  await pass(400)
  await failing
  void inTabTurn(tabs, 'machine', async () => void seen.push('next'))
  await pass(100)
  expect(seen).toEqual(['failed', 'next'])
})

it('a note from before the clock was set back, or of something else, holds nobody up', async () => {
  const { tabs, pass, notes } = browser()
  const seen: string[] = []
  notes.set('one', `tab9 ${tabs.nowMs() + TURN_MS_MAX + 1}`)
  notes.set('other', 'nonsense')
  void inTabTurn(tabs, 'one', async () => void seen.push('one'))
  void inTabTurn(tabs, 'other', async () => void seen.push('other'))
  await pass(100)
  expect(seen).toEqual(['one', 'other'])
})

it('where the browser keeps nothing, nobody waits', async () => {
  const { tabs } = browser()
  const keepsNothing: TabTurns = { ...tabs, write: () => false }
  expect(await inTabTurn(keepsNothing, 'machine', () => Promise.resolve('in'))).toBe('in')
})
