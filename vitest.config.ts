import { defineConfig } from 'vitest/config'

// The `source` condition makes tests read the packages' TypeScript instead of their last build.
const source = { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } } }

// Canaries break rules on purpose: they are read by the checks' own tests and never run.
const exclude = ['**/node_modules/**', 'tools/checks/canaries/**']

// One level after the other: real processes and a real browser keep time, which a busy machine would spoil.
const level = (name: string, groupOrder: number, include: string[], testTimeoutMs: number) => ({
  ...source,
  test: {
    name,
    include,
    exclude,
    testTimeout: testTimeoutMs,
    // A fact that is waited for may be late on a slow machine: a second, the default, would be a timed assertion.
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    environment: 'node' as const,
    sequence: { groupOrder },
    setupFiles: ['test/each-file.ts'],
    // The files of one worker share its process and modules: test/each-file.ts turns back what a file has turned.
    isolate: false,
  },
})

const measured = ['packages/domain', 'packages/protocol']

export default defineConfig({
  test: {
    reporters: ['default', './tools/closing-line-reporter.ts'],
    maxWorkers: 2,
    globalSetup: ['test/run-folder.ts'],
    projects: [
      level(
        'pure',
        0,
        ['packages/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
        240_000,
      ),
      level('system', 1, ['test/system/**/*.system.spec.ts'], 240_000),
      level('browser', 2, ['test/browser/**/*.browser.spec.ts'], 240_000),
    ],
    // Istanbul slows only the measured files; V8's precise coverage slows everything that the process runs (1.9 times the whole).
    // `npm test` measures the decisions and the wire; `npm run test:cov` measures everything.
    coverage: {
      provider: 'istanbul',
      include: measured.map((room) => `${room}/src/**/*.ts`),
      exclude: ['**/*.spec.ts', '**/*.fixture.ts'],
      reporter: ['text-summary'],
      reportOnFailure: true,
      thresholds: Object.fromEntries(measured.map((room) => [`${room}/src/**`, { lines: 90, branches: 90 }])),
    },
  },
})
