import type { IncomingMessage } from 'node:http'
import { Inject, Injectable } from '@nestjs/common'
import type { Settings } from '../config/settings.ts'
import { OperatorGuard } from '../operator/operator-guard.ts'
import { sameSecret } from '../runner-pairing/runner-proof.ts'
import { SETTINGS } from '../wiring.ts'

/**
 * Who may read the figures: whoever scrapes with the token that is set for it, which opens nothing else, and the operator.
 * Figures tell nobody's name, but how busy a house is, and how its guessers fare, is nobody else's business.
 */
@Injectable()
export class MetricsGuard {
  readonly #token: string | undefined
  readonly #operator: OperatorGuard

  constructor(@Inject(SETTINGS) settings: Settings, @Inject(OperatorGuard) operator: OperatorGuard) {
    this.#token = settings.metricsToken
    this.#operator = operator
  }

  /** Rejects with the problem to answer with when the request is neither's. */
  async requireReader(request: IncomingMessage): Promise<void> {
    const [, bearer] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    if (this.#token !== undefined && bearer !== undefined && sameSecret(bearer, this.#token)) return
    await this.#operator.requireOperator(request)
  }
}
