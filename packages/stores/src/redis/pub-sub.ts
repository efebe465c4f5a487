import type { RedisConnection } from './connection.ts'

/**
 * Two clients in the shape that Socket.IO’s Redis adapter uses (`@socket.io/redis-adapter` 8.3, classic adapter). While
 * Redis is away messages are dropped at once and without an error: no receiver needs them later. Subscriptions come
 * back by themselves.
 */
export interface PubSub {
  /** the number of the database: Redis itself publishes to those who use the others as well */
  readonly database: number
  readonly publisher: object
  readonly subscriber: object
}

type Listener = (...heard: unknown[]) => void

/** Both are closed with the connection. */
export function pubSub(connection: RedisConnection): PubSub {
  const { redis } = connection
  const subscriptions = connection.duplicate()
  const lost = () => 0
  const wanted = { channels: new Set<string>(), patterns: new Set<string>() }
  // Again after each loss, and for subscriptions from before the connection.
  subscriptions.on('ready', () => {
    if (wanted.channels.size > 0) subscriptions.subscribe(...wanted.channels).catch(lost)
    if (wanted.patterns.size > 0) subscriptions.psubscribe(...wanted.patterns).catch(lost)
  })
  const isReady = () => subscriptions.status === 'ready'
  return {
    database: redis.options.db ?? 0,
    publisher: {
      publish: (channel: string, message: string | Buffer) => redis.publish(channel, message).catch(lost),
      send_command: (
        name: string,
        [what = '', channel = '']: readonly string[],
        done: (error: unknown, answer?: unknown) => void,
      ) => {
        void redis.call(name, what, channel, done)
      },
      on: () => {},
      off: () => {},
    },
    subscriber: {
      subscribe: (channels: readonly string[]) => {
        for (const channel of channels) wanted.channels.add(channel)
        if (isReady()) subscriptions.subscribe(...channels).catch(lost)
      },
      psubscribe: (pattern: string) => {
        wanted.patterns.add(pattern)
        if (isReady()) subscriptions.psubscribe(pattern).catch(lost)
      },
      unsubscribe: (channels: readonly string[]) => {
        for (const channel of channels) wanted.channels.delete(channel)
        if (isReady()) subscriptions.unsubscribe(...channels).catch(lost)
      },
      punsubscribe: (pattern: string) => {
        wanted.patterns.delete(pattern)
        if (isReady()) subscriptions.punsubscribe(pattern).catch(lost)
      },
      on: (event: string, listener: Listener) => void subscriptions.on(event, listener),
      off: (event: string, listener: Listener) => void subscriptions.off(event, listener),
    },
  }
}
