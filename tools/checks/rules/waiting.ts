import ts from 'typescript'
import { eachNode, type Files, isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

const SLEEPS = /^(pause|sleep|delay)$/

/** `new Promise((resolve) => setTimeout(resolve, 200))`, `pause(200)`. */
function isSleep(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) {
    const [first] = node.arguments
    return SLEEPS.test(node.expression.getText()) && first !== undefined && first.getText() !== '0'
  }
  if (!ts.isNewExpression(node) || node.expression.getText() !== 'Promise') return false
  return /^\(?(\w+)\)? => (void )?setTimeout\(\1, /.test(node.arguments?.[0]?.getText() ?? '')
}

/** Between two looks at a fact, or where a helper is defined: that is how one waits for a fact. */
const isBetweenLooks = (node: ts.Node): boolean =>
  ts.findAncestor(node, (each) => ts.isIterationStatement(each, false)) !== undefined ||
  ts.findAncestor(node, (each) => ts.isVariableDeclaration(each) && SLEEPS.test(each.name.getText())) !==
    undefined

const CLOCK = /performance\.now\(\)|Date\.now\(\)|\b(tookMs|elapsedMs|lastedMs)\b/

/** `expect(performance.now() - began).toBeLessThan(500)`: an upper bound on how long a machine takes. */
function isTimed(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  if (!/^toBeLessThan(OrEqual)?$/.test(node.expression.name.text)) return false
  const judged = node.expression.expression
  return ts.isCallExpression(judged) && CLOCK.test(judged.arguments[0]?.getText() ?? '')
}

/** The time limits of vitest.config.ts: of a test, and of a fact that is polled for. */
const TEST_MS = 240_000
const POLL_MS = 60_000

const isBetween = (ms: number, from: number, below: number): boolean => ms >= from && ms < below

/** `it('…', …, 30_000)`, `expect.poll(…, { timeout: 20_000 })`: less time than every test has. */
function isHurried(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false
  const called = node.expression.getText()
  const limitMs = called === 'expect.poll' ? POLL_MS : /^(it|test)\b/.test(called) ? TEST_MS : 0
  return node.arguments.some((argument) => {
    const timeout = ts.isObjectLiteralExpression(argument)
      ? argument.properties.find((each) => ts.isPropertyAssignment(each) && each.name.getText() === 'timeout')
      : undefined
    const given = timeout !== undefined && ts.isPropertyAssignment(timeout) ? timeout.initializer : argument
    return ts.isNumericLiteral(given) && isBetween(Number(given.text.replaceAll('_', '')), 1_000, limitMs)
  })
}

/** How often each test file does it: by path. */
function counted(files: Files, isOne: (node: ts.Node) => boolean): ReadonlyMap<string, number[]> {
  const found = new Map<string, number[]>()
  for (const [path, text] of where(files, (each) => isTest(each) && isSource(each)))
    eachNode(path, text, (node, line) => {
      if (isOne(node)) found.set(path, [...(found.get(path) ?? []), line])
    })
  return found
}

/** Files with more cases than the known number, and files with fewer. */
function beyond(files: Files, isOne: (node: ts.Node) => boolean, known: Readonly<Record<string, Known>>) {
  const found = counted(files, isOne)
  const paths = new Set([...found.keys(), ...Object.keys(known).filter((path) => files.has(path))])
  return [...paths].flatMap((path) => {
    const lines = found.get(path) ?? []
    const allowed = known[path]?.count ?? 0
    if (lines.length > allowed)
      return [`${path}:${lines.join(',')} ${lines.length} of them; known are ${allowed}`]
    return lines.length < allowed
      ? [`${path}: only ${lines.length} are left; say so in rules/waiting.ts`]
      : []
  })
}

interface Known {
  readonly count: number
  readonly because: string
}

/** Tests of time itself. The list may only become shorter. */
const KNOWN_SLEEPS: Readonly<Record<string, Known>> = {
  'packages/stores/src/device-pairing/kills.spec.ts': {
    count: 1,
    because: 'the moment of the kill is random: at a fact it would always be the same step of a pairing',
  },
  'packages/stores/src/runner-pairing/kills.spec.ts': {
    count: 1,
    because: 'the moment of the kill is random: at a fact it would always be the same step of a pairing',
  },
  'packages/whatsapp/src/testing/companion.ts': {
    count: 1,
    because: 'a shelf that is slow is the fault it plays',
  },
  'test/system/attach-session.system.spec.ts': {
    count: 1,
    because:
      'ten seconds after which a person is asked pass in a process of its own, which says nothing of it',
  },
  'test/system/control-faults.system.spec.ts': {
    count: 1,
    because: 'a broker sleeps for longer than its lease, which Redis counts',
  },
  'test/system/owner-commands.system.spec.ts': {
    count: 1,
    because: 'a process takes two Ctrl-C within a quarter of a second for one',
  },
  'test/system/run.system.spec.ts': {
    count: 1,
    because: 'a process takes two Ctrl-C within a quarter of a second for one',
  },
}

const KNOWN_BOUNDS: Readonly<Record<string, Known>> = {
  'packages/protocol/src/malformed.spec.ts': {
    count: 1,
    because: 'a name check that is not linear would take years, not seconds',
  },
}

export const waitingRules: readonly Rule[] = [
  {
    name: 'a test waits for a fact, not for a while',
    because: 'a fixed time is too short on a slow machine and too long on a fast one',
    mend: 'Wait with `expect.poll` or a helper until the fact is there.',
    problems: (files) => beyond(files, (node) => isSleep(node) && !isBetweenLooks(node), KNOWN_SLEEPS),
    canary: { 'apps/broker/src/a.spec.ts': 'await new Promise((resolve) => setTimeout(resolve, 200))' },
  },
  {
    name: 'no test judges how long a machine took',
    because: 'the next machine may be five times slower',
    mend: 'Assert the order of events, or use a handed-in clock.',
    problems: (files) => beyond(files, isTimed, KNOWN_BOUNDS),
    canary: { 'apps/broker/src/a.spec.ts': 'expect(performance.now() - began).toBeLessThan(500)' },
  },
  {
    name: 'no test gives itself less time than all have',
    because: 'the next machine may be five times slower',
    mend: 'Leave its own time limit out: vitest.config.ts has one for each level.',
    problems: (files) => beyond(files, isHurried, {}),
    canary: { 'apps/broker/src/a.spec.ts': "it('waits', async () => {}, 30_000)" },
  },
]
