import { BoundedSet } from '@latchkey/domain/bounded'
import { REVOKED_MAX } from '@latchkey/protocol/runner-pairing'
import type { RunnerControl } from './registration.ts'

/** So many wait for a broker at most; older ones give way: the runner refuses their keys all the same. */
const WAITING_MAX = 1_024

/** App sessions whose pairings the broker is to end, kept until it has said that it did. */
export class Revocations {
  readonly #waiting = new BoundedSet<string>(WAITING_MAX)

  add(appSessionIds: readonly string[]): void {
    for (const each of appSessionIds) this.#waiting.add(each)
  }

  forget(): void {
    this.#waiting.clear()
  }

  /** Tells the broker all that waits. What it does not confirm is told again on the next connection. */
  async tell(control: RunnerControl): Promise<void> {
    while (this.#waiting.size > 0) {
      const appSessionIds = [...this.#waiting].slice(0, REVOKED_MAX)
      const answer = await control.call('runner:revoke', { appSessionIds })
      if (!answer.success) return
      for (const each of appSessionIds) this.#waiting.delete(each)
    }
  }
}
