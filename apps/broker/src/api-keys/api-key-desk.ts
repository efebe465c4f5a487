import { type ApiKey, isOver } from '@latchkey/domain/api-keys/api-key'
import { makeKey, revokeKey } from '@latchkey/domain/api-keys/operations'
import type { ApiKeyStore } from '@latchkey/domain/api-keys/ports'
import { instant, invariant, later } from '@latchkey/domain/kernel'
import type { makeKeyReply } from '@latchkey/protocol/api-keys'
import {
  type ApiKeyView,
  type keysReply,
  makeKeyRequest,
  type revokeKeyReply,
} from '@latchkey/protocol/api-keys'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'
import type { Log } from '../log/log.ts'
import { printable } from '../shell/label.ts'
import type { KeySecrets } from './key-secret.ts'

const DAY_MS = 24 * 60 * 60_000

interface Parts {
  readonly keys: ApiKeyStore
  readonly secrets: KeySecrets
  /** the store's time, milliseconds since the epoch */
  readonly clock: () => number
  readonly log: Log
}

/** Makes, lists and revokes API keys for the operator. A refusal is thrown as its problem. */
export class ApiKeyDesk {
  constructor(private readonly parts: Parts) {}

  async make(body: unknown): Promise<z.output<typeof makeKeyReply>> {
    const asked = makeKeyRequest.safeParse(body)
    const name = printable(asked.data?.name ?? '')
    if (!asked.success || name === '')
      throw new HttpProblem(400, 'INVALID_FORMAT', 'expected {"name": "…", "scopes": ["…"], "lifeDays": 90}')
    const { lifeDays, scopes } = asked.data
    const key = this.parts.secrets.make()
    const traces = this.parts.secrets.tracesOf(key)
    invariant(traces, 'a new key has the form of a key')
    const now = instant(Math.floor(this.parts.clock()))
    const endsAt = lifeDays === null ? null : later(now, lifeDays * DAY_MS)
    const made = await this.parts.keys.run(makeKey({ ...traces, name, scopes: [...new Set(scopes)], endsAt }))
    if (!made.ok)
      throw new HttpProblem(
        409,
        'TOO_MANY_KEYS',
        'revoke a key that is not needed any more, then make this one',
      )
    this.parts.log.info('api-key.made', { keyId: traces.id })
    return { key, apiKey: this.#view(made.value) }
  }

  async list(): Promise<z.output<typeof keysReply>> {
    return { keys: (await this.parts.keys.list()).map((key) => this.#view(key)) }
  }

  async revoke(id: string): Promise<z.output<typeof revokeKeyReply>> {
    const revoked = await this.parts.keys.run(revokeKey(id))
    if (revoked === null) throw new HttpProblem(404, 'NO_SUCH_KEY', 'GET /operator/keys lists the keys')
    this.parts.log.info('api-key.revoked', { keyId: revoked.id })
    return { apiKey: this.#view(revoked) }
  }

  #view(key: ApiKey): ApiKeyView {
    const { digest: _, scopes, ...shown } = key
    const now = instant(this.parts.clock())
    const status = key.revokedAt !== null ? 'revoked' : isOver(key, now) ? 'ended' : 'good'
    return { ...shown, scopes: [...scopes], status }
  }
}
