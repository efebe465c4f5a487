import type { IncomingMessage } from 'node:http'
import { secondsLeft } from '@latchkey/domain/limits/budget'
import * as wire from '@latchkey/protocol/oauth'
import type { z } from 'zod'
import type { ClientAddresses } from '../http/client-address.ts'
import type { Reach } from '../http/reach.ts'
import { AddressBudgets } from '../limits/address-budgets.ts'
import type { OAuthService } from './oauth.service.ts'
import { oauthProblem } from './oauth-problem.ts'

const SECOND_MS = 1_000

/** The request needs no secret, so one address must not take all places: a person starts a few devices in a minute. */
const ASKING = { bansAtFailure: 10, windowMs: 60_000, banMs: 60_000, resolutionMs: 1 }

/** When all places for waiting devices are taken: by then one that was given up has ended, or been answered. */
const BUSY_SECONDS = 60

interface Parts {
  readonly oauth: OAuthService
  readonly reach: Reach
  readonly addresses: ClientAddresses
  readonly clock: () => number
}

/** Answers RFC 8628's requests in its words. A refusal is thrown as RFC 6749 5.2 has it. */
export class OAuthDesk {
  readonly #asked: AddressBudgets

  constructor(private readonly parts: Parts) {
    this.#asked = new AddressBudgets(ASKING, parts.clock)
  }

  async authorize(request: IncomingMessage, body: unknown): Promise<z.input<typeof wire.authorizationReply>> {
    const said = readForm(wire.authorizationRequest, body)
    const { client_id: client, device_name: name = '', scope = 'runner' } = said
    const isKnown = (one: string) => wire.oauthScopes.some((each) => each === one)
    if (!scope.split(' ').every(isKnown)) throw oauthProblem('invalid_scope')
    const address = this.parts.addresses.of(request)
    const leftMs = this.#asked.banLeftMs(address)
    if (leftMs > 0) throw oauthProblem('temporarily_unavailable', secondsLeft(leftMs))
    this.#asked.charge(address)
    const decision = await this.parts.oauth.ask(client, name, address)
    if (!decision.ok) throw oauthProblem(decision.refusal.error, BUSY_SECONDS)
    const { deviceCode, userCode, lifeMs, pollEveryMs } = decision.value
    const verificationUri = `${this.parts.reach.urlOf(request)}/approve`
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verificationUri,
      verification_uri_complete: `${verificationUri}?user_code=${userCode}`,
      expires_in: Math.floor(lifeMs / SECOND_MS),
      interval: Math.ceil(pollEveryMs / SECOND_MS),
    }
  }

  async token(body: unknown): Promise<z.input<typeof wire.tokenReply>> {
    const said = readForm(wire.tokenRequest, body)
    if (said.grant_type !== wire.DEVICE_GRANT) throw oauthProblem('unsupported_grant_type')
    const decision = await this.parts.oauth.poll(said.client_id, said.device_code)
    if (!decision.ok) {
      const { refusal } = decision
      const everyMs = refusal.error === 'slow_down' ? refusal.everyMs : undefined
      throw oauthProblem(refusal.error, everyMs === undefined ? undefined : Math.ceil(everyMs / SECOND_MS))
    }
    const { peerTokenText, peerToken } = decision.value
    const lifeMs = peerToken.expiresAt - this.parts.clock()
    return {
      access_token: peerTokenText,
      token_type: 'Bearer',
      expires_in: Math.floor(lifeMs / SECOND_MS),
      scope: peerToken.permissions.join(' '),
    }
  }

  /** RFC 8414: where everything is. Section 3.3: the issuer is the address that the client asked, so each of the broker's has its own. */
  metadata(request: IncomingMessage): z.input<typeof wire.serverMetadata> {
    const url = this.parts.reach.urlOf(request)
    return {
      issuer: url,
      device_authorization_endpoint: `${url}/oauth/device_authorization`,
      token_endpoint: `${url}/oauth/token`,
      grant_types_supported: [wire.DEVICE_GRANT],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['none'],
      scopes_supported: [...wire.oauthScopes],
    }
  }
}

/** A form as its schema reads it. A parameter that is there twice is a list, and refused like any other malformed one. */
function readForm<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path }) => path[0])
  throw oauthProblem(fields.includes('client_id') ? 'invalid_client' : 'invalid_request')
}
