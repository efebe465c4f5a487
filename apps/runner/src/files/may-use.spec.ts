import { expect, it } from 'vitest'
import { type FileUse, mayUse } from './may-use.ts'

const USES: readonly FileUse[] = ['send', 'fetch', 'ports']
const may = (mayType: boolean, maySend: boolean) => USES.filter((use) => mayUse({ mayType, maySend }, use))

it('an app that may type uses all of it, one that was given sending sends, another one nothing', () => {
  expect(may(true, false)).toEqual(USES)
  expect(may(false, true)).toEqual(['send'])
  expect(may(false, false)).toEqual([])
})
