import { defineConfig } from 'vitest/config'

// The `source` condition makes tests read the packages' TypeScript instead of what was built last.
const source = { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } } }

// Canaries break rules on purpose: they are read by the checks' own tests and never run.
const exclude = ['**/node_modules/**', 'tools/checks/canaries/**']

const level = (name: string, include: string[], testTimeoutMs: number) => ({
  ...source,
  test: {
    name,
    include,
    exclude,
    testTimeout: testTimeoutMs,
    hookTimeout: 60_000,
    environment: 'node' as const,
  },
})

export default defineConfig({
  test: {
    reporters: ['default', './tools/closing-line-reporter.ts'],
    maxWorkers: 2,
    projects: [
      level(
        'pure',
        ['packages/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'],
        120_000,
      ),
      level('system', ['test/system/**/*.system.spec.ts'], 120_000),
      level('browser', ['test/browser/**/*.browser.spec.ts'], 120_000),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**', 'apps/*/src/**'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
})
