import { secondsLeft } from '@latchkey/domain/limits/budget'
import { secretSubjects } from '@latchkey/domain/limits/subjects'
import { offerSecret } from '@latchkey/domain/runner-pairing/attempts'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { LimitsWatch } from './limits-watch.ts'

/** The outcome of showing a secret. */
export type Shown =
  | { readonly status: 'right' }
  | { readonly status: 'wrong' }
  /** the secret was not judged */
  | { readonly status: 'banned'; readonly seconds: number }

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly watch: LimitsWatch
}

/**
 * The one way to try a secret that all brokers share, over a socket or over HTTP: wrong ones are charged to the address,
 * its network and the broker, in the budgets that wrong codes draw on too.
 */
export class SecretDoor {
  constructor(private readonly parts: Parts) {}

  /** @param isRight the result of a comparison in constant time; a banned source does not learn it */
  async show(isRight: boolean, address: string): Promise<Shown> {
    const subjects = secretSubjects(address)
    const answer = await this.parts.store.run(offerSecret({ isRight, subjects }, this.parts.rules.limits))
    switch (answer.status) {
      case 'right':
        return answer
      case 'wrong':
        this.parts.watch.failed('secret', { address }, answer.charged)
        return { status: 'wrong' }
      case 'banned':
        this.parts.watch.heldOff()
        return { status: 'banned', seconds: secondsLeft(answer.leftMs) }
    }
  }
}
