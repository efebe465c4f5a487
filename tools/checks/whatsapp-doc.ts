import ts from 'typescript'
import { eachNode, type Files, isTest, readFiles, where } from './repository.ts'
import { whatsappPromises } from './whatsapp-promises.ts'

/** `… (sentence 12)` or `… (sentences 1, 4)` at the end of a test's name. */
const NAMED = /\(sentences? ([\d, ]+)\)$/

/** By the number of a promise: the tests that show it, each as the name and its file. */
export function testsOfPromises(files: Files): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>()
  for (const [path, text] of where(files, (each) => isTest(each) && each.endsWith('.ts')))
    if (text.includes('(sentence'))
      eachNode(path, text, (node) => {
        if (!ts.isStringLiteralLike(node)) return
        const numbers = NAMED.exec(node.text)?.[1]
        if (numbers === undefined) return
        const name = node.text.replace(NAMED, '').trim()
        const file = path.split('/').at(-1) ?? path
        for (const number of numbers.split(',').map(Number))
          found.set(number, [...(found.get(number) ?? []), `${name} (\`${file}\`)`])
      })
  return found
}

/** docs/whatsapp-sentences.md: every promise of linking beside the tests that show it. A promise without one is said so. */
export function whatsappDocument(files: Files = readFiles()): string {
  const tests = testsOfPromises(files)
  const rows = whatsappPromises.map((promise, at) => {
    const shown = (tests.get(at + 1) ?? ['**no test**']).toSorted()
    return `| ${at + 1} | ${cell(promise)} | ${shown.map(cell).join('<br>')} |`
  })
  return `# What WhatsApp linking guarantees

Each sentence and the tests that show it. Generated from the names of the tests by \`npm run fix\`: a test that shows a sentence
ends its name with "(sentence 12)". The tests drive the real client against a WhatsApp-shaped server on loopback
(\`packages/whatsapp/src/testing\`); what only a real phone can show is in
[the check with a real phone](recipes/whatsapp-real-phone.md).

Run once at full size, on 2026-11-21 (two cores, shared): a hundred links in turn by QR and by code, all of them linked, 13 s
(\`LATCHKEY_LINKS=100 npm test -- session-pool\`). A page that comes and goes 1,000 times: timers as before, heap + 0.9 MB; 3,000
times: + 2.0 MB (\`LATCHKEY_RECONNECTS=3000 npm test -- marketplace\`). Ten linked companies and one malformed frame: nine
untouched, the tenth back by itself. Of two brokers one killed, and one stopped for two leases: never two connections of one
account (\`npm test -- linking.system\`).

| | sentence | shown by |
| --- | --- | --- |
${rows.join('\n')}
`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
