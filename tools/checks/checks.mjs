/**
 * The repository's checks: title, tool, arguments, and what to do when it fails. The laws that read the repository as a
 * whole, and every check's canary, are tests beside this file (`vitest run --project pure tools/checks`).
 */
export const CHECKS = [
  ['types', 'tsc', ['-b'], 'The compiler named the file and line above.'],
  ['format', 'biome', ['check', '--error-on-warnings', '.'], '`npm run fix` writes it.'],
  [
    'lint',
    'oxlint',
    ['--type-aware', '--deny-warnings', 'packages', 'apps', 'test', 'tools', 'bench', 'deploy'],
    '`npm run fix` repairs some; .oxlintrc.json has the rules.',
  ],
  [
    'layers',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', 'packages', 'apps'],
    'Each rule in .dependency-cruiser.cjs says why it is there; ARCHITECTURE.md who may know whom.',
  ],
  ['dead code', 'knip', ['--no-progress'], 'Delete what nothing uses, or name its entry in knip.json.'],
]

/** What can be repaired without thinking, in an order in which the later ones undo nothing of the earlier. */
export const FIXES = [
  ['oxlint', ['--type-aware', '--fix', '--quiet', 'packages', 'apps', 'test', 'tools', 'bench', 'deploy']],
  ['biome', ['check', '--write', '.']],
  ['documents', []],
]
