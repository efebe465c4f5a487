import type { HistoryEntry, HistoryQuery } from '@latchkey/domain/audit/history'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { Inject, Injectable } from '@nestjs/common'
import { PAIRING_STORE } from '../wiring.ts'

/** The founding name of one remembered attempt. */
export type PairingHistoryEntry = HistoryEntry

const ENTRIES_DEFAULT = 100

/** The history of pairing attempts: time, app, runner, outcome. An entry is written in the transaction of its attempt. */
@Injectable()
export class PairingHistoryService {
  readonly #store: PairingStore

  constructor(@Inject(PAIRING_STORE) store: PairingStore) {
    this.#store = store
  }

  /** The newest first: of a runner, of an outcome, since a moment (milliseconds since the epoch), or all. */
  async getHistory(query: Partial<HistoryQuery> = {}): Promise<readonly PairingHistoryEntry[]> {
    return this.#store.history({ limit: ENTRIES_DEFAULT, ...query })
  }
}
