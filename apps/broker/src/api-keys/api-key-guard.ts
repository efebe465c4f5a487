import type { IncomingMessage } from 'node:http'
import type { ApiKey, ApiScope } from '@latchkey/domain/api-keys/api-key'
import { type KeyRefusal, useKey } from '@latchkey/domain/api-keys/operations'
import type { ApiKeyStore } from '@latchkey/domain/api-keys/ports'
import { API_KEY_PREFIX } from '@latchkey/protocol/api-keys'
import type { ClientAddresses } from '../http/client-address.ts'
import { HttpProblem } from '../http/problem.ts'
import type { SecretDoor } from '../limits/secret-door.ts'
import type { KeySecrets } from './key-secret.ts'

interface Parts {
  readonly keys: ApiKeyStore
  readonly secrets: KeySecrets
  readonly addresses: ClientAddresses
  readonly door: SecretDoor
}

/** Lets in the requests that show an API key with the scope of their route. */
export class ApiKeyGuard {
  readonly #shown = new WeakMap<IncomingMessage, ApiKey>()

  constructor(private readonly parts: Parts) {}

  /** Whether a request shows an API key, good or not: it is then judged by that alone. */
  shows({ headers }: IncomingMessage): boolean {
    return (headers.authorization ?? '').startsWith(`Bearer ${API_KEY_PREFIX}`)
  }

  /** The key that a request was let in with; null when it came without one. */
  keyOf(request: IncomingMessage): ApiKey | null {
    return this.#shown.get(request) ?? null
  }

  /**
   * Rejects with the problem to answer with unless the key of the request is good for `scope`. Each request reads the key
   * anew, so that a revocation holds at once. A key that was never made is charged like any wrong secret.
   * @param scope null: the route takes no key
   */
  async requireKey(request: IncomingMessage, scope: ApiScope | null): Promise<void> {
    const { keys, secrets } = this.parts
    const [, bearer = ''] = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    const traces = secrets.tracesOf(bearer)
    const used =
      traces === null
        ? { ok: false as const, refusal: { status: 'unknown' as const } }
        : await keys.run(useKey(traces, scope))
    if (!used.ok) throw await this.#problemOf(used.refusal, request)
    this.#shown.set(request, used.value)
  }

  /** A key that was good once, or is good for something else, was not guessed. */
  async #problemOf(refusal: KeyRefusal, request: IncomingMessage): Promise<HttpProblem> {
    switch (refusal.status) {
      case 'unknown':
        return this.#unknown(request)
      case 'revoked':
        return new HttpProblem(401, 'KEY_REVOKED', 'this API key was revoked: ask the operator for another')
      case 'ended':
        return new HttpProblem(401, 'KEY_ENDED', 'this API key has ended: ask the operator for another')
      case 'lacks':
        return refusal.scope === null
          ? new HttpProblem(403, 'NOT_FOR_KEYS', 'no API key opens this: it is for the operator alone')
          : new HttpProblem(403, 'SCOPE_MISSING', `this API key lacks the scope ${refusal.scope}`, {
              members: { scope: refusal.scope },
            })
    }
  }

  async #unknown(request: IncomingMessage): Promise<HttpProblem> {
    const shown = await this.parts.door.show(false, this.parts.addresses.of(request))
    return shown.status === 'banned'
      ? new HttpProblem(429, 'RATE_LIMITED', `too many attempts: wait ${shown.seconds} s`, {
          retryAfterSeconds: shown.seconds,
        })
      : new HttpProblem(401, 'NOT_SIGNED_IN', 'this API key is not known here: was it copied whole?')
  }
}
