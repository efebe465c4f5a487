import { invariant } from '@latchkey/domain/kernel'
import type { PostgresDatabase } from './database.ts'

/**
 * Texts that all broker instances of one database share, by name. A name that is not kept yet is kept as given here: of
 * instances that start at once, the first decides, and all answer with the same.
 * @param mine this instance’s proposals, by name; never empty
 */
export async function sharedSecrets<Name extends string>(
  db: PostgresDatabase,
  mine: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, string>>> {
  const shared: Record<Name, string> = { ...mine }
  for (const name in mine) {
    await db.query({
      text: 'INSERT INTO shared_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
      values: [name, mine[name]],
    })
    const [kept] = await db.query<{ value: string }>({
      text: 'SELECT value FROM shared_secrets WHERE name = $1',
      values: [name],
    })
    invariant(kept, 'a secret stays once it is kept')
    shared[name] = kept.value
  }
  return shared
}

/** Puts `value` in the place of the shared text `name`. Broker instances that run keep the old one until they start again. */
export async function replaceSharedSecret(db: PostgresDatabase, name: string, value: string): Promise<void> {
  await db.query({
    text: 'INSERT INTO shared_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value',
    values: [name, value],
  })
}
