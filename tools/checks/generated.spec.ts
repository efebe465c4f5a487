import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generatedDocuments } from './generated.ts'
import { ROOT } from './repository.ts'

it.each(generatedDocuments())('%s says what the source says: else run `npm run fix`', (path, text) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text)
})
