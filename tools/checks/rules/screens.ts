import ts from 'typescript'
import { eachNode, isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** Programs that write to a person's terminal. */
const program = (path: string): boolean =>
  isSource(path) && !isTest(path) && /^apps\/(cli|runner)\/src\//.test(path)

/** Each has its own way to keep foreign text from acting on the terminal. */
const KNOWS_THE_TERMINAL = new Set([
  'apps/cli/src/output.ts', // the one place for lines
  'apps/cli/src/up/live-view.ts', // redraws lines, through `paintedOnly`
  'apps/cli/src/attach/screen.ts', // output that the filter has passed
  'apps/cli/src/backup/sealed-file.ts', // into a file
  'apps/cli/src/acp/acp.ts', // messages for an editor; it refuses to write to a terminal
  'apps/cli/src/files/get.ts', // a file into a pipe; it refuses a terminal
  'apps/runner/src/pty/pty-writer.ts', // into a program, not out of one
])

/** The arguments of `stdout.write(…)`, `console.log(…)` or `writeSync(…)`; null for another call. */
function writtenBy(node: ts.Node): ts.NodeArray<ts.Expression> | null {
  if (!ts.isCallExpression(node)) return null
  const called = node.expression.getText().replaceAll('?.', '.')
  return /(^|\.)(stdout|stderr)\.write$|^console\.\w+$|^(fs\.)?writeSync$/.test(called)
    ? node.arguments
    : null
}

const CLEAN = /^(printable|printableLines|jsonLine|paintedOnly)\(/

/** Whether `written` is our own text, or cleaned here. */
function isClean(written: ts.Expression): boolean {
  if (ts.isStringLiteralLike(written) || ts.isNumericLiteral(written)) return true
  if (ts.isTemplateExpression(written))
    return written.templateSpans.every(({ expression }) => isClean(expression))
  return CLEAN.test(written.getText())
}

export const screenRules: readonly Rule[] = [
  {
    name: 'what others chose reaches a screen through one place that cleans it',
    because:
      'a broker, an app or a machine may be called "ESC c": say, complain, print, ask and emit of an invocation let no control character through',
    mend: 'Print it by the invocation, or through `printable`.',
    problems: (files) => {
      const found: string[] = []
      for (const [path, text] of where(files, (each) => program(each) && !KNOWS_THE_TERMINAL.has(each)))
        eachNode(path, text, (node, line) => {
          const written = writtenBy(node)
          // Of `writeSync` the first is where to.
          const texts = written?.filter((_, at) => at === 0 || node.getText().includes('writeSync')) ?? []
          const isWrong = texts.some(
            (each) =>
              !isClean(each) &&
              !/^(this\.)?#?\w*(fd|Fd|file|handle)$/.test(each.getText().replace('this.', '')),
          )
          if (isWrong)
            found.push(
              `${path}:${line} ${node.getText().slice(0, 60)}: print it by the invocation, or through printable`,
            )
        })
      return found
    },
    canary: {
      'apps/cli/src/a.ts': 'export const a = (name: string) => process.stderr.write(`Paired with ${name}`)',
    },
  },
]
