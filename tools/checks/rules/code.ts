import ts from 'typescript'
import { eachNode, type Files, importsOf, isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

const product = (path: string): boolean =>
  isSource(path) && /^(packages|apps)\/[^/]+\/(?!dist\/)/.test(path) && !isTest(path)

/** Every node of the sources that `wanted` accepts, for which `says` has something to say. */
function nodes(
  files: Files,
  wanted: (path: string) => boolean,
  says: (node: ts.Node) => string | null,
): string[] {
  const found: string[] = []
  for (const [path, text] of where(files, wanted))
    eachNode(path, text, (node, line) => {
      const problem = says(node)
      if (problem !== null) found.push(`${path}:${line} ${problem}`)
    })
  return found
}

/** Where text from outside becomes values. Each has a reason to parse by itself. */
const PARSES_JSON = [
  /^packages\/(protocol|stores)\//, // the wire and the rows
  /^packages\/whatsapp\/src\/auth-state.ts$/, // its own rows, by the library's reviver
  /^apps\/[^/]+\/src\/config\//, // the configuration file
]

/** Edges, modules, and the shell that starts the framework. */
const KNOWS_NEST = /\.(gateway|controller|resolver|module)\.ts$|\/(main|broker)\.ts$|\/(http|routes|shell)\//
/** What another NestJS application may inject (docs/recipes/nest-application.md). */
const FOUNDING_SERVICE =
  /\/(pairing-code|pairing-session|pairing-history|rate-limit)\.service\.ts$|\/pairing-code-generator\.ts$/

/** An object of named collaborators counts as one. */
const CONSTRUCTOR_PARAMETERS_MAX = 5

const isJsonParse = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && node.expression.getText() === 'JSON.parse'
/** `schema.parse(JSON.parse(text))` and `schema.safeParse(…)`: parsed at the edge, in one breath. */
function goesThroughSchema(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isCallExpression(parent) && /(\.(parse|safeParse)|^received)$/.test(parent.expression.getText()))
    return true
  // Or it is `unknown` (a variable's or a function's type), which the compiler lets nothing use before a schema parses it.
  if (ts.isVariableDeclaration(parent)) return parent.type?.kind === ts.SyntaxKind.UnknownKeyword
  if (ts.isBinaryExpression(parent))
    return node.getSourceFile().text.includes(`let ${parent.left.getText()}: unknown`)
  const within = ts.findAncestor(node, ts.isFunctionLike)
  return within?.type?.getText().includes('unknown') === true
}

