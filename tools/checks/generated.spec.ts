import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generatedDocuments } from './generated.ts'
import { ROOT, readFiles } from './repository.ts'
import { standingOf, testsOfPromises } from './whatsapp-doc.ts'
import { whatsappPromises } from './whatsapp-promises.ts'

it.each(generatedDocuments())('%s says what the source says: else run `npm run fix`', (path, text) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(text)
})

it.each(generatedDocuments())('%s is folded away in reviews by .gitattributes', (path) => {
  const attributes = readFileSync(join(ROOT, '.gitattributes'), 'utf8').split('\n')
  expect(attributes).toContain(`${path} linguist-generated`)
})

it('every promise of WhatsApp linking is shown on the levels that it demands', () => {
  const tests = testsOfPromises(readFiles())
  const standings = whatsappPromises.map((_, at) => `${at + 1}: ${standingOf(at + 1, tests)}`)
  expect(standings.filter((standing) => !standing.endsWith(': shown'))).toEqual([])
})
