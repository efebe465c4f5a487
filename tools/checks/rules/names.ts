import { isSource, isTest, where } from '../repository.ts'
import type { Rule } from './rule.ts'

/** Folders that are not a feature of the domain but a place in one room. */
const PLACES: Readonly<Record<string, string>> = {
  'packages/connection': 'app runner emulator', // the two ends
  'packages/stores': 'contract schedules testing memory sqlite redis postgres durable', // adapters, and what tests them
  'packages/e2ee': 'native',
  'packages/whatsapp': 'testing',
  'apps/broker':
    'cluster config graphql health http log metrics oauth openapi operator routes secrets shell testing web',
  'apps/runner': 'pty screens sealing testing',
  'apps/web': 'console link offline operator parts runners seal styles words',
  'apps/cli': 'up run attach join status doctor owner backup testing',
}

const BANNED_PLACES = /^(utils?|common|shared|core|helpers?|misc|lib|services|controllers|types|interfaces)$/
const BANNED_FILES =
  /^(utils?|common|shared|core|helpers?|misc|types|interfaces|constants|index)\.(ts|tsx|mjs)$/

/** STYLE 1: one word per thing. The word on the left is somebody else's for what we call the right one. */
const SYNONYMS: Readonly<Record<string, string>> = {
  pairCode: 'pairingCode',
  pairingToken: 'pairingCode',
  pairToken: 'pairingCode',
  agentId: 'runnerId',
  hostId: 'runnerId',
  machineId: 'runnerId',
  userId: 'appSessionId',
  clientId: 'appSessionId',
  deviceToken: 'credential',
  sessionToken: 'credential',
  relayServer: 'broker',
  ptyId: 'terminal',
}

const roomOf = (path: string): string => path.split('/').slice(0, 2).join('/')

export const nameRules: readonly Rule[] = [
  {
    name: 'a feature has one folder name in every room',
    because: 'who knows where pairing is decided knows where it is kept, heard and shown',
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
    name: 'one word per thing: no synonym of the glossary',
    because: 'two words for one thing make a reader look for the difference',
    problems: (files) =>
      where(files, (path) => isSource(path) && !path.startsWith('tools/checks/')).flatMap(([path, text]) =>
        text.split('\n').flatMap((line, at) =>
          Object.entries(SYNONYMS)
            .filter(([word]) => new RegExp(`\\b${word}\\b`).test(line))
            .map(([word, ours]) => `${path}:${at + 1} "${word}": our word is "${ours}"`),
        ),
      ),
    canary: { 'apps/broker/src/a.ts': 'export const agentId = 1' },
  },
  {
    name: 'a test says its level in its file name',
    because: 'the name decides where and how long it may run',
    problems: (files) =>
      where(
        files,
        (path) => /\.(test|tests|e2e)\.[jt]sx?$|(^|\/)__tests__\//.test(path) && isSource(path),
      ).map(([path]) => `${path}: name it .spec, .model.spec, .int.spec, .system.spec or .browser.spec`),
    canary: { 'packages/domain/src/code.test.ts': '' },
  },
  {
    name: 'a file has at most 400 lines',
    because: 'nobody holds more in the head at once; 250 is where one should think of a split',
    problems: (files) =>
      where(files, (path) => isSource(path) || path.endsWith('.css'))
        .map(([path, text]) => [path, text.split('\n').length - 1] as const)
        .filter(([path, count]) => count > (isTest(path) ? 600 : 400))
        .map(([path, count]) => `${path}: ${count} lines`),
    canary: { 'apps/broker/src/a.ts': 'line\n'.repeat(401) },
  },
]