export const codeRules: readonly Rule[] = [
  {
    name: 'text from outside becomes a value through a schema only',
    because: '`JSON.parse` answers `any`, which the compiler checks nowhere',
    mend: 'Parse with a zod schema in the same expression, or keep the value as `unknown`.',
    problems: (files) =>
      nodes(
        files,
        (path) => product(path) && !PARSES_JSON.some((place) => place.test(path)),
        (node) =>
          isJsonParse(node) && !goesThroughSchema(node) ? 'JSON.parse without a schema around it' : null,
      ),
    canary: { 'apps/broker/src/a.ts': 'export const a = JSON.parse("{}")' },
  },
  {
    name: 'the domain throws in its kernel only',
    because: 'a refusal is a value; only a programmer’s error or a broken machine throws',
    mend: 'Return `refuse(…)`, or call `invariant(…)` for a programmer’s error.',
    problems: (files) =>
      nodes(
        files,
        (path) => product(path) && path.startsWith('packages/domain/') && !path.endsWith('/kernel.ts'),
        (node) => (ts.isThrowStatement(node) ? 'refuse(…) or invariant(…) instead' : null),
      ),
    canary: { 'packages/domain/src/a.ts': 'export function a() { throw new Error("no") }' },
  },
  {
    name: 'a cast in a package is a brand’s constructor or `as const`',
    because: 'any other `as` is a claim that the compiler does not check',
    mend: 'Narrow the value with a check or a parser.',
    problems: (files) =>
      nodes(
        files,
        (path) => product(path) && /^packages\/(domain|protocol|connection)\//.test(path),
        (node) => {
          if (!ts.isAsExpression(node)) return null
          const target = node.type.getText()
          return target === 'const' ||
            /^(unknown|keyof \w+( & string)?|Instant|[A-Z]\w*(Id|Code|Key|Digest|Number))$/.test(target)
            ? null
            : `as ${target}: narrow it instead`
        },
      ),
    canary: { 'packages/domain/src/a.ts': 'export const a = JSON as Widget' },
  },
  {
    name: 'Nest is known to edges, modules and the founding services; these carry Injectable and Inject, and nothing else of it',
    because:
      'all other parts are built by plain code in one place (docs/decisions/0016); the founding services are usable one by one, with any container or none',
    mend: 'Build the part in composition.ts; move other uses of Nest into a module, an edge or the shell.',
    problems: (files) =>
      nodes(
        files,
        (path) => product(path) && path.startsWith('apps/broker/') && !KNOWS_NEST.test(path),
        (node) => {
          if (!ts.isImportDeclaration(node) || !node.moduleSpecifier.getText().includes('@nestjs/'))
            return null
          const names = node.importClause?.getText() ?? ''
          const isFounding = FOUNDING_SERVICE.test(node.getSourceFile().fileName)
          return isFounding &&
            /^(type )?\{\s*(Injectable|Inject)(\s*,\s*(Injectable|Inject))?\s*,?\s*\}$/.test(names)
            ? null
            : `imports ${names} of Nest`
        },
      ),
    canary: {
      'apps/broker/src/limits/rate-limit.service.ts': "import { Logger } from '@nestjs/common'",
      'apps/broker/src/oauth/oauth.service.ts': "import { Injectable } from '@nestjs/common'",
    },
  },
  {
    name: 'a controller says its routes by Answers alone',
    because:
      'the table of routes says who may ask, and the document is made of it; a route beside it is described nowhere and refuses everybody',
    mend: 'Add the route to apps/broker/src/routes/routes.ts and mark the method with Answers.',
    problems: (files) =>
      nodes(
        files,
        (path) => product(path) && path.endsWith('.controller.ts'),
        (node) =>
          ts.isImportSpecifier(node) &&
          /^(Get|Post|Put|Patch|Delete|All|Head|Options|Sse)$/.test(node.getText())
            ? `${node.getText()}: use Answers (apps/broker/src/routes/answers.ts)`
            : null,
      ),
    canary: { 'apps/broker/src/a.controller.ts': "import { Controller, Get } from '@nestjs/common'" },
  },
  {
    name: 'a constructor has at most five parameters',
    because: 'more are mixed up by their order; collaborators come by name, in one object',
    mend: 'Take one object of named parts, and say in the file which of them are used.',
    problems: (files) =>
      nodes(files, product, (node) =>
        ts.isConstructorDeclaration(node) && node.parameters.length > CONSTRUCTOR_PARAMETERS_MAX
          ? `${node.parameters.length} parameters: take one object of named parts`
          : null,
      ),
    canary: {
      'apps/broker/src/a.ts':
        'export class A { constructor(a: 1, b: 2, c: 3, d: 4, e: 5, f: 6) { console.log(a, b, c, d, e, f) } }',
    },
  },
  {
    name: 'no file passes on the whole of another',
    because:
      'a package’s exports map is its public face; a barrel hides where things are and loads all of them',
    mend: 'Name each export, or import from the file that has it.',
    problems: (files) =>
      nodes(files, product, (node) =>
        ts.isExportDeclaration(node) && node.exportClause === undefined
          ? 'export *: name what is exported'
          : null,
      ),
    canary: { 'packages/domain/src/a.ts': "export * from './b.ts'" },
  },
  {
    name: 'our own code is never mocked',
    because: 'a mock only proves that the mock was called',
    mend: 'Use the memory store, or hand in the platform.',
    problems: (files) =>
      nodes(
        files,
        (path) => isTest(path) && isSource(path) && /^(packages|apps|test)\//.test(path),
        (node) =>
          ts.isCallExpression(node) && /^vi\.(mock|doMock)$/.test(node.expression.getText())
            ? 'vi.mock'
            : null,
      ),
    canary: { 'apps/broker/src/a.spec.ts': "vi.mock('./b.ts')" },
  },
  {
    name: 'no test is left out',
    because: 'a skipped test is forgotten',
    mend: 'Run it, or delete it. If it needs a program, fail with a sentence that names the program.',
    problems: (files) =>
      nodes(
        files,
        (path) => isTest(path) && isSource(path),
        (node) =>
          ts.isPropertyAccessExpression(node) &&
          /^(it|test|describe|bench)(\.\w+)*\.(only|skip|todo|skipIf|runIf|fails)$/.test(node.getText())
            ? `${node.getText()}: run it, or delete it`
            : null,
      ),
    canary: { 'apps/broker/src/a.spec.ts': "describe.skip('a', () => {})" },
  },
  {
    name: 'every import of another package is declared where it is used',
    because: 'npm hoists packages, so an undeclared import works here and fails in another install',
    mend: 'Add the package, with its exact version, to the package.json named.',
    problems: undeclaredImports,
    canary: {
      'packages/domain/package.json': '{"name":"@latchkey/domain"}',
      'packages/domain/src/a.ts': "import { z } from 'zod'",
    },
  },
]

function undeclaredImports(files: Files): readonly string[] {
  const everywhere = [...files.keys()].filter((path) => /(^|\/)package\.json$/.test(path))
  return where(files, (path) => isSource(path) && /^(packages|apps|tools|test)\//.test(path)).flatMap(
    ([path, text]) => {
      const inRoom = /^(packages|apps)\//.test(path)
      const manifest = inRoom ? `${path.split('/').slice(0, 2).join('/')}/package.json` : 'package.json'
      const runtime = declaredIn(
        files,
        [manifest],
        ['name', 'dependencies', 'optionalDependencies', 'peerDependencies'],
      )
      // Tests and build settings may use the root's tools; files outside the rooms, everything that any room declares.
      const development = declaredIn(files, inRoom ? ['package.json', manifest] : everywhere, KINDS)
      const ships = product(path) && !/\.config\.\w+$/.test(path)
      return importsOf(path, text)
        .filter(({ from }) => !/^(\.|node:|virtual:|data:)/.test(from))
        .map((each) => ({
          ...each,
          name: each.from
            .split('/')
            .slice(0, each.from.startsWith('@') ? 2 : 1)
            .join('/'),
        }))
        .filter(({ name, typeOnly }) => {
          if (runtime.has(name)) return false
          return ships && !typeOnly ? true : !development.has(name) && !development.has(`@types/${name}`)
        })
        .map(({ name, line }) => `${path}:${line} ${name} is not in ${manifest}`)
    },
  )
}

const KINDS = ['name', 'dependencies', 'devDependencies', 'optionalDependencies']

function declaredIn(
  files: Files,
  manifests: readonly string[],
  kinds: readonly string[],
): ReadonlySet<string> {
  return new Set(
    manifests.flatMap((path) => {
      const manifest: Record<string, unknown> = JSON.parse(files.get(path) ?? '{}')
      return kinds.flatMap((kind) =>
        kind === 'name' ? String(manifest[kind]) : Object.keys(manifest[kind] ?? {}),
      )
    }),
  )
}
