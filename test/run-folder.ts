import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder for what one run of the tests makes once and uses in many files, as an empty PostgreSQL cluster to copy. Named to
 * the workers by LATCHKEY_TEST_RUN_FOLDER; answers with what removes it.
 */
export default function openRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-run-'))
  // PostgreSQL runs as another user when the tests run as root, and has to pass through.
  chmodSync(folder, 0o711)
  process.env['LATCHKEY_TEST_RUN_FOLDER'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
