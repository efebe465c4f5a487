import { expect, it } from 'vitest'
import { services } from '../testing/services.ts'

it('PairingHistoryService answers with nothing while nothing happened', async () => {
  const { history } = await services()
  expect(await history.getHistory()).toEqual([])
})
