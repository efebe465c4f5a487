/**
 * The repository's checks: title, tool, arguments, and how to mend a failure. Every check has a canary in the tests beside
 * this file.
 */
export const CHECKS = [
  ['types', 'tsc', ['-b'], 'Mend what the compiler names above: file, line, reason.'],
  ['format', 'biome', ['check', '--error-on-warnings', '.'], 'Run `npm run fix`; it writes the format.'],
  [
    'lint',
    'oxlint',
    ['--type-aware', '--deny-warnings', 'packages', 'apps', 'test', 'tools', 'bench', 'deploy'],
    'Run `npm run fix` for the mechanical repairs; the rules are in .oxlintrc.json.',
  ],
  [
    'dead code',
    'knip',
    ['--no-progress'],
    'Delete the unused code named above, or name its entry in knip.json.',
  ],
]

/** The laws that read the repository as a whole: layers, names, documents. They are tests, so `npm test` has them anyway. */
export const LAWS = [
  'laws',
  'vitest',
  ['run', '--project', 'pure', '--reporter', 'dot', 'tools/checks'],
  'Each broken law says above where, why and how to mend it.',
]

/** The mechanical repairs, in an order in which later ones undo nothing of earlier ones. */
export const FIXES = [
  ['oxlint', ['--type-aware', '--fix', '--quiet', 'packages', 'apps', 'test', 'tools', 'bench', 'deploy']],
  ['biome', ['check', '--write', '.']],
  ['documents', []],
]
