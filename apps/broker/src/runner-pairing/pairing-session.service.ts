import {
  createSession,
  getAppsByRunnerId,
  getSession,
  isRunnerOnline,
  removeAllSessionsForRunner,
  removeSession,
  updateHeartbeat,
} from '@latchkey/domain/runner-pairing/founding-sessions'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingSession } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { Inject, Injectable } from '@nestjs/common'
import { appOf, runnerOf } from '../shell/founding-ids.ts'
import { PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'

/** Which app may reach which runner, one step at a time. Each step is atomic; rejects with PairingError, or when the store failed. */
@Injectable()
export class PairingSessionService {
  readonly #store: PairingStore
  readonly #rules: PairingRules

  constructor(@Inject(PAIRING_STORE) store: PairingStore, @Inject(PAIRING_RULES) rules: PairingRules) {
    this.#store = store
    this.#rules = rules
  }

  /** Pairs; an app that was paired with another runner is moved. */
  async createSession(appSessionId: string, runnerId: string): Promise<void> {
    const command = { appSessionId: appOf(appSessionId), runnerId: runnerOf(runnerId) }
    await this.#store.run(createSession(command, this.#rules))
  }

  async getSession(appSessionId: string): Promise<PairingSession | null> {
    return this.#store.run(getSession({ appSessionId: appOf(appSessionId) }, this.#rules))
  }

  async removeSession(appSessionId: string): Promise<void> {
    await this.#store.run(removeSession({ appSessionId: appOf(appSessionId) }))
  }

  async getAppsByRunnerId(runnerId: string): Promise<string[]> {
    return [...(await this.#store.run(getAppsByRunnerId({ runnerId: runnerOf(runnerId) }, this.#rules)))]
  }

  async isRunnerOnline(runnerId: string): Promise<boolean> {
    return this.#store.run(isRunnerOnline({ runnerId: runnerOf(runnerId) }))
  }

  /** For callers inside the broker: what comes over a wire is checked against its connection first. */
  async updateHeartbeat(runnerId: string): Promise<void> {
    await this.#store.run(updateHeartbeat({ runnerId: runnerOf(runnerId) }, this.#rules))
  }

  /** Answers with the apps that were paired. */
  async removeAllSessionsForRunner(runnerId: string): Promise<string[]> {
    return [
      ...(await this.#store.run(removeAllSessionsForRunner({ runnerId: runnerOf(runnerId) }, this.#rules))),
    ]
  }
}
