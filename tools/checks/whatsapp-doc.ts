import ts from 'typescript'
import { eachNode, type Files, isTest, readFiles, where } from './repository.ts'
import { type PromiseLevel, promiseLevels, whatsappPromises } from './whatsapp-promises.ts'

/** `… (sentence 12)` or `… (sentences 1, 4)` at the end of a test's name. */
const NAMED = /\(sentences? ([\d, ]+)\)$/

/** What a table of cases puts into a test's name: it differs from case to case. */
const CASE = /%[sdifjo#]/g

/** From the part to the whole: a level also shows everything that the levels before it show. */
const LEVELS: readonly PromiseLevel[] = ['unit', 'real client', 'browser']

/** One test that shows a promise. */
export interface ShowingTest {
  readonly name: string
  readonly file: string
  readonly level: PromiseLevel
}

/** Pages are tested in a browser; code without a WhatsApp client is a unit, as is a store's contract. */
const levelOf = (path: string): PromiseLevel => {
  if (path.endsWith('.browser.spec.ts')) return 'browser'
  return /\.(int|system)\.spec\.ts$/.test(path) && !path.includes('phone-reading') ? 'real client' : 'unit'
}

/** By the number of a promise: the tests that show it. */
export function testsOfPromises(files: Files): ReadonlyMap<number, readonly ShowingTest[]> {
  const found = new Map<number, ShowingTest[]>()
  for (const [path, text] of where(files, (each) => isTest(each) && each.endsWith('.ts')))
    if (text.includes('(sentence'))
      eachNode(path, text, (node) => {
        if (!ts.isStringLiteralLike(node)) return
        const numbers = NAMED.exec(node.text)?.[1]
        if (numbers === undefined) return
        const name = node.text.replace(NAMED, '').replaceAll(CASE, '…').trim()
        const test: ShowingTest = { name, file: path.split('/').at(-1) ?? path, level: levelOf(path) }
        for (const number of numbers.split(',').map(Number))
          found.set(number, [...(found.get(number) ?? []), test])
      })
  return found
}

/** `shown`, or the levels on which a promise is not shown: a unit test proves nothing of the real client. */
export function standingOf(number: number, tests: ReturnType<typeof testsOfPromises>): string {
  const levels = (tests.get(number) ?? []).map(({ level }) => level)
  const missing = (promiseLevels[number - 1] ?? []).filter(
    (wanted) => !levels.some((level) => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted)),
  )
  return missing.length === 0 ? 'shown' : `not shown: ${missing.join(', ')}`
}

/** docs/whatsapp-sentences.md: every promise of linking beside the tests that show it, and whether they do. */
export function whatsappDocument(files: Files = readFiles()): string {
  const tests = testsOfPromises(files)
  const rows = whatsappPromises.map((promise, at) => {
    const shown = (tests.get(at + 1) ?? []).map(({ name, file }) => `${name} (\`${file}\`)`).toSorted()
    return `| ${at + 1} | ${cell(promise)} | ${standingOf(at + 1, tests)} | ${shown.map(cell).join('<br>')} |`
  })
  return `# What WhatsApp linking guarantees

Each sentence and the tests that show it. Generated from the names of the tests by \`npm run fix\`: a test that shows a sentence
ends its name with "(sentence 12)"; … stands for what differs from case to case. \`shown\` means a test on each level that the
sentence demands: a unit, the real client, a browser. The tests drive the real client against a WhatsApp-shaped server on loopback
(\`packages/whatsapp/src/testing\`); what only a real phone can show is in
[the check with a real phone](recipes/whatsapp-real-phone.md).

Run once at full size, on 2026-11-21 (two cores, shared): a hundred links in turn by QR and by code, all of them linked, 13 s
(\`LATCHKEY_LINKS=100 npm test -- session-pool\`). A page that comes and goes 1,000 times: timers as before, heap + 0.9 MB; 3,000
times: + 2.0 MB (\`LATCHKEY_RECONNECTS=3000 npm test -- marketplace\`). Ten linked companies and one malformed frame: nine
untouched, the tenth back by itself. Of two brokers one killed, and one stopped for two leases: never two connections of one
account (\`npm test -- linking.system\`).

| | sentence | | shown by |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
