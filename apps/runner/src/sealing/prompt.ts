import { LOOK, type Rights } from './rights.ts'
import type { PromptEvent, PromptOutcome } from './sealing-events.ts'

/** An app at the door, which has to leave when its time is over. */
export interface Visitor {
  readonly label: string
  readonly address: string
  refuse(reason: 'expired' | 'locked'): void
  /** The owner says yes to one that can prove nothing; null for one that has to prove itself. */
  readonly accept: ((viewOnly: boolean) => void) | null
}

/** An answer that needs no person is there at once, or the app is gone. */
const ANSWER_WITHIN_MS = 10_000

/**
 * The one attempt with a PIN that may be open at a time, from the moment it is let in: from then on everybody else hears
 * BUSY.
 */
export class Prompt {
  readonly visitor: Visitor
  #shown: PromptEvent | null = null
  #burnt = false
  #timer: NodeJS.Timeout

  constructor(visitor: Visitor) {
    this.visitor = visitor
    this.#timer = setTimeout(() => visitor.refuse('expired'), ANSWER_WITHIN_MS)
  }

  /** What to show now; null while there is nothing to type. */
  get shown(): PromptEvent | null {
    return this.#burnt ? null : this.#shown
  }

  /** What the owner decided that the app may do. */
  get rights(): Rights {
    const { viewOnly = false, approve = false, send = false } = this.#shown ?? {}
    return viewOnly ? { type: false, approve, send } : { ...LOOK, type: true }
  }

  show(pin: string, label: string, ttlMs: number, nowMs: number): PromptEvent {
    const { address, accept } = this.visitor
    const unsealed = accept !== null
    const decided = { viewOnly: false, approve: false, send: false }
    this.#shown = { type: 'pin', pin, label, address, expiresAt: nowMs + ttlMs, ...decided, unsealed }
    this.#endsIn(ttlMs)
    return this.#shown
  }

  /** The owner decides what the app may do, while its PIN is on the screen. */
  decide(viewOnly: boolean, { approve, send }: Omit<Rights, 'type'>): PromptEvent | null {
    if (this.shown === null) return null
    // An app that cannot seal gets no right of its own: the broker could use it in its name.
    const more = viewOnly && !this.shown.unsealed
    this.#shown = { ...this.shown, viewOnly, approve: more && approve, send: more && send }
    return this.#shown
  }

  burn(): void {
    this.#burnt = true
    this.#endsIn(ANSWER_WITHIN_MS)
  }

  /** What to tell of its end; null when nothing was ever shown. */
  end(outcome: PromptOutcome): { type: 'pin'; pin: null; outcome: PromptOutcome; label: string } | null {
    clearTimeout(this.#timer)
    const shown = this.#shown
    return shown && { type: 'pin', pin: null, outcome, label: shown.label }
  }

  #endsIn(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.visitor.refuse('expired'), delayMs)
  }
}
