import { dirname, join } from 'node:path/posix'
import { type Files, importsOf, isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** Tests look at everything, and nothing that ships imports them. */
const ships = (path: string): boolean =>
  isSource(path) &&
  !isTest(path) &&
  !path.endsWith('.fixture.ts') &&
  /^(packages|apps)\/[^/]+\/src\//.test(path)

/** One import: the file that has it, and the file that it leads to. */
interface Edge {
  readonly from: string
  readonly to: string
}

/** Every import between two files of the product, type imports included. */
function edgesOf(files: Files): readonly Edge[] {
  return where(files, ships).flatMap(([path, text]) =>
    importsOf(path, text)
      .map(({ from }) => ({ from: path, to: join(dirname(path), from) }))
      .filter(({ to }) => ships(to) && files.has(to)),
  )
}

/** Folder → the imports between two things that lie in it (files or folders). */
function byFolder(
  edges: readonly Edge[],
): ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Edge>>> {
  const folders = new Map<string, Map<string, Map<string, Edge>>>()
  for (const edge of edges) {
    const [from, to] = [edge.from.split('/'), edge.to.split('/')]
    const depth = from.findIndex((part, at) => part !== to[at])
    if (depth < 3) continue
    const graph = folders.get(from.slice(0, depth).join('/')) ?? new Map<string, Map<string, Edge>>()
    folders.set(from.slice(0, depth).join('/'), graph)
    const ways = graph.get(from[depth]!) ?? new Map<string, Edge>()
    graph.set(from[depth]!, ways.set(to[depth]!, edge))
  }
  return folders
}

/** One shortest way from `start` back to itself, or null. */
function cycleThrough(
  start: string,
  graph: ReadonlyMap<string, ReadonlyMap<string, Edge>>,
): readonly Edge[] | null {
  const ways: Array<readonly [string, readonly Edge[]]> = [[start, []]]
  const seen = new Set<string>()
  for (const [at, way] of ways)
    for (const [next, edge] of graph.get(at) ?? []) {
      if (next === start) return [...way, edge]
      if (!seen.has(next)) ways.push([next, [...way, edge]])
      seen.add(next)
    }
  return null
}

function cycles(files: Files): readonly string[] {
  return [...byFolder(edgesOf(files))].flatMap(([folder, graph]) => {
    const reported = new Set<string>()
    return [...graph.keys()].flatMap((name) => {
      const cycle = reported.has(name) ? null : cycleThrough(name, graph)
      if (cycle === null) return []
      for (const { from } of cycle) reported.add(from.split('/')[folder.split('/').length]!)
      return [`${folder}: ${cycle.map(({ from, to }) => `${from} imports ${to}`).join(', ')}`]
    })
  })
}

export const floorRules: readonly Rule[] = [
  {
    name: 'the files and folders of a folder form floors: no import cycle among them',
    because:
      'a reader starts at the floor that knows nothing of the others; in a cycle there is no place to start. A type import is an import',
    mend: 'Move what both need into a file or folder below them. One type is often enough.',
    problems: cycles,
    canary: {
      'apps/cli/src/attach/a.ts': "import type { B } from '../up/b.ts'\nexport type A = B",
      'apps/cli/src/up/b.ts': "import { c } from './c.ts'\nexport type B = typeof c",
      'apps/cli/src/up/c.ts': "export { a as c } from '../attach/d.ts'",
      'apps/cli/src/attach/d.ts': 'export const a = 1',
    },
  },
]
