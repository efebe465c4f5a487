import { MissingRights } from '../missing-rights.ts'
import type { Query } from './query.ts'

/** All tables of this schema; brokers read and write each of them. */
const TABLES = [
  'latchkey_migrations',
  'pairing_records',
  'pairing_history',
  'pairing_audit',
  'runner_registry',
  'revoked_pairings',
  'shared_secrets',
  'pairing_states',
  'mesh_nodes',
  'issued_tokens',
  'device_sessions',
  'node_runners',
  'join_keys',
  'notice_watchers',
  'notice_table',
  'pairing_events',
  'linking_records',
  'linking_credentials',
  'api_keys',
  'webhook_endpoints',
  'webhook_events',
  'webhook_deliveries',
  'webhook_lease',
] as const
const SEQUENCES = ['pairing_versions'] as const

const ON_TABLES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

interface Denied {
  readonly name: string
  readonly right: string
}

/**
 * Rejects with MissingRights, which names all missing rights, when this user may not read and write the tables. Their
 * owner may. Without this check the refusal would come in the middle of a pairing.
 */
export async function demandRights(query: Query): Promise<void> {
  const denied = await query<Denied>({
    text: `
      SELECT name, p AS right FROM unnest($1::text[]) name, unnest($2::text[]) p WHERE NOT has_table_privilege(name, p)
      UNION ALL
      SELECT name, 'USAGE' FROM unnest($3::text[]) name WHERE NOT has_sequence_privilege(name, 'USAGE')
      ORDER BY 1, 2`,
    values: [TABLES, ON_TABLES, SEQUENCES],
  })
  if (denied.length === 0) return
  const named = new Map<string, string[]>()
  for (const { name, right } of denied) named.set(name, [...(named.get(name) ?? []), right])
  const lacks = [...named].map(([name, rights]) => `${rights.join(', ')} on ${name}`).join('; ')
  throw new MissingRights(`its user lacks ${lacks}. Allow all that is needed: ${await remedy(query)}`)
}

/** The same for the schema itself, which the first broker of a release changes. */
export const mayNotMigrate = async (query: Query): Promise<MissingRights> =>
  new MissingRights(
    `its user may not make or change tables, and the schema has to be brought up to date. Let the owner of the database start a broker of this release once, or: ${await remedy(query, ['CREATE'])}`,
  )

async function remedy(query: Query, onSchema: readonly string[] = []): Promise<string> {
  const [row] = await query<{ user: string; schema: string }>({
    text: 'SELECT quote_ident(current_user) AS user, quote_ident(current_schema()) AS schema',
  })
  const { user = 'USER', schema = 'public' } = row ?? {}
  return [
    `GRANT ${['USAGE', ...onSchema].join(', ')} ON SCHEMA ${schema} TO ${user};`,
    `GRANT ${ON_TABLES.join(', ')} ON ALL TABLES IN SCHEMA ${schema} TO ${user};`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${user};`,
  ].join(' ')
}
