import type { AccountView } from '@latchkey/protocol/accounts-api'
import { expect, it } from 'vitest'
import { inOrder, ordersFor } from './account-order.ts'

const account = (id: string, state: AccountView['state'], more: Partial<AccountView> = {}): AccountView => ({
  id,
  companyId: null,
  companyName: null,
  maskedPhone: '+7 ••• 41',
  state,
  since: null,
  reason: null,
  advice: 'none',
  retryAt: null,
  linkedAt: null,
  ...more,
})

it('what needs a person stands first, and what never began is left out', () => {
  const all = [
    account('b', 'connected'),
    account('never', 'idle', { maskedPhone: null }),
    account('a', 'connected'),
    account('out', 'logged_out'),
    account('away', 'reconnecting'),
    account('off', 'stopped'),
  ]
  expect(inOrder(all).map(({ id }) => id)).toEqual(['off', 'out', 'away', 'a', 'b'])
})

it.each([
  ['connected', {}, ['unlink']],
  ['reconnecting', { retryAt: 5 }, ['tryNow', 'unlink']],
  // It is being tried already.
  ['reconnecting', { retryAt: null }, ['unlink']],
  ['stopped', { advice: 'reconnect' }, ['tryNow', 'unlink']],
  // WhatsApp said until when.
  ['stopped', { advice: 'wait' }, ['unlink']],
  ['replaced', {}, ['unlink', 'link']],
  ['qr', {}, ['cancel']],
  ['logged_out', {}, ['link']],
  ['finishing', {}, []],
  ['unlinking', {}, []],
  ['elsewhere', {}, []],
] as const)('%s with %j may be answered by %j', (state, more, wanted) => {
  const orders = Object.entries(ordersFor(account('a', state, more)))
  expect(orders.flatMap(([order, may]) => (may ? [order] : []))).toEqual(wanted)
})
