import { authorise } from '@latchkey/domain/runner-pairing/pairing-session'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { AppHolder, RunnerHolder } from './channels.ts'
import type { TicketCheck } from './relay.ts'

/** Asks the store whether what a ticket says of its holder still holds. */
export const storeTicketCheck = (store: PairingStore, rules: PairingRules): TicketCheck => {
  const ofRunner = ({ runnerId, epoch }: RunnerHolder) =>
    store.run({
      keys: [{ kind: 'runner', id: runnerId }],
      decide: (view) => {
        const runner = view.get('runner', runnerId)
        const speaks = runner?.epoch === epoch && runner.presence.status !== 'gone'
        return { writes: [], answer: speaks ? null : CloseReason.superseded }
      },
    })
  const ofApp = async (holder: AppHolder) => {
    const decision = await store.run(authorise(holder, rules))
    if (!decision.ok) {
      return decision.refusal.code === 'NOT_PAIRED' ? CloseReason.unpaired : CloseReason.runnerGone
    }
    const { runnerId, gen, pid } = decision.value
    const isSame = runnerId === holder.runnerId && gen === holder.gen && (pid ?? holder.pid) === holder.pid
    return isSame ? null : CloseReason.unpaired
  }
  return (holder) => (holder.end === 'runner' ? ofRunner(holder) : ofApp(holder))
}
