import { where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** A comment line in which a clause stands where a noun would: "whoever …", "what is …", "nobody …". */
const RIDDLE = /(\/\/|\*) .*\b([Ww]hoever|[Ww]ho [a-z]+s |[Nn]obody|[Ww]hat is |[Ww]hat was |[Ww]hat has )/

/** The same in a document, where a question is more often in order. Quoted titles of tests are left out. */
const DOCUMENT_RIDDLE = /\b([Ww]hoever|[Nn]obody)\b/
/** Documents with riddles: the examples of how not to write, and titles of tests. */
const QUOTES_RIDDLES: ReadonlySet<string> = new Set(['CONTRIBUTING.md', 'docs/whatsapp-sentences.md'])

const isJudged = (path: string): boolean => !path.startsWith('tools/checks/rules/riddles.')

const isRiddle = (path: string, line: string): boolean =>
  path.endsWith('.md')
    ? !QUOTES_RIDDLES.has(path) && DOCUMENT_RIDDLE.test(line.replaceAll(/"[^"]*"/g, ''))
    : /\.(ts|tsx|mjs|cjs|css)$/.test(path) && RIDDLE.test(line)

export const riddleRules: readonly Rule[] = [
  {
    name: 'a comment or document names its subject: no "whoever …", "nobody …", "what is …"',
    because: 'a clause in place of a noun has to be read twice',
    mend: 'Write subject, verb, reason, with the word from docs/glossary.md. CONTRIBUTING.md has thirty examples.',
    problems: (files) =>
      where(files, isJudged).flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, at) => (isRiddle(path, line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
      ),
    canary: {
      'apps/cli/src/a.ts': '// Whoever holds the key may open the door.',
      'docs/a.md': 'Nobody knows.',
    },
  },
]
