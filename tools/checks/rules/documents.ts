import { basename } from 'node:path'
import ts from 'typescript'
import { COMMANDS } from '../../../apps/cli/src/commands.ts'
import { optionsOf } from '../../../apps/cli/src/common-options.ts'
import type { Files } from '../repository.ts'
import { eachNode, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** A table's column with this heading names tests. */
const TESTS_COLUMN = 'shown by'
const cellsOf = (line: string): readonly string[] =>
  line
    .replace(/^\s*\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())

interface Shown {
  readonly at: number
  readonly cell: string
}

/** The cells that name tests, with their lines. */
function shownBy(text: string): readonly Shown[] {
  const found: Shown[] = []
  let column = -1
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.startsWith('|')) column = -1
    else if (column === -1) column = cellsOf(line).indexOf(TESTS_COLUMN)
    else if (!/^\|[\s:|-]+$/.test(line)) found.push({ at: index + 1, cell: cellsOf(line)[column] ?? '' })
  }
  return found
}

/** `it`, `describe` and calls derived from them: `it.each(…)('title')`. */
function isTestCall(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return /^(it|test|describe)$/.test(callee.text)
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee))
    return isTestCall(callee.expression)
  return false
}

/** The titles of a spec, as its source writes them. */
function titlesOf(path: string, text: string): readonly string[] {
  const titles: string[] = []
  eachNode(path, text, (node) => {
    const title = ts.isCallExpression(node) && isTestCall(node.expression) ? node.arguments[0] : undefined
    if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text)
    else if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.getText())
  })
  return titles
}

/** An ellipsis stands for omitted words. The other parts must be in the title, in this order. */
function quotes(title: string, quoted: string): boolean {
  let at = 0
  for (const part of quoted.split('…').map((each) => each.trim())) {
    const found = title.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return true
}

/** `door`, `door.int`, `door.int.spec.ts` or a path of the repository: the test files, or benchmarks, of that name. */
function filesNamed(name: string, files: Files): readonly string[] {
  const wanted = new Set([name, `${name}.spec.ts`, `${name}.contract.ts`, `${name}.ts`])
  return where(files, (path) => path === name || (isTest(path) && wanted.has(basename(path)))).map(
    ([path]) => path,
  )
}

/** What a cell names that is not there. */
function untrue(cell: string, files: Files): readonly string[] {
  const quoted = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  const [variables, names] = [quoted.filter(isVariable), quoted.filter((each) => !isVariable(each))]
  if (names.length === 0) return ['names no test file']
  const paths = names.flatMap((name) => filesNamed(name, files))
  const missing = names.filter((name) => filesNamed(name, files).length === 0)
  const unread = variables.filter((name) => !paths.some((path) => files.get(path)?.includes(name)))
  const titles = paths.flatMap((path) => titlesOf(path, files.get(path) ?? ''))
  const unsaid = [...cell.matchAll(/"([^"]+)"/g)]
    .map((match) => match[1]!)
    .filter((title) => !titles.some((one) => quotes(one, title)))
  return [
    ...missing.map((name) => `there is no ${name}`),
    ...unread.map((name) => `none of these files reads ${name}`),
    ...unsaid.map((title) => `none of these files has a test "${title}"`),
  ]
}

/** `LATCHKEY_RELAY_RUNS`: how often a test repeats is a variable of its file. */
const isVariable = (name: string): boolean => /^[A-Z][A-Z_]+$/.test(name)

/** Calls of the command line in a document: the words after `latchkey` in code, up to the end of the code. */
const callsIn = (line: string, isCode: boolean): readonly string[] =>
  (isCode ? [line] : [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    .flatMap((code) => code.split(/\s(?:[&|]{1,2}|#)\s/))
    .flatMap((code) => /^\s*(?:npx )?latchkey ((?:[a-z]|--).*)/.exec(code)?.[1] ?? [])

/** What of a call there is not: `status --consol`. */
function wrongCall(call: string): readonly string[] {
  const [first = '', ...rest] = call.split(/[\s,]+/)
  const command = COMMANDS.find(({ name }) => name === (first.startsWith('-') ? 'up' : first))
  if (command === undefined) return [`there is no command latchkey ${first}`]
  // Behind two dashes stands another program's command.
  const own = [first, ...rest]
  return own
    .slice(0, own.includes('--') ? own.indexOf('--') : own.length)
    .filter((word) => word.startsWith('--'))
    .map((word) => word.slice(2).replace(/[=.].*/, ''))
    .filter((flag) => !Object.hasOwn(optionsOf(command), flag))
    .map((flag) => `latchkey ${command.name} has no --${flag}`)
}

/** The rules of the screens, by letter, and how many there are. */
const SCREEN_RULES = { M: 30, P: 20, C: 12 }
const SCREEN_RULES_DOC = 'docs/rules.md'

/** The rules that have no row of their own in the document. */
function rulesWithoutRow(text: string): readonly string[] {
  const all = Object.entries(SCREEN_RULES).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
  )
  return all.filter((rule) => !text.split('\n').some((line) => line.startsWith(`| ${rule} `)))
}

export const documentRules: readonly Rule[] = [
  {
    name: 'every rule of the screens has a row that says how it is kept',
    because: 'a rule that is in no table is kept by luck',
    mend: `Add the row to ${SCREEN_RULES_DOC}.`,
    problems: (files) => {
      const text = files.get(SCREEN_RULES_DOC)
      return text === undefined
        ? []
        : rulesWithoutRow(text).map((rule) => `${SCREEN_RULES_DOC}: no row ${rule}`)
    },
    canary: { [SCREEN_RULES_DOC]: '| M1 raw keys | kept | `a` |' },
  },
  {
    name: 'every test that a document says shows a claim exists',
    because: 'a claim that names a missing test looks proven and is not',
    mend: 'Correct the name of the test or file in the document, or write the test.',
    problems: (files) =>
      where(files, (path) => path.endsWith('.md')).flatMap(([path, text]) =>
        shownBy(text).flatMap(({ at, cell }) =>
          untrue(cell, files).map((problem) => `${path}:${at} ${problem}`),
        ),
      ),
    canary: {
      'docs/a.md':
        '| it tries to | shown by |\n| --- | --- |\n| get in | `door`: "stays shut for … strangers" |',
      'packages/a/src/door.spec.ts': "it('stays shut for all', () => {})",
    },
  },
  {
    name: 'every command and flag that a document shows exists',
    because: 'a reader copies a line from a document and expects it to work',
    mend: 'Correct the document, or add the command or flag in apps/cli.',
    problems: (files) =>
      where(files, (path) => path.endsWith('.md')).flatMap(([path, text]) => {
        let isCode = false
        return text.split('\n').flatMap((line, at) => {
          if (/^\s*```/.test(line)) isCode = !isCode
          return callsIn(line, isCode).flatMap((call) =>
            wrongCall(call).map((problem) => `${path}:${at + 1} ${problem}`),
          )
        })
      }),
    canary: { 'docs/a.md': 'Ask `latchkey status --consoles`.' },
  },
]
