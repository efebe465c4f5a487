import type { IncomingMessage } from 'node:http'
import type { Settings } from '../config/settings.ts'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import { sameSecret } from '../secrets/same-secret.ts'

interface Parts {
  readonly settings: Settings
  readonly operator: OperatorGuard
}

/**
 * The figures are for the operator, and for a scraper with the token that is set for it; that token opens nothing else.
 * Figures hold no name, but they show how busy a broker is and how its guessers fare.
 */
export class MetricsGuard {
  readonly #token: string | undefined

  constructor(private readonly parts: Parts) {
    this.#token = parts.settings.metricsToken
  }

  /** Rejects with the problem to answer with when the request is neither's. */
  async requireReader(request: IncomingMessage): Promise<void> {
    const [, bearer] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    if (this.#token !== undefined && bearer !== undefined && sameSecret(bearer, this.#token)) return
    await this.parts.operator.requireOperator(request)
  }
}
