import { expect, it } from 'vitest'
import { inOrder, type ListedAccount } from './account-order.ts'

const account = (
  sessionId: string,
  state: ListedAccount['state'],
  maskedPhone: string | null = '+7 ••• 41',
): ListedAccount => ({
  sessionId,
  companyId: null,
  maskedPhone,
  state,
  linkedAt: null,
})

it('what needs a person stands first, and what never began is left out', () => {
  const all = [
    account('b', 'connected'),
    account('never', 'idle', null),
    account('a', 'connected'),
    account('out', 'logged_out'),
    account('away', 'reconnecting'),
    account('off', 'stopped'),
  ]
  expect(inOrder(all).map(({ sessionId }) => sessionId)).toEqual(['off', 'out', 'away', 'a', 'b'])
})
