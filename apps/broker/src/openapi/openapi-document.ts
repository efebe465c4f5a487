import { PAGE_KEY_HEADER, problem } from '@latchkey/protocol/console'
import { deviceProblems } from '@latchkey/protocol/device-pairing'
import { oauthRefusal } from '@latchkey/protocol/oauth'
import { z } from 'zod'
import type { Route } from '../routes/route.ts'
import { routes } from '../routes/routes.ts'
import { BROKER_VERSION } from '../version.ts'

const OTHER_PROBLEMS: Readonly<Record<string, number>> = {
  LINK_NOT_VALID: 401,
  NOT_READY: 503,
  NO_SUCH_BAN: 404,
  NOT_PACKED: 503,
  NO_SUCH_FILE: 404,
  NO_SUCH_KEY: 404,
  TOO_MANY_KEYS: 409,
  NO_SUCH_WEBHOOK: 404,
  NO_SUCH_EVENT: 404,
  TOO_MANY_WEBHOOKS: 409,
  WEBHOOK_OFF: 409,
  NO_SUCH_ACCOUNT: 404,
  NO_QR: 404,
  NO_CODE: 404,
  REQUEST_IN_PROGRESS: 409,
  ALREADY_LINKED: 409,
  OTHER_NODE: 409,
  INVALID_REQUEST: 409,
  NUMBER_UNAVAILABLE: 409,
  COOLDOWN: 429,
  SCOPE_MISSING: 403,
}
const statusOf = (code: string): number =>
  Object.entries(deviceProblems).find(([name]) => name === code)?.[1] ?? OTHER_PROBLEMS[code] ?? 400

/** OpenAPI 3.1 of everything that may be asked over HTTP, made of the schemas that answer it. */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    Object.assign(paths[route.path] ?? {}, { [route.method]: operationOf(route) })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey broker',
      version: BROKER_VERSION,
      description:
        'What a broker answers over HTTP. Runners and apps speak Socket.IO and a binary WebSocket, which docs/protocol.md describes. Moments are milliseconds since the epoch where they are numbers. A refusal is problem details (RFC 9457) with a machine `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem), OAuthRefusal: schemaOf(oauthRefusal) },
      securitySchemes: {
        console: {
          type: 'apiKey',
          in: 'cookie',
          name: 'latchkey-operator-<port>',
          description:
            'Set by signing in with a printed link, and good together with the page’s key alone. The port is the broker’s, so that two on one machine do not meet; over HTTPS the name begins with `__Host-`.',
        },
        page: {
          type: 'apiKey',
          in: 'header',
          name: PAGE_KEY_HEADER,
          description: 'The other half of the session, from the answer to the sign-in.',
        },
        secret: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The operator’s secret: the file operator-secret in the data folder, or LATCHKEY_OPERATOR_SECRET.',
        },
        metrics: {
          type: 'http',
          scheme: 'bearer',
          description: 'The metrics token, LATCHKEY_METRICS_TOKEN: it opens /metrics alone.',
        },
        key: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, `lk_…`, which the operator makes. It opens the operations that name one of its scopes, and no other.',
        },
        node: { type: 'http', scheme: 'bearer', description: 'A device’s peer token or session secret.' },
      },
    },
  }
}

function operationOf(route: Route): Readonly<Record<string, unknown>> {
  const { tag, summary, body, isForm } = route
  const mediaType = isForm === true ? 'application/x-www-form-urlencoded' : 'application/json'
  const parameters = parametersOf(route)
  return {
    tags: [tag],
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    security: securityOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [mediaType]: { schema: schemaOf(body) } } } }),
    responses: { ...success(route), ...failures(route) },
  }
}

/** The scope is the role that OpenAPI 3.1 lets a bearer's requirement name. */
const securityOf = ({ by, scope }: Route): readonly object[] =>
  scope === undefined ? SECURITY[by] : [...SECURITY[by], { key: [scope] }]

const SECURITY: Readonly<Record<Route['by'], readonly object[]>> = {
  anybody: [],
  operator: [{ console: [], page: [] }, { secret: [] }],
  console: [{ console: [], page: [] }],
  secret: [{ secret: [] }],
  device: [{ node: [] }],
  metrics: [{ console: [], page: [] }, { secret: [] }, { metrics: [] }],
}

function parametersOf({ path, query }: Route): readonly object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema),
  }))
  return [...inPath, ...inQuery]
}

function success({ reply, isStream, mediaType = 'text/plain' }: Route): Readonly<Record<string, unknown>> {
  if (reply === 'nothing') return { 204: { description: 'Done.' } }
  if (reply === 'text')
    return { 200: { description: 'The answer.', content: { [mediaType]: { schema: { type: 'string' } } } } }
  const schema = schemaOf(reply)
  return isStream === true
    ? {
        200: {
          description: 'Server-Sent Events; each `data:` is one of these as JSON.',
          content: { 'text/event-stream': { schema } },
        },
      }
    : { 200: { description: 'The answer.', content: { 'application/json': { schema } } } }
}

function failures({ problems = [], by, scope, isForm }: Route): Readonly<Record<string, unknown>> {
  if (isForm === true) {
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/OAuthRefusal' } } }
    return {
      400: { description: 'Refused, as RFC 6749 5.2 and RFC 8628 3.5 say.', content },
      503: {
        description: 'Too many requests wait, or the store is away: Retry-After says how long to wait.',
        content,
      },
    }
  }
  const all =
    by === 'anybody' || by === 'device'
      ? problems
      : [...problems, 'NOT_SIGNED_IN', ...(scope === undefined ? [] : ['SCOPE_MISSING'])]
  const byStatus = new Map<number, string[]>()
  for (const code of all) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code])
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const described = [...byStatus].map(([status, codes]) => [
    status,
    { description: codes.join(', '), content },
  ])
  return { ...Object.fromEntries(described), default: { description: 'Refused.', content } }
}

/** As it is written: a client may send no more, and should read past what it does not know. */
function schemaOf(schema: z.core.$ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}
