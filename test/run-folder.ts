import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder = ''

/**
 * A folder for what one run of the tests makes once and uses in many files, as an empty PostgreSQL cluster to copy. Named to
 * the workers by LATCHKEY_TEST_RUN_FOLDER. Vitest calls this before the first file.
 */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-test-run-'))
  // PostgreSQL runs as another user when the tests run as root, and has to pass through.
  chmodSync(folder, 0o711)
  process.env['LATCHKEY_TEST_RUN_FOLDER'] = folder
}

/** Removes it after the last. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true })
}
