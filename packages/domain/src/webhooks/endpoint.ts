import { type Instant, later } from '../kernel.ts'
import type { WebhookEventType } from './event.ts'

/** One version of an endpoint's secret. The secret itself is derived from the brokers' signing key, and nowhere kept. */
export interface SecretVersion {
  readonly number: number
  /** null: the newest, good until it is replaced */
  readonly endsAt: Instant | null
}

export type EndpointStatus =
  | { readonly is: 'on' }
  /** by the operator */
  | { readonly is: 'off'; readonly at: Instant }
  /** it took nothing for too long, or answered that it is gone */
  | { readonly is: 'failed'; readonly at: Instant; readonly outcome: string }

/** An address of the operator's that is told of events. */
export interface WebhookEndpoint {
  readonly id: string
  readonly url: string
  /** for people */
  readonly name: string
  /** what it is told of; null: everything, types of later releases too */
  readonly types: readonly WebhookEventType[] | null
  /** the newest first */
  readonly secrets: readonly SecretVersion[]
  readonly madeAt: Instant
  readonly status: EndpointStatus
  /** since when every delivery failed; null: the last one did not */
  readonly failingSince: Instant | null
  /** exact to a minute */
  readonly lastDeliveredAt: Instant | null
}

export const wants = ({ types, status }: WebhookEndpoint, type: WebhookEventType): boolean =>
  status.is === 'on' && (types === null || types.includes(type))

/** The versions that sign at this moment, the newest first. */
export const goodSecrets = ({ secrets }: WebhookEndpoint, now: Instant): readonly number[] =>
  secrets.filter(({ endsAt }) => endsAt === null || now < endsAt).map(({ number }) => number)

/** More rotations than these within one overlap end the oldest early. */
const SECRETS_MAX = 4

/** A new secret; those before it stay good for `overlapMs`. */
export function rotated(endpoint: WebhookEndpoint, overlapMs: number, now: Instant): WebhookEndpoint {
  const newest = endpoint.secrets[0]?.number ?? 0
  const endsAt = later(now, overlapMs)
  const older = endpoint.secrets
    .filter((secret) => secret.endsAt === null || now < secret.endsAt)
    .map((secret) => ({
      ...secret,
      endsAt: secret.endsAt === null || endsAt < secret.endsAt ? endsAt : secret.endsAt,
    }))
  const secrets = [{ number: newest + 1, endsAt: null }, ...older].slice(0, SECRETS_MAX)
  return { ...endpoint, secrets }
}

/** Switches it on or off. On again, its failures are forgotten. */
export function switched(endpoint: WebhookEndpoint, isOn: boolean, now: Instant): WebhookEndpoint {
  if (isOn)
    return endpoint.status.is === 'on' ? endpoint : { ...endpoint, status: { is: 'on' }, failingSince: null }
  return endpoint.status.is === 'off' ? endpoint : { ...endpoint, status: { is: 'off', at: now } }
}
