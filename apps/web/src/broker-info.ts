import { brokerOrigin } from './broker-origin.ts'

const ANSWER_WITHIN_MS = 8_000

/** What the broker says of itself, unread. Rejects when it does not answer within eight seconds, or not in JSON. */
export async function askBrokerInfo(): Promise<unknown> {
  const answer = await fetch(`${brokerOrigin()}/broker.json`, {
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
  return answer.json()
}
