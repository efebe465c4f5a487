import type { Platform } from '../transport.ts'

/** So long an app that begins waits for its first connection. */
const CONNECTED_WITHIN_MS = 10_000

/** Calls that are made before the first connection, and go with its greeting. */
export class UntilConnected {
  readonly #after: Platform['after']
  readonly #waiting = new Set<() => void>()

  constructor({ after }: Pick<Platform, 'after'>) {
    this.#after = after
  }

  /** True once there is a connection, false after ten seconds without one. */
  wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isConnected: boolean) => {
        stop()
        this.#waiting.delete(go)
        resolve(isConnected)
      }
      const go = () => settle(true)
      const stop = this.#after(CONNECTED_WITHIN_MS, () => settle(false))
      this.#waiting.add(go)
    })
  }

  connected(): void {
    for (const go of [...this.#waiting]) go()
  }
}
