import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { webhookBody } from '@latchkey/protocol/webhooks'
import type { z } from 'zod'
import { atCleanUp } from './harness.ts'

/** One request as the receiver got it. */
export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: z.output<typeof webhookBody>
}

export interface WebhookReceiver {
  readonly origin: string
  readonly received: Received[]
  /** how it answers the next ones: a status, or by hand */
  answers(how: number | ((response: ServerResponse, received: Received) => void)): void
}

/** A receiver on loopback. Ends with the test. */
export async function webhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = []
  let how: Parameters<WebhookReceiver['answers']>[0] = 204
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const body = webhookBody.parse(JSON.parse(text))
      const got = { id: String(request.headers['webhook-id']), headers: request.headers, text, body }
      received.push(got)
      if (typeof how === 'number') response.writeHead(how).end()
      else how(response, got)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atCleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { origin: `http://127.0.0.1:${address.port}`, received, answers: (next) => void (how = next) }
}

const TOLERANCE_SECONDS = 5 * 60

/**
 * Verifies as a receiver does, written from the text of the Standard Webhooks specification alone: nothing of the broker's
 * own code is in it.
 */
export function isGenuine(
  { headers, text }: Pick<Received, 'headers' | 'text'>,
  secret: string,
  nowSeconds = Date.now() / 1_000,
): boolean {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  )
  if (!secret.startsWith('whsec_') || Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS)
    return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`, 'utf8').digest()
  return (signatures ?? '').split(' ').some((each) => {
    const [version, base64 = ''] = each.split(',')
    const given = Buffer.from(base64, 'base64')
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted)
  })
}
