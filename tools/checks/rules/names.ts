import { GLOSSARY, type GlossaryRow, glossaryRows } from '../glossary.ts'
import { type Files, isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** Folders that are not a feature of the domain but a place in one room. */
const PLACES: Readonly<Record<string, string>> = {
  'packages/connection': 'app emulator runner storms',
  'packages/stores': 'contract durable memory postgres redis schedules sqlite testing',
  'packages/e2ee': 'native',
  'packages/whatsapp': 'testing',
  'apps/broker':
    'cluster config doctor graphql health http install log metrics oauth openapi operator push routes secrets shell testing web',
  'apps/runner':
    'agents attention channel keeper past ports pty push questions recording screens sealing shell-integration testing',
  'apps/web': 'attention console link offline operator parts push runners seal styles words',
  'apps/cli':
    'acp agents attach backup completion doctor hook install join keeper owner ports ps run secrets service status stop testing up',
}

const BANNED_PLACES = /^(utils?|common|shared|core|helpers?|misc|lib|services|controllers|types|interfaces)$/
const BANNED_FILES =
  /^(utils?|common|shared|core|helpers?|misc|types|interfaces|constants|index)\.(ts|tsx|mjs)$/

const rowsIn = (files: Files): readonly GlossaryRow[] => glossaryRows(files.get(GLOSSARY) ?? '')

function isExpression(source: string): boolean {
  try {
    return new RegExp(source).source !== ''
  } catch {
    return false
  }
}

/** What the folders and the file of a path would be called in code: `node-view.ts` → `nodeView`, `NodeView`. */
const namesOfPath = (path: string): readonly string[] =>
  path.split('/').flatMap((part) => {
    const camel = part.replace(/\..*$/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    return [camel, camel.slice(0, 1).toUpperCase() + camel.slice(1)]
  })

const roomOf = (path: string): string => path.split('/').slice(0, 2).join('/')

export const nameRules: readonly Rule[] = [
  {
    name: 'a feature has one folder name in every room',
    because: 'a reader who knows one room then finds the feature in all others',
    mend: 'Use the feature’s name, or add the place to PLACES in tools/checks/rules/names.ts.',
    problems: (files) => {
      const features = new Set(
        where(files, (path) => /^packages\/domain\/src\/[^/]+\//.test(path)).map(
          ([path]) => path.split('/')[3]!,
        ),
      )
      const folders = new Set(
        where(files, (path) => /^(packages|apps)\/[^/]+\/src\/[^/]+\//.test(path)).map(([path]) =>
          path.split('/').slice(0, 4).join('/'),
        ),
      )
      return [...folders]
        .filter((folder) => {
          const name = folder.split('/')[3]!
          return !features.has(name) && !(PLACES[roomOf(folder)] ?? '').split(' ').includes(name)
        })
        .map(
          (folder) =>
            `${folder}: neither a feature (${[...features].join(', ')}) nor a place in rules/names.ts`,
        )
    },
    canary: {
      'packages/domain/src/runner-pairing/code.ts': '',
      'apps/broker/src/pairing-v2/pairing.service.ts': '',
    },
  },
  {
    name: 'no folder or file is a drawer for everything',
    because: 'a name that fits anything tells nothing, and such files only grow',
    mend: 'Name it for its content.',
    problems: (files) =>
      where(files, (path) => isSource(path) && /^(packages|apps|tools|test)\//.test(path)).flatMap(
        ([path]) => {
          const parts = path.split('/')
          const drawer = parts.slice(2, -1).find((part) => BANNED_PLACES.test(part))
          if (drawer !== undefined) return [`${path}: "${drawer}" says nothing; name what is inside`]
          return BANNED_FILES.test(parts.at(-1)!) ? [`${path}: name the file for what it exports`] : []
        },
      ),
    canary: { 'packages/connection/src/utils/retry.ts': '' },
  },
  {
    name: 'every row of the glossary is one word with one meaning',
    because: 'a word with two meanings makes a reader guess',
    mend: 'Correct the row in docs/glossary.md.',
    problems: (files) => {
      const rows = rowsIn(files)
      const words = rows.map(({ word }) => word)
      return [
        ...(files.has(GLOSSARY) && rows.length > 0 ? [] : [`${GLOSSARY}: has no rows`]),
        ...rows.flatMap(({ line, word, meaning, banned }) => [
          ...(words.indexOf(word) === words.lastIndexOf(word)
            ? []
            : [`${GLOSSARY}:${line} "${word}" has two rows`]),
          ...(/^[^.]+(\.\w[^.]*)*\.$/.test(meaning)
            ? []
            : [`${GLOSSARY}:${line} "${word}": say it in one sentence`]),
          ...(banned === null || isExpression(banned)
            ? []
            : [`${GLOSSARY}:${line} ${banned} is no regular expression`]),
        ]),
      ]
    },
    canary: { 'docs/glossary.md': '| broker | The server. | hub | |\n| broker | A process. | | |' },
  },
  {
    name: 'no name is one that the glossary bans',
    because: 'two words for one thing make a reader look for the difference',
    mend: 'Rename it to the glossary’s word.',
    problems: (files) => {
      const bans = rowsIn(files).flatMap(({ word, banned }) =>
        banned === null || !isExpression(banned)
          ? []
          : [{ word, name: new RegExp(`(?<![\\w$])(?:${banned})(?![\\w$])`) }],
      )
      return where(files, (path) => isSource(path) && !path.startsWith('tools/checks/')).flatMap(
        ([path, text]) =>
          [
            ...namesOfPath(path).map((name) => [name, path]),
            ...text.split('\n').map((line, at) => [line, `${path}:${at + 1}`]),
          ].flatMap(([line = '', place = '']) =>
            bans.flatMap(({ word, name }) => {
              const found = name.exec(line)
              return found === null ? [] : [`${place} "${found[0]}": the glossary calls it "${word}"`]
            }),
          ),
      )
    },
    canary: {
      'docs/glossary.md': '| device | A member of the mesh. | node | `Device\\w*\\|NodeView` | `NodeId` |',
      'apps/broker/src/node-view.ts': 'export const nothing = 1',
      'apps/broker/src/a.ts': 'export type MeshNodes = readonly string[]',
    },
  },
  {
    name: 'a test says its level in its file name',
    because: 'the file name decides where a test runs and how long it may take',
    mend: 'Rename the file.',
    problems: (files) =>
      where(
        files,
        (path) => /\.(test|tests|e2e)\.[jt]sx?$|(^|\/)__tests__\//.test(path) && isSource(path),
      ).map(([path]) => `${path}: name it .spec, .model.spec, .int.spec, .system.spec or .browser.spec`),
    canary: { 'packages/domain/src/code.test.ts': '' },
  },
  {
    name: 'a file has at most 400 lines',
    because: 'a longer file does not fit in one’s head; think of a split at 250 lines',
    mend: 'Split the file by what its parts are for.',
    problems: (files) =>
      where(files, (path) => isSource(path) || path.endsWith('.css'))
        .map(([path, text]) => [path, text.split('\n').length - 1] as const)
        .filter(([path, count]) => count > (isTest(path) ? 600 : 400))
        .map(([path, count]) => `${path}: ${count} lines`),
    canary: { 'apps/broker/src/a.ts': 'line\n'.repeat(401) },
  },
]
