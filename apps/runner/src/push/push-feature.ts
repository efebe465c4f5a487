import { createHash } from 'node:crypto'
import type { AppFeatureMessage } from '@latchkey/protocol/terminal/feature-messages'
import type { AppFeature, ChannelFeature, FeatureApp } from '../channel/feature.ts'
import { nodePlatform } from '../node-platform.ts'
import { Notifier, type NotifierOptions } from './notifier.ts'
import type { Notify } from './notify.ts'
import { PushBook } from './push-book.ts'
import { PushSender, type PushSenderOptions } from './push-sender.ts'
import { hasGoodKeys } from './sealed-push.ts'

type Dropped = 'gone' | 'bad-keys' | 'not-kept'

export interface PushOptions
  extends Pick<PushSenderOptions, 'link' | 'sender'>,
    Pick<NotifierOptions, 'isLookedAt'> {
  /** null: subscriptions end with this process */
  readonly folder: string | null
  /** whether the machine still knows this app */
  readonly isKnown: (app: string) => boolean
  /** a push service has the notification with this question */
  readonly onPushed?: (question: string) => void
  readonly onTrouble: (message: string) => void
}

/** Calls apps that are closed: this machine's part of push. */
export interface Push {
  readonly feature: ChannelFeature
  readonly notify: Notify
  /** This terminal's news is old: nothing is sent about it any more. */
  readonly settle: (terminal: number) => void
  /** The app was turned away: its subscription is removed. */
  forget(app: string): void
  /** Sends nothing more. Resolves once all subscriptions are on disk. */
  stop(): Promise<void>
}

export function pushFeature(options: PushOptions): Push {
  const { folder, isKnown, onTrouble } = options
  const book = new PushBook(folder, isKnown, onTrouble)
  const channels = new Set<PushChannel>()
  const tell = (app: string, dropped?: Dropped) => {
    for (const each of channels) if (each.app.appId === app) each.tellStanding(dropped)
  }
  const sender = new PushSender({
    onPushed: () => {},
    ...options,
    book,
    randomBytes: nodePlatform.randomBytes,
    onGone: (app) => tell(app, 'gone'),
  })
  const notifier = new Notifier({ ...options, book, sender, clock: nodePlatform, timeMs: Date.now })
  const drop = (app: string, dropped?: Dropped) => {
    notifier.forget(app)
    book.drop(app).then(
      () => tell(app, dropped),
      () => onTrouble('The subscription of an app could not be removed from push.json.'),
    )
  }
  return {
    feature: {
      name: 'push',
      hears: new Set(['pushWanted', 'pushTest']),
      streams: new Set(),
      joined: (app) => {
        const channel = new PushChannel(app, {
          book,
          sender,
          tell,
          drop,
          onLeft: () => channels.delete(channel),
        })
        channels.add(channel)
        channel.tellStanding()
        return channel
      },
    },
    notify: (news) => notifier.notify(news),
    settle: (terminal) => notifier.settle(terminal),
    forget: drop,
    stop: async () => {
      notifier.stop()
      await book.settled()
    },
  }
}

interface Parts {
  readonly book: PushBook
  readonly sender: PushSender
  readonly tell: (app: string, dropped?: Dropped) => void
  readonly drop: (app: string, dropped?: Dropped) => void
  readonly onLeft: () => void
}

/** One app's channel, as far as push goes. */
class PushChannel implements AppFeature {
  readonly app: FeatureApp
  readonly #parts: Parts
  #isTesting = false

  constructor(app: FeatureApp, parts: Parts) {
    this.app = app
    this.#parts = parts
  }

  tellStanding(dropped?: Dropped): void {
    const endpoint = this.#record?.subscription.endpoint
    this.app.tell({
      type: 'pushStanding',
      endpoint: endpoint === undefined ? null : createHash('sha256').update(endpoint).digest('hex'),
      ...(dropped !== undefined && { dropped }),
    })
  }

  hear(message: AppFeatureMessage): void {
    if (message.type === 'pushWanted') void this.#wanted(message)
    if (message.type === 'pushTest') void this.#test(message)
  }

  left(): void {
    this.#parts.onLeft()
  }

  /** A broker could read the subscription of an app that does not seal, and could have sent it itself. */
  get #appId(): string | null {
    return this.app.sealed ? this.app.appId : null
  }

  get #record() {
    return this.#appId === null ? null : this.#parts.book.get(this.#appId)
  }

  async #wanted(message: Extract<AppFeatureMessage, { readonly type: 'pushWanted' }>): Promise<void> {
    const { type: _, subscription, ...wanted } = message
    const { book, tell, drop } = this.#parts
    const app = this.#appId
    if (app === null) return this.tellStanding('not-kept')
    if (subscription === null) return drop(app)
    if (!hasGoodKeys(subscription)) return drop(app, 'bad-keys')
    if (book.hasEnded(subscription.endpoint)) return drop(app, 'gone')
    await book.put({ ...wanted, app, subscription }).then(
      () => tell(app),
      () => drop(app, 'not-kept'),
    )
  }

  async #test({ request, id }: Extract<AppFeatureMessage, { readonly type: 'pushTest' }>): Promise<void> {
    if (this.#isTesting) return
    this.#isTesting = true
    await this.#parts.sender.test(this.#appId ?? '', id, (step) =>
      this.app.tell({ type: 'pushTested', request, ...step }),
    )
    this.#isTesting = false
  }
}
