import { randomBytes } from 'node:crypto'
import { instant, invariant } from '@latchkey/domain/kernel'
import { goodSecrets, rotated, switched, type WebhookEndpoint } from '@latchkey/domain/webhooks/endpoint'
import type { ListedEndpoint, LoggedDelivery, WebhookStore } from '@latchkey/domain/webhooks/ports'
import { ENDPOINTS_MAX } from '@latchkey/domain/webhooks/rules'
import * as wire from '@latchkey/protocol/webhooks'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'
import type { Log } from '../log/log.ts'
import { type LookUp, wayTo } from '../push/way-to-endpoint.ts'
import { printable } from '../shell/label.ts'
import { newEventId } from './webhook-outbox.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

const ID_BYTES = 10
const HOUR_MS = 60 * 60_000

interface Parts {
  readonly store: WebhookStore
  readonly secrets: WebhookSecrets
  /** origins that may be private or speak http */
  readonly targets: readonly string[]
  readonly lookUp: LookUp
  readonly clock: () => number
  readonly log: Log
  /** there is something to send */
  readonly nudge: () => void
}

type Made = z.output<typeof wire.webhookSecretReply>

/** Webhooks for the operator and programs with the scope. A refusal is thrown as its problem. */
export class WebhookDesk {
  constructor(private readonly parts: Parts) {}

  async list(): Promise<z.output<typeof wire.webhooksReply>> {
    return { webhooks: (await this.parts.store.list()).map((listed) => this.#view(listed)) }
  }

  async make(body: unknown): Promise<Made> {
    const { url, name, types } = read(wire.makeWebhookRequest, body, '{"url": "https://…", "name": "…"}')
    await this.#judge(url)
    const id = `wh_${randomBytes(ID_BYTES).toString('hex')}`
    const made = await this.parts.store.change({
      id,
      decide: ({ endpoints }, now) => {
        const endpoint: WebhookEndpoint = {
          id,
          url,
          name: named(name),
          types,
          secrets: [{ number: 1, endsAt: null }],
          madeAt: now,
          status: { is: 'on' },
          failingSince: null,
          lastDeliveredAt: null,
        }
        return endpoints >= ENDPOINTS_MAX
          ? { write: null, answer: null }
          : { write: endpoint, answer: endpoint }
      },
    })
    if (made === null)
      throw new HttpProblem(409, 'TOO_MANY_WEBHOOKS', 'delete one that is not needed any more')
    this.parts.log.info('webhook.made', { webhookId: id })
    return this.#told(made)
  }

  async change(id: string, body: unknown): Promise<z.output<typeof wire.webhookReply>> {
    const { url, name, types, on } = read(wire.changeWebhookRequest, body, '{"url", "name", "types", "on"}')
    if (url !== undefined) await this.#judge(url)
    const changed = await this.#of(id, (endpoint, now) => ({
      ...(on === undefined ? endpoint : switched(endpoint, on, now)),
      ...(url === undefined ? {} : { url }),
      ...(name === undefined ? {} : { name: named(name) }),
      ...(types === undefined ? {} : { types }),
    }))
    this.parts.log.info('webhook.changed', { webhookId: id })
    return { webhook: await this.#listed(changed) }
  }

  async remove(id: string): Promise<void> {
    const found = await this.parts.store.change({
      id,
      decide: ({ endpoint }) => ({
        write: endpoint === undefined ? null : 'drop',
        answer: endpoint !== undefined,
      }),
    })
    if (!found) throw noSuchWebhook()
    this.parts.log.info('webhook.deleted', { webhookId: id })
  }

  async rotate(id: string, body: unknown): Promise<Made> {
    const { overlapHours } = read(wire.rotateWebhookRequest, body ?? {}, '{"overlapHours": 24}')
    const changed = await this.#of(id, (endpoint, now) => rotated(endpoint, overlapHours * HOUR_MS, now))
    this.parts.log.info('webhook.rotated', { webhookId: id })
    return this.#told(changed)
  }

  async test(id: string): Promise<z.output<typeof wire.webhookTestReply>> {
    await this.#mustBeOn(id)
    const eventId = newEventId()
    const at = instant(Math.floor(this.parts.clock()))
    const data = { webhookId: id }
    const event = { id: eventId, type: 'webhook.test', subject: `webhook:${id}`, at, data } as const
    if (!(await this.parts.store.appendFor(id, event))) throw noSuchWebhook()
    this.parts.nudge()
    return { eventId }
  }

