import type { AccountLease } from '../accounts/lease.ts'
import type { Instant } from '../kernel.ts'
import type { Delivery } from './delivery.ts'
import type { WebhookEndpoint } from './endpoint.ts'
import type { WebhookEvent, WebhookEventType } from './event.ts'

/** One decision about one endpoint. Pure; `now` is the store's time. */
export interface EndpointOperation<Answer> {
  readonly id: string
  readonly decide: (
    view: { readonly endpoint: WebhookEndpoint | undefined; readonly endpoints: number },
    now: Instant,
  ) => {
    /** `drop`: the endpoint and all its deliveries */
    readonly write: WebhookEndpoint | 'drop' | null
    readonly answer: Answer
  }
}

/** An endpoint and how many events wait for it or were given up. */
export interface ListedEndpoint {
  readonly endpoint: WebhookEndpoint
  readonly pending: number
  readonly dead: number
}

/** One event that has to be sent now. */
export interface DueDelivery {
  readonly endpoint: WebhookEndpoint
  readonly number: number
  readonly eventId: string
  readonly body: string
}

/** What there is to do for the sender. */
export interface SendersWork {
  /** at most so many for each endpoint, each of another subject, those in the air included */
  readonly due: readonly DueDelivery[]
  /** events that have not been given to the endpoints yet */
  readonly hasNew: boolean
  /** when the next delivery is due that is not now; null: none waits */
  readonly nextAt: Instant | null
}

/** The outcome of one attempt, as the store settles it. */
export interface Settling {
  readonly endpointId: string
  readonly number: number
  readonly decide: (
    view: { readonly delivery: Delivery; readonly endpoint: WebhookEndpoint },
    now: Instant,
  ) => { readonly delivery: Delivery; readonly endpoint: WebhookEndpoint }
}

/** One line of the log. */
export interface LoggedDelivery {
  readonly delivery: Delivery
  readonly eventId: string
  readonly type: WebhookEventType
  readonly at: Instant
  readonly body: string
}

/**
 * Where webhooks are kept: endpoints, events, and the way of each event to each endpoint. One suite tests every adapter.
 * Appending takes no lock, so that it fits into any transaction. One sender at a time, by a lease, gives events to the
 * endpoints and settles attempts: with a stale epoch it changes nothing.
 */
export interface WebhookStore {
  /** Keeps events, all or none; nothing where there is no endpoint. An id that is there already is not kept again. */
  append(events: readonly WebhookEvent[]): Promise<void>
  /** All writes of the decision or none. An endpoint that is not `on` gives up what waits for it. */
  change<Answer>(operation: EndpointOperation<Answer>): Promise<Answer>
  /** The oldest first. */
  list(): Promise<readonly ListedEndpoint[]>
  /** Takes or renews the sender's lease; null while another broker instance has it. */
  hold(asked: {
    readonly instance: string
    readonly leaseMs: number
    readonly isAlone: boolean
  }): Promise<AccountLease | null>
  /** Gives the lease back. */
  release(epoch: number): Promise<void>
  work(perEndpoint: number): Promise<SendersWork>
  /** Gives new events to the endpoints that want them, some at a time; answers how many, null with a stale epoch. */
  fanOut(epoch: number): Promise<number | null>
  /** Settles attempts, all or none; false with a stale epoch. */
  settle(epoch: number, settled: readonly Settling[]): Promise<boolean>
  /** The newest first. */
  log(query: {
    readonly endpointId: string
    readonly limit: number
    readonly status?: Delivery['status'] | undefined
    /** only those before this place in the order */
    readonly before?: number | undefined
  }): Promise<readonly LoggedDelivery[]>
  /** Makes one event due for one endpoint, whatever types it wants: a test. False when there is no such endpoint. */
  appendFor(endpointId: string, event: WebhookEvent): Promise<boolean>
  /**
   * Makes deliveries pending again, one or all of those given up since a moment; answers how many. An event that an
   * endpoint had taken before comes again only when it is named.
   */
  replay(asked: {
    readonly endpointId: string
    readonly which: { readonly eventId: string } | { readonly sinceMs: number }
  }): Promise<number>
  /** Forgets events that are old or too many and wait for no endpoint; answers how many. */
  sweep(): Promise<number>
}
