/** What a client sent with an event, as the broker reads it. */
export interface CallArguments {
  readonly request: unknown
  /** undefined when the client asked for no acknowledgement */
  readonly ack: ((reply: unknown) => void) | undefined
}

/**
 * Reads the arguments of an event alike for every client: the acknowledgement is last, the request is first, and what else is
 * there is ignored. A client that has nothing to say sends no argument, or null (JSON knows no undefined), or an empty object,
 * and means the same by each.
 */
export function callArguments(sent: readonly unknown[]): CallArguments {
  const last = sent.at(-1)
  const ack = isAcknowledgement(last) ? last : undefined
  const [first] = ack === undefined ? sent : sent.slice(0, -1)
  return { request: first ?? {}, ack }
}

const isAcknowledgement = (value: unknown): value is (reply: unknown) => void => typeof value === 'function'