  async deliveries(id: string, query: unknown): Promise<z.output<typeof wire.deliveriesReply>> {
    const { status, before, limit } = read(wire.deliveriesQuery, query, '?status=dead&before=…&limit=50')
    await this.#of(id, (endpoint) => endpoint)
    const found = await this.parts.store.log({ endpointId: id, limit: limit + 1, status, before })
    const page = found.slice(0, limit)
    const last = page.at(-1)?.delivery.number ?? null
    return { deliveries: page.map(deliveryView), next: found.length > limit ? last : null }
  }

  async replay(id: string, body: unknown): Promise<z.output<typeof wire.replayReply>> {
    const asked = read(wire.replayRequest, body, '{"eventId": "msg_…"} or {"since": 1790000000000}')
    await this.#mustBeOn(id)
    const which = 'eventId' in asked ? asked : { sinceMs: asked.since }
    const replayed = await this.parts.store.replay({ endpointId: id, which })
    if (replayed === 0 && 'eventId' in asked)
      throw new HttpProblem(
        404,
        'NO_SUCH_EVENT',
        'this webhook has no such event, or it is on its way already',
      )
    this.parts.nudge()
    return { replayed }
  }

  /** A name that does not resolve just now may do so later: the attempts show it. */
  async #judge(url: string): Promise<void> {
    if ((await wayTo(url, this.parts.targets, this.parts.lookUp)) === 'not-public')
      throw new HttpProblem(
        400,
        'TARGET_NOT_ALLOWED',
        'a webhook goes to an https address on the internet; others have to be listed in LATCHKEY_WEBHOOK_TARGETS',
      )
  }

  async #of(
    id: string,
    change: (endpoint: WebhookEndpoint, now: Parameters<typeof rotated>[2]) => WebhookEndpoint,
  ): Promise<WebhookEndpoint> {
    const changed = await this.parts.store.change({
      id,
      decide: ({ endpoint }, now) => {
        if (endpoint === undefined) return { write: null, answer: null }
        const after = change(endpoint, now)
        return { write: after === endpoint ? null : after, answer: after }
      },
    })
    if (changed === null) throw noSuchWebhook()
    return changed
  }

  async #mustBeOn(id: string): Promise<void> {
    const { status } = await this.#of(id, (endpoint) => endpoint)
    if (status.is !== 'on') throw new HttpProblem(409, 'WEBHOOK_OFF', 'switch this webhook on first')
  }

  async #told(endpoint: WebhookEndpoint): Promise<Made> {
    const [newest] = endpoint.secrets
    invariant(newest, 'an endpoint has a secret')
    return {
      webhook: await this.#listed(endpoint),
      secret: this.parts.secrets.textOf(endpoint.id, newest.number),
    }
  }

  async #listed(endpoint: WebhookEndpoint): Promise<wire.WebhookView> {
    const listed = (await this.parts.store.list()).find((each) => each.endpoint.id === endpoint.id)
    return this.#view(listed ?? { endpoint, pending: 0, dead: 0 })
  }

  #view({ endpoint, pending, dead }: ListedEndpoint): wire.WebhookView {
    const { status, types, secrets: _, ...shown } = endpoint
    return {
      ...shown,
      types: types === null ? null : [...types],
      status: status.is,
      statusSince: status.is === 'on' ? null : status.at,
      pending,
      dead,
      secrets: goodSecrets(endpoint, instant(this.parts.clock())).length,
    }
  }
}

const deliveryView = ({ delivery, eventId, type, at, body }: LoggedDelivery) => {
  const { subject, status, attempts, dueAt, lastAt, lastOutcome } = delivery
  return {
    eventId,
    type,
    subject,
    at,
    status,
    attempts,
    dueAt: status === 'pending' ? dueAt : null,
    lastAt,
    lastOutcome,
    body,
  }
}

function read<Schema extends z.ZodType>(schema: Schema, given: unknown, expected: string): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw new HttpProblem(400, 'INVALID_FORMAT', `expected ${expected}`)
  return parsed.data
}

function named(name: string): string {
  const shown = printable(name)
  if (shown === '') throw new HttpProblem(400, 'INVALID_FORMAT', 'a name needs a character that can be shown')
  return shown
}

const noSuchWebhook = () => new HttpProblem(404, 'NO_SUCH_WEBHOOK', 'GET /webhooks lists the webhooks')
