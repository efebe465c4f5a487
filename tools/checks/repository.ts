import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The repository's folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Path (from the root, with slashes) → text. What a rule judges: the tree itself, or a canary made up for it. */
export type Files = ReadonlyMap<string, string>

const TEXT =
  /\.(ts|tsx|mjs|cjs|js|json|md|css|html|sh|yml|svg|webmanifest)$|(^|\/)(\.ci\/run|LICENSE|\.npmrc|\.gitignore)$/

/** Every text file that git knows or would add, without the canaries, which break rules on purpose. */
export function readFiles(): Files {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
  })
  const paths = listed
    .toString()
    .split('\0')
    .filter((path) => TEXT.test(path) && !path.startsWith('tools/checks/canaries/'))
    .filter((path) => existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile())
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]))
}

export const isTest = (path: string): boolean =>
  /\.(spec|contract)\.ts$|\/(contract|testing|fixtures|schedules)\/|^test\//.test(path)
export const isSource = (path: string): boolean => /\.(ts|tsx|mjs|cjs|js)$/.test(path)

/** The files whose path `wanted` accepts. */
export const where = (
  files: Files,
  wanted: (path: string) => boolean,
): ReadonlyArray<readonly [string, string]> => [...files].filter(([path]) => wanted(path))

const sources = new Map<string, ts.SourceFile>()

/** Many rules read the same files: each is parsed once. */
function parsed(path: string, text: string): ts.SourceFile {
  const before = sources.get(path)
  if (before?.text === text) return before
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : undefined
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind)
  sources.set(path, source)
  return source
}

/** Calls `visit` with every node of a source, so that words in comments and strings are not taken for code. */
export function eachNode(path: string, text: string, visit: (node: ts.Node, line: number) => void): void {
  const source = parsed(path, text)
  const walk = (node: ts.Node): void => {
    visit(node, source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1)
    ts.forEachChild(node, walk)
  }
  walk(source)
}

export interface Import {
  /** the text as written */
  readonly from: string
  readonly line: number
  /** gone once compiled */
  readonly typeOnly: boolean
}

/** What a source imports, exports from or loads. */
export function importsOf(path: string, text: string): readonly Import[] {
  const found: Import[] = []
  eachNode(path, text, (node, line) => {
    const named =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined
    const loaded =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined
    const asType =
      ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
    const from = named ?? loaded ?? asType
    const typeOnly =
      asType !== undefined ||
      (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) ||
      (ts.isExportDeclaration(node) && node.isTypeOnly)
    if (from !== undefined && ts.isStringLiteral(from)) found.push({ from: from.text, line, typeOnly })
  })
  return found
}
