import type { FactOf } from '@latchkey/protocol/call'
import type { pairingFacts } from '@latchkey/protocol/runner-pairing'
import type { ChannelEnd } from '../admission.ts'
import type { ControlEvents } from '../control-keeper.ts'
import type { PairingStatus } from './link.ts'
import type { EndReason } from './link-state.ts'

/**
 * What the parts of a link tell it. Calls go down this tree, events go up through this one object, and the link alone decides
 * what follows:
 *
 *     Link (app-link.ts)
 *     ├─ AppControl (app-control.ts)    its connection to the broker: ../control-keeper.ts → ../control-socket.ts
 *     ├─ Standing                       what the broker says of pairing and machine, and when to ask again
 *     ├─ ComeBack                       pairs again without a code
 *     ├─ SealKeeper                     the way in, the question for the PIN, the refusal
 *     ├─ ChannelKeeper                  one terminal channel: open-channel.ts → sealed-opening.ts, then Channel
 *     │    └─ SealKeeper, Session       told of each channel that opens or is lost
 *     └─ Session                        terminals and requests
 *          └─ Watch                     InputQueue, OutputCursor and SizeWish of one terminal
 */
export interface LinkEvents extends ControlEvents {
  /** From the broker: news of the machine and of the pairing with it. */
  machineSeen(news: MachineSeen): void
  /** From the broker, when this end has connected: the machine is online, and here is a ticket for a channel to it. */
  machineReady(ready: MachineReady): void
  /** From `Standing`: how the broker says that this app stands with its machine. */
  statusTold(status: PairingStatus): void
  /** From `ChannelKeeper`: the channel was open and is lost. `lastHeardMs`: when the machine was last heard. */
  channelLost(reason: ChannelEnd, lastHeardMs: number): void
  /** From `ChannelKeeper`: the machine has not answered for a while. Perhaps nothing gets through at all. */
  machineSilent(): void
  /** From `ChannelKeeper`: this process slept. */
  slept(): void
  /** From `Session`: the machine broke the protocol, so its connection is useless. */
  machineBroken(): void
  /** From `Session`: the machine does not want this app as it is. */
  machineRefused(reason: EndReason): void
}

export type MachineReady = FactOf<typeof pairingFacts, 'terminal:ready'>

export interface MachineSeen {
  readonly online: boolean
  /** false: the pairing is over */
  readonly paired: boolean
  /** until when the pairing of an absent machine is kept; null when that is not known */
  readonly untilMs: number | null
}
