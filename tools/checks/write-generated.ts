import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedDocuments } from './generated.ts'
import { ROOT } from './repository.ts'

// Run with `--conditions=source`, which reads the packages' sources instead of their last build.
for (const [path, text] of generatedDocuments()) {
  const file = join(ROOT, path)
  let before = ''
  try {
    before = readFileSync(file, 'utf8')
  } catch {
    // It is written for the first time.
  }
  if (before === text) continue
  writeFileSync(file, text)
  process.stderr.write(`Wrote ${path}.\n`)
}
