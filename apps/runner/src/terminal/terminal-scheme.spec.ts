import { expect, it } from 'vitest'
import { TerminalScheme } from './terminal-scheme.ts'

function scheme() {
  const told: string[] = []
  const size: { owner: string | null } = { owner: null }
  const screen = { scheme: (isLight: boolean) => void told.push(isLight ? 'light' : 'dark') }
  const made = new TerminalScheme(
    () => size.owner,
    (tell) => tell(screen),
  )
  return { made, told, size }
}

it('is dark until an app says otherwise, and keeps the last theme when no app shows it any more', () => {
  const { made, told } = scheme()
  expect(made.isLight).toBe(false)
  made.shown('phone', 'light')
  made.shown('phone', 'light')
  made.hidden('phone')
  expect([made.isLight, told]).toEqual([true, ['light']])
})

it('of several apps the one decides that has the size, else the one that showed it or typed last', () => {
  const { made, told, size } = scheme()
  made.shown('phone', 'light')
  made.shown('desk', 'dark')
  made.typed('phone')
  expect(told).toEqual(['light', 'dark', 'light'])
  size.owner = 'desk'
  made.decide()
  made.typed('phone')
  expect(told).toEqual(['light', 'dark', 'light', 'dark'])
  made.hidden('desk')
  expect(made.isLight).toBe(true)
  made.typed('an app that never said')
  expect(made.isLight).toBe(true)
})
