import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import type { ShareBook } from './share-book.ts'

/** Share links for apps. Only one that may type, and seals, sees or makes them: it could do the same by typing. */
export function shareFeature(book: () => ShareBook | null): ChannelFeature {
  return {
    name: 'shares',
    hears: new Set(['shareTerminal', 'shareEnd']),
    streams: new Set(),
    joined: (app) => {
      const shares = book()
      return shares === null || !app.mayType || !app.sealed ? NOTHING : joinedOf(app, shares)
    },
  }
}

const NOTHING: AppFeature = { hear: () => {}, left: () => {} }

function joinedOf(app: FeatureApp, book: ShareBook): AppFeature {
  const tell = () => app.tell({ type: 'shares', shares: [...book.list] })
  const stopHearing = book.subscribe(tell)
  tell()
  return {
    hear: (message) => void answer(message, app, book),
    left: stopHearing,
  }
}

async function answer(message: AppFeatureMessage, app: FeatureApp, book: ShareBook): Promise<void> {
  if (message.type === 'shareEnd') book.end(message.share)
  if (message.type !== 'shareTerminal') return
  const { request, terminal, mayType, history, forMs, guestsMax } = message
  const refused = (why: string) => app.tell({ type: 'shareRefused', request, message: why })
  if (app.terminal(terminal) === null) return refused('This terminal is no more.')
  try {
    const opened = await book.open({ terminal, type: mayType, history, forMs, guestsMax })
    if (!opened.ok) return refused(opened.message)
    app.tell({ type: 'shared', request, share: opened.share.share, fragment: opened.fragment })
  } catch {
    refused('The machine could not write it down.')
  }
}
