import { invariant } from '@latchkey/domain/kernel'
import * as consoleWire from '@latchkey/protocol/console'
import * as deviceWire from '@latchkey/protocol/device-pairing'
import { visitReply } from '@latchkey/protocol/doctor'
import { historyQuery, historyReply } from '@latchkey/protocol/history'
import { installReply } from '@latchkey/protocol/install'
import { bansReply, liftReply } from '@latchkey/protocol/limits'
import * as oauthWire from '@latchkey/protocol/oauth'
import { appsAnswer, appsOrder } from '@latchkey/protocol/runner-apps'
import { z } from 'zod'
import { audit, joinKeys, notices } from './fleet-routes.ts'
import { keys, linking, machines, webhooks } from './program-routes.ts'
import { type Route, table } from './route.ts'

const tokenProblems = ['MALFORMED_TOKEN', 'TOKEN_UNKNOWN', 'TOKEN_EXPIRED', 'PAIRING_CANCELLED'] as const
const alive = z.object({ status: z.string() })
const question = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })
const answer = z.object({ data: z.unknown(), errors: z.array(z.unknown()).optional() })

const devices = table('devices', {
  'post /pairing/start': {
    summary: 'Starts a pairing: a join token, good once and for five minutes.',
    by: 'operator',
    scope: 'devices:approve',
    body: deviceWire.startRequest,
    reply: deviceWire.startReply,
    problems: ['MALFORMED_REQUEST', 'TOO_MANY_PAIRINGS'],
  },
  'post /pairing/connect': {
    summary: 'A device sends its join token, and gets the PIN that it has to show.',
    by: 'anybody',
    body: deviceWire.connectRequest,
    reply: deviceWire.connectReply,
    problems: [
      'MALFORMED_REQUEST',
      'MALFORMED_KEY',
      'WRONG_PROOF',
      ...tokenProblems,
      'TOO_MANY_ATTEMPTS',
      'TOKEN_USED',
      'ALREADY_REGISTERED',
      'DEVICE_LIMIT',
      'IP_CONFLICT',
      'SECRET_USED',
      'RATE_LIMITED',
    ],
  },
  'post /pairing/verify': {
    summary:
      'Verifies the PIN that the device shows. If it is right, the device has joined, with its peer token and session.',
    by: 'operator',
    scope: 'devices:approve',
    body: deviceWire.verifyRequest,
    reply: deviceWire.verifyReply,
    problems: [
      'MALFORMED_PIN',
      'MALFORMED_NODE_ID',
      ...tokenProblems,
      'TOO_MANY_ATTEMPTS',
      'DEVICE_NOT_CONNECTED',
      'ALREADY_REGISTERED',
      'NODE_ID_MISMATCH',
      'WRONG_PIN',
      'DEVICE_LIMIT',
    ],
  },
  'post /pairing/cancel': {
    summary: 'Ends a pairing that has not been completed.',
    by: 'operator',
    scope: 'devices:approve',
    body: deviceWire.cancelRequest,
    reply: deviceWire.cancelReply,
    problems: ['TOKEN_UNKNOWN', 'TOKEN_EXPIRED', 'ALREADY_REGISTERED'],
  },
  'post /pairing/consent': {
    summary: 'Approves or refuses a device that asked by RFC 8628, by the code that it shows.',
    by: 'operator',
    scope: 'devices:approve',
    body: deviceWire.consentRequest,
    reply: deviceWire.consentReply,
    problems: ['MALFORMED_REQUEST', 'USER_CODE_UNKNOWN', 'TOKEN_EXPIRED'],
  },
  'post /pairing/follow': {
    summary: 'The state of a pairing, at once and at every change, until it has ended.',
    by: 'anybody',
    body: deviceWire.followRequest,
    reply: deviceWire.joinEvent,
    isStream: true,
    problems: ['MALFORMED_TOKEN', 'TOKEN_UNKNOWN', 'RATE_LIMITED'],
  },
})

