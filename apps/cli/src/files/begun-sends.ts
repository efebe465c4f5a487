import { createHash, randomBytes } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hex128 } from '@latchkey/protocol/fields'
import { z } from 'zod'
import { readJson, readJsonFiles, writePrivately } from '../private-files.ts'

/** The machine keeps a part no longer. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000

const begun = z.object({
  key: hex128,
  file: z.string().regex(/^[0-9a-f]{32}\.json$/),
  begunAtMs: z.number(),
})

/**
 * The key of a file that is sent, kept until the file has arrived: the same command goes on after Ctrl-C or a loss of power, and
 * later sends the same file anew.
 */
export function begunSend(
  dataDir: string,
  what: readonly string[],
): { readonly key: string; arrived(): void } {
  const folder = join(dataDir, 'sends')
  const file = `${createHash('sha256').update(what.join('\n')).digest('hex').slice(0, 32)}.json`
  const path = join(folder, file)
  const nowMs = Date.now()
  for (const old of readJsonFiles(folder, begun))
    if (nowMs - old.begunAtMs > KEPT_MS) rmSync(join(folder, old.file), { force: true })
  const key = readJson(path, begun)?.key ?? randomBytes(16).toString('hex')
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    writePrivately(path, `${JSON.stringify({ key, file, begunAtMs: nowMs })}\n`)
  return { key, arrived: () => rmSync(path, { force: true }) }
}
