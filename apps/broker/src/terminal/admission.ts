import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { authorise } from '@latchkey/domain/runner-pairing/session'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { Admission } from './relay.ts'

/** Asks the store whether a ticket's holder is still paired as it was when the ticket was issued. */
export const storeAdmission =
  (store: PairingStore, rules: PairingRules): Admission =>
  async (holder) => {
    const { keys, decide } = authorise(holder, rules)
    const decision = await store.transaction(keys, decide)
    if (!decision.ok) {
      return decision.refusal.code === 'NOT_PAIRED' ? CloseReason.unpaired : CloseReason.runnerGone
    }
    const { runnerId, gen } = decision.value
    return runnerId === holder.runnerId && gen === holder.gen ? null : CloseReason.unpaired
  }