const nodes = table('nodes', {
  'get /nodes': {
    summary: 'All devices, the oldest first.',
    by: 'operator',
    scope: 'devices:read',
    reply: deviceWire.devicesReply,
  },
  'delete /nodes/{id}': {
    summary: 'Revokes a device: its tokens, sessions, runners and live connections.',
    by: 'operator',
    scope: 'devices:write',
    reply: deviceWire.revokeReply,
    problems: ['MALFORMED_NODE_ID', 'NODE_UNKNOWN', 'NODE_REVOKED', 'FIRST_NODE'],
  },
  'patch /nodes/{id}': {
    summary: 'Changes a device’s name, note, tags or rights, for the operator.',
    by: 'operator',
    scope: 'devices:write',
    body: deviceWire.changeRequest,
    reply: deviceWire.meReply,
    problems: ['MALFORMED_NODE_ID', 'MALFORMED_REQUEST', 'NODE_UNKNOWN', 'NODE_REVOKED'],
  },
  'get /nodes/me': {
    summary: 'The device that a peer token or a session secret belongs to.',
    by: 'device',
    reply: deviceWire.meReply,
    problems: ['NOT_A_NODE'],
  },
  'delete /nodes/me': {
    summary: 'The device that asks leaves: its token, sessions and runners are void.',
    by: 'device',
    reply: deviceWire.leaveReply,
    problems: ['NOT_A_NODE', 'FIRST_NODE'],
  },
  'patch /nodes/me': {
    summary: 'Renames the device that asks.',
    by: 'device',
    body: deviceWire.renameRequest,
    reply: deviceWire.meReply,
    problems: ['NOT_A_NODE', 'MALFORMED_REQUEST'],
  },
})

const oauth = table('oauth', {
  'post /oauth/device_authorization': {
    summary: 'A device without a page asks to be let in (RFC 8628, 3.1). Refusals are as RFC 6749 5.2 says.',
    by: 'anybody',
    body: oauthWire.authorizationRequest,
    isForm: true,
    reply: oauthWire.authorizationReply,
  },
  'post /oauth/token': {
    summary: 'The device asks for the decision (RFC 8628, 3.4); the access token is its peer token.',
    by: 'anybody',
    body: oauthWire.tokenRequest,
    isForm: true,
    reply: oauthWire.tokenReply,
  },
  'get /.well-known/oauth-authorization-server': {
    summary: 'The addresses of these endpoints (RFC 8414).',
    by: 'anybody',
    reply: oauthWire.serverMetadata,
  },
})

const operator = table('operator', {
  'post /operator/sign-in': {
    summary: 'Signs in with the token of a printed link, once; the answer sets a cookie.',
    by: 'anybody',
    body: consoleWire.signInRequest,
    reply: consoleWire.signInReply,
    problems: ['LINK_NOT_VALID', 'RATE_LIMITED'],
  },
  'post /operator/sign-out': {
    summary: 'Ends the session of the cookie.',
    by: 'anybody',
    reply: 'nothing',
  },
  'post /operator/link': {
    summary: 'A new console link.',
    by: 'secret',
    reply: z.object({ consoleUrl: z.string() }),
  },
  'get /operator/overview': {
    summary: 'Everything that the console shows, once.',
    by: 'operator',
    reply: consoleWire.consoleEvent,
  },
  'get /console/events': {
    summary: 'Everything that the console shows, at once and at every change. With the cookie only.',
    by: 'console',
    reply: consoleWire.consoleEvent,
    isStream: true,
  },
  'get /operator/history': {
    summary: 'The history of pairing attempts, by time, runner and outcome, page by page.',
    by: 'operator',
    scope: 'history:read',
    query: historyQuery,
    reply: historyReply,
  },
  'get /operator/bans': {
    summary: 'All bans and their ends, the longest first.',
    by: 'operator',
    scope: 'limits:read',
    reply: bansReply,
  },
  'delete /operator/bans': {
    summary: 'Lifts the bans of one subject, or all with `all=true`, and deletes their counts.',
    by: 'operator',
    scope: 'limits:write',
    query: z.object({ subject: z.string().optional(), all: z.literal('true').optional() }),
    reply: liftReply,
    problems: ['NO_SUCH_BAN'],
  },
  'get /operator/install': {
    summary: 'The hash of the script that installs this release on another machine, and how much it fetches.',
    by: 'operator',
    reply: installReply,
    problems: ['NOT_PACKED', 'NOT_READY'],
  },
  'post /operator/runners/{runnerId}/apps': {
    summary: 'Passes an order about its apps to a runner, and its answer back.',
    by: 'operator',
    body: appsOrder,
    reply: appsAnswer,
  },
  'get /graphql': {
    summary: 'The read view, with the query in the address.',
    by: 'operator',
    query: z.object({ query: z.string(), variables: z.string().optional() }),
    reply: answer,
  },
  'post /graphql': {
    summary: 'The read view: nodes, sessions, tokens, events, runners, history.',
    by: 'operator',
    body: question,
    reply: answer,
  },
})

