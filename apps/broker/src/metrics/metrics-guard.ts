import type { IncomingMessage } from 'node:http'
import type { Settings } from '../config/settings.ts'
import type { OperatorGuard } from '../operator/operator-guard.ts'
import { sameSecret } from '../secrets/same-secret.ts'

interface Parts {
  readonly settings: Settings
  readonly operator: OperatorGuard
}

/**
 * Who may read the figures: whoever scrapes with the token that is set for it, which opens nothing else, and the operator.
 * Figures tell nobody's name, but how busy a house is, and how its guessers fare, is nobody else's business.
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
