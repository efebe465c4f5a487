import { where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** Rooms whose comments are not rewritten yet. A room leaves this list when the law holds there. */
const NOT_YET_PLAIN: readonly string[] = [
  'apps/broker',
  'apps/runner',
  'apps/web',
  'packages/connection',
  'packages/domain',
  'packages/e2ee',
  'packages/protocol',
  'packages/stores',
  'packages/whatsapp',
]

/** A comment line in which a clause stands where a noun would: "whoever …", "what is …", "nobody …". */
const RIDDLE = /(\/\/|\*) .*\b([Ww]hoever|[Ww]ho [a-z]+s |[Nn]obody|[Ww]hat is |[Ww]hat was |[Ww]hat has )/

const isRead = (path: string): boolean =>
  /\.(ts|tsx|mjs|cjs|css)$/.test(path) &&
  !path.startsWith('tools/checks/rules/riddles.') &&
  !NOT_YET_PLAIN.some((room) => path.startsWith(`${room}/`))

export const riddleRules: readonly Rule[] = [
  {
    name: 'a comment names its subject: no "whoever …", "nobody …", "what is …"',
    because: 'a clause in place of a noun has to be read twice',
    mend: 'Write subject, verb, reason, with the word from docs/glossary.md. CONTRIBUTING.md has thirty examples.',
    problems: (files) =>
      where(files, isRead).flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, at) => (RIDDLE.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
      ),
    canary: { 'apps/cli/src/a.ts': '// Whoever holds the key may open the door.' },
  },
]
