import type { OAuthError } from '@latchkey/protocol/oauth'
import { OAuthRefused } from '../http/problem.ts'

const WHY: Readonly<Record<OAuthError, string>> = {
  invalid_request: 'a parameter is missing, malformed, or there twice',
  invalid_client: 'client_id is missing',
  invalid_grant: 'this device code is unknown, was used, or is another client’s',
  unsupported_grant_type: 'only the device code grant is spoken here',
  invalid_scope: 'scope takes runner and app, with single spaces between',
  authorization_pending: 'the operator has not answered yet',
  slow_down: 'wait longer between polls from now on',
  access_denied: 'the operator said no',
  expired_token: 'the operator did not answer in time: ask anew',
  temporarily_unavailable: 'too many devices are waiting: try again later',
}

/** A refusal as RFC 6749 5.2 has it. */
export const oauthProblem = (error: OAuthError, retryAfterSeconds?: number): OAuthRefused =>
  new OAuthRefused(error, WHY[error], retryAfterSeconds)
