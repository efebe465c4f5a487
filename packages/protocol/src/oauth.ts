import { z } from 'zod'
import { shownAddress, shownUserCode } from './shown.ts'

/**
 * The device authorization grant (RFC 8628) over device pairing, for devices without a page. Requests come as
 * `application/x-www-form-urlencoded`; refusals are `{error, error_description}` as RFC 6749 5.2 says.
 */

/** RFC 8628, 3.4. */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Any public client may ask: the operator's consent is the gate. The client's name is not checked, so it is no secret. */
const publicClient = z.string().min(1).max(64)

/** The rights that may be asked for: to enrol runners, to sign apps in. The operator decides; the token names the rights given. */
export const oauthScopes = ['runner', 'app'] as const

/** `POST /oauth/device_authorization` (RFC 8628, 3.1). */
export const authorizationRequest = z.object({
  client_id: publicClient,
  /** RFC 6749, 3.3: names of `oauthScopes` with single spaces between; absent: `runner` */
  scope: z.string().max(256).optional(),
  /** the device's name, by which the operator recognises it; not part of the RFC */
  device_name: z.string().max(64).optional(),
})

/** Its answer (3.2). */
export const authorizationReply = z.object({
  device_code: z.string(),
  user_code: shownUserCode,
  verification_uri: shownAddress,
  /** the same page with the code filled in: it only pre-fills */
  verification_uri_complete: shownAddress,
  /** seconds */
  expires_in: z.number().int(),
  /** seconds between polls */
  interval: z.number().int(),
})

/** `POST /oauth/token` (3.4). */
export const tokenRequest = z.object({
  grant_type: z.string().max(128),
  device_code: z.string().max(128),
  client_id: publicClient,
})

/** The access token is the device's peer token: it enrols runners and signs apps in, and is renewed by being used. */
export const tokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** seconds */
  expires_in: z.number().int(),
  scope: z.string(),
})

/** RFC 6749, 5.2, and RFC 8628, 3.5. */
export const oauthRefusal = z.object({
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unsupported_grant_type',
    'invalid_scope',
    'authorization_pending',
    'slow_down',
    'access_denied',
    'expired_token',
    'temporarily_unavailable',
  ]),
  error_description: z.string(),
})
export type OAuthError = z.output<typeof oauthRefusal>['error']

/** `GET /.well-known/oauth-authorization-server` (RFC 8414). */
export const serverMetadata = z.object({
  issuer: z.string(),
  device_authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  grant_types_supported: z.array(z.string()),
  /** empty: there is no authorization endpoint */
  response_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  scopes_supported: z.array(z.string()),
})