const broker = table('broker', {
  'get /broker.json': {
    summary: 'Name, version and code alphabet of this broker, for pages.',
    by: 'anybody',
    reply: consoleWire.brokerInfo,
  },
  'get /install': {
    summary: 'A shell script that installs this release. A line with its hash is at `GET /operator/install`.',
    by: 'anybody',
    reply: 'text',
    problems: ['NOT_PACKED', 'NOT_READY'],
  },
  'get /install/{file}': {
    summary: 'A file that the script fetches: the release, or Node.',
    by: 'anybody',
    reply: 'text',
    problems: ['NOT_PACKED', 'NOT_READY', 'NO_SUCH_FILE'],
  },
  'get /openapi.json': {
    summary: 'This document.',
    by: 'anybody',
    reply: z.record(z.string(), z.unknown()),
  },
  'get /healthz': {
    summary: 'The process lives.',
    by: 'anybody',
    reply: alive,
  },
  'get /readyz': {
    summary: 'It can do its work.',
    by: 'anybody',
    reply: alive,
    problems: ['NOT_READY'],
  },
  'get /doctor/drip': {
    summary: 'Two lines, one after the other: shows whether a proxy holds answers back.',
    by: 'anybody',
    reply: 'text',
  },
  'get /doctor/visits/{mark}': {
    summary: 'Whether another device has opened `/d/{mark}`, which is expected from the first question on.',
    by: 'anybody',
    reply: visitReply,
  },
  'get /d/{mark}': {
    summary: 'For the device that shall reach this broker: notes the visit that `latchkey doctor` waits for.',
    by: 'anybody',
    reply: 'text',
  },
  'get /metrics': {
    summary: "This process's figures, for Prometheus.",
    by: 'metrics',
    scope: 'metrics:read',
    reply: 'text',
    problems: ['RATE_LIMITED'],
  },
})

const tables = [
  devices,
  joinKeys,
  audit,
  notices,
  nodes,
  oauth,
  operator,
  keys,
  machines,
  linking,
  webhooks,
  broker,
] as const

/** Names a route by method and path: `post /pairing/start`. */
export type RouteName = NamesOf<(typeof tables)[number]['facts']>
type NamesOf<Each> = Each extends unknown ? keyof Each : never

/** Everything that may be asked over HTTP, but for the pages and their files. */
export const routes: readonly Route[] = tables.flatMap(({ routes: each }) => each)

export const routeOf = (name: RouteName): Route => {
  const found = routes.find(({ method, path }) => `${method} ${path}` === name)
  invariant(found, 'a route has its name')
  return found
}

/** The pages: one file for people, which finds its way by the path. */
export const PAGES = ['/', '/p', '/console', '/join', '/approve', '/link-whatsapp', '/s'] as const
