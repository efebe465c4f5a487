import type { RedisConnection } from './connection.ts'

/**
 * Two clients in the shape that Socket.IO's Redis adapter uses (`@socket.io/redis-adapter` 8.3, classic adapter). While Redis is
 * away what is published is lost, at once and without a word: nobody wants it later. Subscriptions come back by themselves.
 */
export interface PubSub {
  readonly publisher: object
  readonly subscriber: object
}

type Listener = (...heard: unknown[]) => void

/** Both are closed with the connection. */
export function pubSub(connection: RedisConnection): PubSub {
  const { redis } = connection
  const subscriptions = connection.duplicate()
  const lost = () => 0
  return {
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
      subscribe: (channels: string[]) => subscriptions.subscribe(...channels).catch(lost),
      psubscribe: (pattern: string) => subscriptions.psubscribe(pattern).catch(lost),
      unsubscribe: (channels: string[]) => subscriptions.unsubscribe(...channels).catch(lost),
      punsubscribe: (pattern: string) => subscriptions.punsubscribe(pattern).catch(lost),
      on: (event: string, listener: Listener) => void subscriptions.on(event, listener),
      off: (event: string, listener: Listener) => void subscriptions.off(event, listener),
    },
  }
}
