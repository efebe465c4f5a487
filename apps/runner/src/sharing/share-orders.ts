import type { ShareWish } from '@latchkey/domain/sharing/share'
import type { ListedShare } from '@latchkey/protocol/terminal/shares'
import { findTerminal } from '../terminal/record-orders.ts'
import type { Terminals } from '../terminal/terminals.ts'
import type { ShareBook, SharedTerminals } from './share-book.ts'

/** What became of an order. `brokerUrl`: where the page for guests is, as this machine knows */
export type ShareAnswer =
  | {
      readonly ok: true
      readonly shares: (ListedShare & { readonly name: string })[]
      readonly fragment?: string
      readonly brokerUrl?: string
    }
  | {
      readonly ok: false
      readonly code: 'NO_SUCH_TERMINAL' | 'AMBIGUOUS' | 'FAILED' | 'NO_SUCH_SHARE'
      readonly message: string
    }

/** The owner's orders about share links. */
export interface ShareOrders {
  /** @param wish.terminal a terminal's number or its name */
  readonly open: (wish: Omit<ShareWish, 'terminal'> & { readonly terminal: string }) => Promise<ShareAnswer>
  readonly list: () => ShareAnswer
  /** @param said its id or the first characters of it; null: all */
  readonly end: (said: string | null) => ShareAnswer
}

export const shareOrders = (terminals: Terminals, book: ShareBook, brokerUrl: string): ShareOrders => {
  const named = (share: ListedShare) => ({
    ...share,
    guests: [...share.guests],
    name: terminals.get(share.terminal)?.info.name ?? '',
  })
  return {
    list: () => ({ ok: true, shares: book.list.map(named) }),
    open: async ({ terminal: said, ...wish }) => {
      const found = findTerminal(terminals, said)
      if (!found.ok) return found
      const { number } = found.terminal
      const opened = await book.open({ ...wish, terminal: number })
      if (!opened.ok) return opened
      return { ok: true, shares: [named(opened.share)], fragment: opened.fragment, brokerUrl }
    },
    end: (said) => {
      const ended = book.list.filter(({ share }) => said === null || (said !== '' && share.startsWith(said)))
      if (said !== null && ended.length === 0)
        return { ok: false, code: 'NO_SUCH_SHARE', message: 'No link of that id is open here.' }
      if (said !== null && ended.length > 1)
        return {
          ok: false,
          code: 'AMBIGUOUS',
          message: `${ended.length} links begin so. Say more of the id.`,
        }
      const shares = ended.map(named)
      for (const { share } of shares) book.end(share)
      return { ok: true, shares }
    },
  }
}

/** What links need to know of these terminals. */
export const sharedTerminals = (terminals: Terminals): SharedTerminals => ({
  startedAtMs: (number) => terminals.startedAtMs(number),
  isWatchedBy: (number, app) =>
    terminals.get(number)?.info.watchers.some((watcher) => watcher.app === app) === true,
})
