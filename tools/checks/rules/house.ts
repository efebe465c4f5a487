import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { settingsTable } from '../../../apps/broker/src/config/settings.ts'
import { ROOT, where } from '../repository.ts'
import type { Rule } from './rule.ts'

const lines = (text: string): ReadonlyArray<readonly [string, number]> =>
  text.split('\n').map((line, at) => [line, at + 1] as const)

const EXACT = /^(npm:[^@]*@?[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/
/** Parts of a name that stand for many: `apps/<app>`, `*.spec.ts`, `NNNN-…`. */
const PLACEHOLDER = /[<>*{}…]|NNNN|\.\.\./
const REPOSITORY_PATH = /^(packages|apps|docs|tools|test|bench|deploy|\.ci)\/[\w./@-]+$/
/** Written by a build or a run: named in documents, never in the tree. */
const PRODUCED = /(^|\/)(dist|results|coverage|node_modules|scratch|artifacts)(\/|$)/

export const houseRules: readonly Rule[] = [
  {
    name: 'every path that a document names exists',
    because: 'a reader who finds one dead path trusts no other',
    mend: 'Correct the path in the document.',
    problems: (files) =>
      where(files, (path) => path.endsWith('.md')).flatMap(([path, text]) =>
        lines(text).flatMap(([line, at]) => {
          const links = [...line.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
            .map((match) => match[1]!)
            .filter((to) => !/^[a-z]+:/.test(to))
            .map((to) => normalize(join(dirname(path), to)))
          const named = [...line.matchAll(/`([^`\s]+)`/g)]
            .map((match) => match[1]!.replace(/:\d+$/, '').replace(/\/$/, ''))
            .filter((each) => REPOSITORY_PATH.test(each))
          return [...links, ...named]
            .filter(
              (each) => !PLACEHOLDER.test(each) && !PRODUCED.test(each) && !existsSync(join(ROOT, each)),
            )
            .map((each) => `${path}:${at} names ${each}`)
        }),
      ),
    canary: { 'docs/a.md': 'See `packages/domain/src/no-such-file.ts`.' },
  },
  {
    name: 'ARCHITECTURE.md has at most 200 lines',
    because: 'a document that does not fit one sitting is not read',
    mend: 'Move a detail into docs/ and link to it.',
    problems: (files) => {
      const count = (files.get('ARCHITECTURE.md') ?? '').split('\n').length - 1
      return count > 200 ? [`ARCHITECTURE.md: ${count} lines`] : []
    },
    canary: { 'ARCHITECTURE.md': 'line\n'.repeat(201) },
  },
  {
    name: 'no file names a folder of somebody’s machine or a package registry',
    because: 'a clone must not point back to one machine or registry',
    mend: 'Use a relative path, or a name from example.org.',
    problems: (files) =>
      where(files, (path) => !path.startsWith('tools/checks/')).flatMap(([path, text]) =>
        lines(text).flatMap(([line, at]) =>
          /(^|[\s"'`(=:])\/(work\/(main|shared)|root|Users\/\w+)\/|"resolved": *"https?:|https?:\/\/[\w.-]*(registry|artifactory|verdaccio)[\w.-]*/.test(
            line,
          )
            ? [`${path}:${at} ${line.trim().slice(0, 80)}`]
            : [],
        ),
      ),
    canary: { 'package-lock.json': '  "resolved": "https://registry.example.org/zod/-/zod-1.0.0.tgz",' },
  },
  {
    name: 'every setting that a deployment names exists',
    because: 'an unknown setting looks as if it worked',
    mend: 'Correct the name, or add the setting to apps/broker/src/config/settings.ts.',
    problems: (files) => {
      const known = new Set(
        settingsTable.flatMap(({ env, flag }) => (flag === null ? [env, `${env}_FILE`] : [env])),
      )
      return where(files, (path) => path.startsWith('deploy/')).flatMap(([path, text]) =>
        [...new Set(text.match(/\b(LATCHKEY|REDIS|DATABASE)_[A-Z][A-Z_]*\b/g))]
          .filter((name) => !known.has(name))
          .map((name) => `${path}: ${name}`),
      )
    },
    canary: { 'deploy/docker-compose.yml': 'LATCHKEY_PUBLIC_ADDRESS: http://192.0.2.7' },
  },
  {
    name: 'every command that a package installs is a file of the repository',
    because: 'npm links a command at installation, before anything is built',
    mend: 'Point `bin` at a tracked file that loads the build.',
    problems: (files) =>
      where(files, (path) => /(^|\/)package\.json$/.test(path)).flatMap(([path, text]) => {
        const { bin = {} }: { bin?: Record<string, string> } = JSON.parse(text)
        return Object.values(bin)
          .map((file) => normalize(join(dirname(path), file)))
          .filter((file) => !files.has(file))
          .map((file) => `${path}: ${file}`)
      }),
    canary: { 'apps/a/package.json': '{"bin":{"a":"./dist/main.js"}}' },
  },
  {
    name: 'every dependency is pinned exactly',
    because: 'a clone made next year must be the one that was tested',
    mend: 'Write the exact version, without ^ or ~.',
    problems: (files) =>
      where(files, (path) => /(^|\/)package\.json$/.test(path)).flatMap(([path, text]) => {
        const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(text)
        return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
          Object.entries(manifest[kind] ?? {})
            .filter(([, version]) => !EXACT.test(version))
            .map(([name, version]) => `${path}: ${name} ${version}`),
        )
      }),
    canary: { 'packages/a/package.json': '{"dependencies":{"zod":"^4.0.0"}}' },
  },
  {
    name: 'every workspace is MIT, private and an ES module',
    because: 'one licence, no accidental publication, one module system',
    mend: 'Set `license`, `private` and `type` as the other workspaces do.',
    problems: (files) =>
      where(files, (path) => /^((packages|apps)\/[^/]+\/)?package\.json$/.test(path)).flatMap(
        ([path, text]) => {
          const { license, private: isPrivate, type }: Record<string, unknown> = JSON.parse(text)
          const want = { license: 'MIT', private: true, type: 'module' }
          return Object.entries({ license, private: isPrivate, type })
            .filter(([key, value]) => value !== want[key as keyof typeof want])
            .map(([key, value]) => `${path}: ${key} is ${String(value)}`)
        },
      ),
    canary: { 'packages/a/package.json': '{"license":"ISC","private":true,"type":"module"}' },
  },
  {
    name: 'every port is tested with every adapter by one contract suite',
    because: 'stores that agree only on the happy path behave differently under faults',
    mend: 'Call the port’s contract suite with this adapter in a spec of packages/stores.',
    problems: (files) => {
      const adapters = new Set(
        where(files, (path) =>
          /^packages\/stores\/src\/[^/]+\/[^/]+\.(store|repository)\.ts$/.test(path),
        ).map(([path]) => path.split('/').slice(3).join('/')),
      )
      const suites = where(files, (path) => /^packages\/stores\/.*\.spec\.ts$/.test(path)).map(
        ([, text]) => text,
      )
      return [...adapters]
        .filter((adapter) => {
          const contract = adapter
            .split('/')[1]!
            .replace(/\.store\.ts$/, 'StoreContract(')
            .replace(/\.repository\.ts$/, 'RepositoryContract(')
          const named = contract.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
          return !suites.some((text) => text.includes(`'./${adapter}'`) && text.includes(named))
        })
        .map((adapter) => `packages/stores/src/${adapter}: no spec runs its contract on it`)
    },
    canary: { 'packages/stores/src/redis/pairing.store.ts': '' },
  },
  {
    name: 'the pages’ bundle holds no part of a server',
    because: 'a phone must not load server code',
    mend: 'Find the import in apps/web/src, and import a file without that dependency.',
    problems: (files) =>
      where(files, (path) => /^apps\/web\/dist\/.*\.js$/.test(path)).flatMap(([path, text]) =>
        ['better-sqlite3', '@nestjs/', 'node-pty', 'ioredis', 'node:crypto', 'node:fs', 'node:net']
          .filter((word) => text.includes(word))
          .map((word) => `${path}: contains ${word}`),
      ),
    canary: { 'apps/web/dist/assets/a.js': 'import "node:fs"' },
  },
]
