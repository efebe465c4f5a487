import type { RedisConnection } from '@latchkey/stores/redis/connection'

/** Hands out the Redis client that the stores use: for modules of another application, which may keep their own things beside ours. */
export class RedisService {
  readonly #connection: RedisConnection
  readonly #close: () => Promise<void>

  constructor(connection: RedisConnection, close: () => Promise<void>) {
    this.#connection = connection
    this.#close = close
  }

  /** ioredis. Nothing is queued while Redis is away: commands fail at once. */
  getClient(): RedisConnection['redis'] {
    return this.#connection.redis
  }

  /** Called by the framework when the application ends. */
  async onModuleDestroy(): Promise<void> {
    await this.#close()
  }
}
