import { createHmac } from 'node:crypto'
import type { Instant } from '@latchkey/domain/kernel'
import { goodSecrets, type WebhookEndpoint } from '@latchkey/domain/webhooks/endpoint'
import { lv } from '@latchkey/protocol/bytes'
import { macFor } from '../secrets/purpose-key.ts'

const PREFIX = 'whsec_'

/**
 * The secrets with which webhooks are signed. Each is derived from the signing key that the brokers share, the endpoint and its
 * version: none is kept in the database, and a new signing key replaces all of them.
 */
export class WebhookSecrets {
  readonly #macOf: (message: Uint8Array) => Buffer

  constructor(signingKey: Buffer) {
    this.#macOf = macFor(signingKey, 'webhook')
  }

  /** As receivers keep it: 32 bytes in base64 behind `whsec_`. */
  textOf(endpointId: string, version: number): string {
    return PREFIX + this.#bytesOf(endpointId, version).toString('base64')
  }

  /** The headers of one attempt, by the Standard Webhooks specification. */
  headers(
    endpoint: WebhookEndpoint,
    { eventId, body }: { readonly eventId: string; readonly body: string },
    now: Instant,
  ): Readonly<Record<string, string>> {
    const timestamp = String(Math.floor(now / 1_000))
    const signatures = goodSecrets(endpoint, now).map((version) => {
      const mac = createHmac('sha256', this.#bytesOf(endpoint.id, version))
      return `v1,${mac.update(`${eventId}.${timestamp}.${body}`).digest('base64')}`
    })
    return {
      'webhook-id': eventId,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    }
  }

  #bytesOf(endpointId: string, version: number): Buffer {
    return this.#macOf(lv(endpointId, String(version)))
  }
}
