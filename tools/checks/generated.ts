import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { protocolDocument } from './protocol-doc.ts'
import { ROOT } from './repository.ts'
import { withSettings } from './settings-doc.ts'

/** Every document that is made from the source, wholly or in part: its path, and what it has to hold. */
export const generatedDocuments = (): ReadonlyArray<readonly [string, string]> => [
  ['docs/protocol.md', protocolDocument()],
  ['README.md', withSettings(readFileSync(join(ROOT, 'README.md'), 'utf8'))],
]
