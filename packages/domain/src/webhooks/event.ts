import type { Instant } from '../kernel.ts'

/** Everything that a webhook can tell of. */
export const WEBHOOK_EVENT_TYPES = [
  'account.state',
  'account.stopped',
  'account.reconnecting.long',
  'account.code.asked',
  'account.qr.asked',
  'device.asked',
  'device.joined',
  'device.revoked',
  'machine.online',
  'machine.offline',
  'guessing.alarm',
  'webhook.test',
] as const
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number]

/** One thing that happened, told to every endpoint that wants its type. It holds no code, QR, secret or phone number. */
export interface WebhookEvent {
  /** `msg_…`: the same in every delivery of it, so that a receiver recognises a repetition */
  readonly id: string
  readonly type: WebhookEventType
  /** `account:…`, `device:…`, `machine:…` or `broker`: events of one subject are delivered in their order */
  readonly subject: string
  readonly at: Instant
  readonly data: Readonly<Record<string, string | number | boolean | null>>
}

/** The body of a request, byte for byte the same in every delivery: the form of the Standard Webhooks specification. */
export const bodyOf = ({ type, at, data }: WebhookEvent, isoTime: (at: Instant) => string): string =>
  JSON.stringify({ type, timestamp: isoTime(at), data })
