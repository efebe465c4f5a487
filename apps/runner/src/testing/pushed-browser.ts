import { createECDH, randomBytes } from 'node:crypto'
import type { PushSubscriptionKeys } from '@latchkey/protocol/terminal/push'
import { decrypt } from 'http_ece'
import { z } from 'zod'

const shown = z.object({
  web_push: z.literal(8030),
  notification: z.looseObject({ title: z.string(), body: z.string(), navigate: z.string(), tag: z.string() }),
})

/** What a browser keeps of a subscription. It reads messages with an implementation of RFC 8291 that is not ours. */
export function pushedBrowser(endpoint: string) {
  const privateKey = createECDH('prime256v1')
  const p256dh = privateKey.generateKeys().toString('base64url')
  const auth = randomBytes(16).toString('base64url')
  const subscription: PushSubscriptionKeys = { endpoint, p256dh, auth }
  const textOf = (body: Uint8Array): string =>
    decrypt(Buffer.from(body), { version: 'aes128gcm', privateKey, authSecret: auth }).toString('utf8')
  return {
    subscription,
    textOf,
    /** the notification that a page would show */
    read: (body: Uint8Array) => shown.parse(JSON.parse(textOf(body))).notification,
  }
}
