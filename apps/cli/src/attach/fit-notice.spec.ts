import { expect, it } from 'vitest'
import { fitNotice } from './fit-notice.ts'
import { rowsIn } from './screen.ts'

it('a terminal that is larger than the window in either way is said to be, with the key that mends it', () => {
  const window = { cols: 80, rows: 24 }
  expect(fitNotice({ cols: 118, rows: 34 }, window, true)?.sentence).toMatch(/118x34.*80x24.*~s/)
  expect(fitNotice({ cols: 80, rows: 25 }, window, true)?.title).toContain('~s')
  expect(fitNotice({ cols: 118, rows: 34 }, window, false)?.sentence).not.toContain('~s')
  expect(fitNotice({ cols: 80, rows: 24 }, window, true)).toBeNull()
  expect(fitNotice({ cols: 60, rows: 20 }, window, true)).toBeNull()
  expect(fitNotice(null, window, true)).toBeNull()
})

it('what is laid over the screen is wrapped in the window, and a word that is too long is cut', () => {
  expect(rowsIn(['~.  detach; the program runs on', 'b'], 14)).toEqual([
    '~.  detach;',
    'the program',
    'runs on',
    'b',
  ])
  expect(rowsIn(['aaaaaaa'], 3)).toEqual(['aaa', 'aaa', 'a'])
  expect(rowsIn(['aaa'], 0)).toEqual(['a', 'a', 'a'])
})
