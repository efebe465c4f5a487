import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { openPostgres } from '@latchkey/stores/postgres/database'
import { replaceSharedSecret } from '@latchkey/stores/postgres/secrets'
import { keepShared, newSecret, SECRET_FILES, type Secrets } from '../config/data-directory.ts'
import type { ReadSettings } from '../config/read-settings.ts'

/**
 * Makes a new secret in place of the one of the data folder, and of the one in PostgreSQL where brokers share it. Brokers that
 * run take the old one until they start again. Answers with the secret's file, or with a sentence.
 */
export async function rotateSecret(
  { settings, dataDir, secrets }: Pick<ReadSettings, 'settings' | 'dataDir' | 'secrets'>,
  name: keyof Secrets,
): Promise<Decision<string, string>> {
  const { file, setting } = SECRET_FILES[name]
  if (setting !== null && secrets[setting] !== undefined)
    return refuse(`it is set by ${setting}: change it there, and start the broker again`)
  if (!existsSync(dataDir)) return refuse(`there is no data folder ${dataDir}: name it with --data-dir`)
  const made = newSecret()
  const path = join(dataDir, file)
  if (settings.databaseUrl !== undefined) {
    try {
      const db = await openPostgres(settings.databaseUrl)
      await replaceSharedSecret(db, name, made).finally(() => db.close())
    } catch (problem) {
      return refuse(`PostgreSQL: ${problem instanceof Error ? problem.message : String(problem)}`)
    }
  }
  keepShared(path, made)
  return accept(path)
}
