import type { PushReply, PushRequest, RunnerLink } from '@latchkey/connection/runner/runner-link'
import { base64url } from '@latchkey/protocol/bytes'
import type { Refusal } from '@latchkey/protocol/runner-pairing'
import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { notificationOf, type Sender, testNotification } from './notification.ts'
import type { PushNews } from './notify.ts'
import type { PushBook, PushRecord } from './push-book.ts'
import { isUrgent } from './push-rules.ts'
import { sealPush } from './sealed-push.ts'

/** A question of the morning is of no use in the evening. */
const TTL_SECONDS = 4 * 60 * 60
/** a test is looked at now */
const TEST_TTL_SECONDS = 60
/** where no one says when: a push service that fails, a broker that is away */
const AGAIN_AFTER_MS = 30_000

/** One step of a test, as the app is told. */
export type TestStep = Omit<Extract<RunnerMessage, { readonly type: 'pushTested' }>, 'type' | 'request'>

export interface PushSenderOptions {
  readonly sender: Sender
  readonly book: PushBook
  /** the way to the broker; null before there is one */
  readonly link: () => Pick<RunnerLink, 'push'> | null
  readonly randomBytes: (byteCount: number) => Uint8Array
  /** a push service has the notification with this question */
  readonly onPushed: (question: string) => void
  /** the push service says that this app's subscription has ended; it was forgotten */
  readonly onGone: (app: string) => void
}

/** Seals notifications and has the broker send them. */
export class PushSender {
  readonly #options: PushSenderOptions

  constructor(options: PushSenderOptions) {
    this.#options = options
  }

  /** Sends news as one notification. Answers when it may be tried again; null when it need not. */
  async send(app: string, news: readonly PushNews[]): Promise<{ readonly againAfterMs: number } | null> {
    const { book, sender, onPushed } = this.#options
    const record = book.get(app)
    if (record === null || news.length === 0) return null
    const urgency = news.some(({ kind }) => isUrgent(kind)) ? 'high' : 'normal'
    const step = await this.#send(record, notificationOf(news, sender, record), TTL_SECONDS, urgency)
    if (step.outcome === 'taken')
      for (const { question } of news) if (question !== undefined) onPushed(question)
    return againAfter(step)
  }

  /** Sends a test and tells each step when it has happened. */
  async test(app: string, id: string, tell: (step: TestStep) => void): Promise<void> {
    const { book, sender } = this.#options
    const record = book.get(app)
    if (record === null) return tell({ step: 'sent', outcome: 'not-subscribed' })
    const text = testNotification(id, sender, record)
    tell(await this.#send(record, text, TEST_TTL_SECONDS, 'high', () => tell({ step: 'sealed' })))
  }

  async #send(
    record: PushRecord,
    text: string,
    ttlSeconds: number,
    urgency: PushRequest['urgency'],
    onSealed: () => void = () => {},
  ): Promise<TestStep> {
    const { randomBytes, link, book, onGone } = this.#options
    const { app, subscription } = record
    const { endpoint } = subscription
    const body = base64url(sealPush(text, subscription, randomBytes))
    onSealed()
    const reply = await link()?.push({ endpoint, body, ttlSeconds, urgency })
    const step = reply === undefined ? AWAY : stepOf(reply)
    if (step.outcome === 'gone' && book.get(app)?.subscription.endpoint === endpoint) {
      await book.end(record)
      onGone(app)
    }
    return step
  }
}

const AWAY = { step: 'sent', outcome: 'broker-away' } as const

function stepOf(reply: PushReply | Refusal): TestStep {
  if (!reply.success)
    return reply.code === 'INVALID_FORMAT' ? { step: 'sent', outcome: 'broker-too-old' } : AWAY
  const { success: _, ...said } = reply
  return { step: 'sent', ...said }
}

function againAfter({ outcome, retryAfterSeconds }: TestStep): { readonly againAfterMs: number } | null {
  switch (outcome) {
    case 'slow-down':
    case 'limited':
      return { againAfterMs: (retryAfterSeconds ?? 0) * 1_000 || AGAIN_AFTER_MS }
    case 'failing':
    case 'timeout':
    case 'unreachable':
    case 'broker-away':
      return { againAfterMs: AGAIN_AFTER_MS }
    case 'taken':
    case 'gone':
    case 'too-large':
    case 'refused':
    case 'not-public':
    case 'off':
    case 'not-subscribed':
    case 'broker-too-old':
    case undefined:
      return null
  }
}
