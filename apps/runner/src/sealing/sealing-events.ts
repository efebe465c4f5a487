import type { Method } from '@latchkey/e2ee/handshake'
import type { LockReason } from './pairing-guard.ts'

/** Events at the door of a machine, for its owner. Labels and addresses are cleaned; they may be false. */
export type SealingEvent =
  | PromptEvent
  /** the PIN is no longer good; what came of it */
  | { readonly type: 'pin'; readonly pin: null; readonly outcome: PromptOutcome; readonly label: string }
  /** an app proved its key: from here on the broker reads nothing of what it says and hears */
  | {
      readonly type: 'sealed'
      readonly method: Method
      /** how this machine knows it from now on, 16 bytes in hex */
      readonly app: string
      readonly appSessionId: string
      readonly label: string
      readonly address: string
      readonly mayType: boolean
    }
  /** held: two came with the keys of one app; revoked: the owner turned it away */
  | {
      readonly type: 'app-standing'
      readonly standing: 'held' | 'revoked'
      readonly app: string
      readonly label: string
    }
  | { readonly type: 'locked'; readonly reason: LockReason }
  | { readonly type: 'unlocked' }
  /** too many PINs were asked for: the next one is shown then, epoch milliseconds by this machine's clock */
  | { readonly type: 'prompts-over'; readonly until: number }
  /** what a QR code or pairing URL says behind its `#`; a new one whenever the secret in it was used or the code changed */
  | { readonly type: 'fragment'; readonly fragment: string }
  /** a record could not be written: the app has to try again */
  | { readonly type: 'trouble'; readonly message: string }

export interface PromptEvent {
  readonly type: 'pin'
  readonly pin: string
  /** how the app calls itself */
  readonly label: string
  /** where it is, as reported by the broker */
  readonly address: string
  /** epoch milliseconds, by this machine's clock */
  readonly expiresAt: number
  /** the owner lets it look, not type */
  readonly viewOnly: boolean
  /** with `viewOnly`: it may answer questions of agents all the same */
  readonly approve: boolean
  /** with `viewOnly`: it may send files all the same */
  readonly send: boolean
  /** it cannot seal, so there is nothing to type: the owner says yes or nothing, and `pin` names the question */
  readonly unsealed: boolean
}

/**
 * sealed: the right PIN was typed; accepted: its owner let it in unsealed; wrong: another one; expired: none within its time; gone: the app left;
 * refused: locked meanwhile, or the app broke the protocol
 */
export type PromptOutcome = 'sealed' | 'accepted' | 'wrong' | 'expired' | 'gone' | 'refused'

/** What happens at the door, as the process that started the runner hears it. */
export function sealingMessage(event: SealingEvent): Readonly<Record<string, unknown>> {
  if (event.type === 'sealed') {
    const { type: action, ...app } = event
    return { event: 'app', action, ...app }
  }
  if (event.type === 'app-standing') {
    const { standing: action, app, label } = event
    return { event: 'app', action, app, appSessionId: '', label, address: '' }
  }
  const { type, ...said } = event
  return { event: type, ...said }
}
