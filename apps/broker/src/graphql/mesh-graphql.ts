import { GraphQLError, Kind, type ValidationRule } from 'graphql'
import { createSchema, createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { failureFields, type Log } from '../log/log.ts'
import type { MeshQueries } from './mesh-queries.ts'
import { MESH_SCHEMA } from './mesh-schema.ts'

/** A question as it came: by POST as JSON, or by GET in the address. */
export interface Asked {
  readonly method: string
  /** path and query */
  readonly url: string
  readonly body: unknown
}

export interface Answered {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** The widest sensible query has some fifty. An alias costs a field, so one query cannot ask for everything a thousand times. */
const FIELDS_MAX = 200

interface Parts {
  readonly queries: MeshQueries
  readonly log: Log
}

/** Answers GraphQL questions. It reads; there is nothing to change. */
export class MeshGraphql {
  readonly #yoga: YogaServerInstance<object, object>

  constructor(parts: Parts) {
    this.#yoga = createYoga({
      schema: createSchema({ typeDefs: MESH_SCHEMA, resolvers: resolversOver(parts.queries) }),
      graphqlEndpoint: '/graphql',
      graphiql: false,
      landingPage: false,
      cors: false,
      // It would write questions to standard output: what failed is in our own log.
      logging: false,
      batching: false,
      plugins: [bounds, reportingTo(parts.log)],
    })
  }

  async answer({ method, url, body }: Asked): Promise<Answered> {
    const response = await this.#yoga.fetch(new URL(url, 'http://broker'), {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
    })
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'application/json',
      text: await response.text(),
    }
  }
}

const resolversOver = (queries: MeshQueries) => ({
  Query: {
    nodes: () => queries.nodes(),
    node: (_: unknown, { id }: { readonly id: string }) => queries.node(id),
    tokens: () => queries.tokens(),
    sessions: () => queries.sessions(),
    pairings: () => queries.pairings(),
    events: (
      _: unknown,
      { limit, nodeId }: { readonly limit: number | null; readonly nodeId?: string | null },
    ) => queries.events(limit, nodeId ?? null),
    runners: () => queries.runners(),
    history: (_: unknown, said: { readonly limit: number | null; readonly runnerId?: string | null }) =>
      queries.history(said.limit, said.runnerId ?? null),
  },
})

const atMostSoManyFields: ValidationRule = (context) => {
  let fields = 0
  return {
    [Kind.FIELD]: () => {
      fields++
      if (fields === FIELDS_MAX + 1)
        context.reportError(new GraphQLError(`a question has at most ${FIELDS_MAX} fields`))
    },
  }
}

const bounds: Plugin = {
  onValidate({ addValidationRule }) {
    addValidationRule(atMostSoManyFields)
  },
}

/** Logs failures of resolvers. Errors in the query itself go to its sender alone. */
const reportingTo = (log: Log): Plugin => ({
  onExecute: () => ({
    onExecuteDone({ result }) {
      const errors = 'errors' in result ? (result.errors ?? []) : []
      for (const { originalError } of errors)
        if (originalError !== undefined) log.error('graphql.failed', failureFields(originalError))
    },
  }),
})
