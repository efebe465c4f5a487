import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from './repository.ts'

const CONFIG = join(ROOT, '.dependency-cruiser.cjs')
const config = z
  .object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) })
  .parse(createRequire(import.meta.url)(CONFIG))
const cruised = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        rule: z.object({ name: z.string() }),
        cycle: z.array(z.object({ name: z.string() })).optional(),
      }),
    ),
  }),
  modules: z.array(
    z.object({
      source: z.string(),
      dependencies: z.array(z.object({ resolved: z.string(), module: z.string() })),
    }),
  ),
})

function cruise(folder: string) {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const args = [program, '--config', CONFIG, '--output-type', 'json', 'packages', 'apps']
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (stdout === '') throw new Error(`dependency-cruiser said nothing: ${stderr}`)
  return cruised.parse(JSON.parse(stdout))
}

describe('the layers', () => {
  const tree = cruise(ROOT)
  const canaries = cruise(join(ROOT, 'tools/checks/canaries/layers'))

  it('hold', () => {
    const found = tree.summary.violations.map(({ rule, from, to, cycle }) =>
      [
        `Broken law: ${rule.name}`,
        `  at   ${[from, ...(cycle?.map(({ name }) => name) ?? [to])].join(' → ')}`,
        `  why  ${config.forbidden.find(({ name }) => name === rule.name)?.comment}`,
      ].join('\n'),
    )
    const mend = 'Import from a room below, or hand the thing in; ARCHITECTURE.md says who may know whom.'
    expect(found.length, [...found, `  mend ${mend}`].join('\n')).toBe(0)
  })

  // Without a TypeScript API the tool finds no modules, and with wrong conditions no packages: both would look green.
  it('are judged on the TypeScript sources, across packages', () => {
    expect(tree.modules.filter(({ source }) => source.endsWith('.ts')).length).toBeGreaterThan(40)
    const seen = (from: RegExp, to: RegExp) =>
      tree.modules.some(
        ({ source, dependencies }) => from.test(source) && dependencies.some((d) => to.test(d.resolved)),
      )
    expect(seen(/^packages\/protocol\/src/, /^packages\/domain\/src\/.*\.ts$/)).toBe(true)
    expect(seen(/^packages\/connection\/src/, /^packages\/protocol\/src\/.*\.ts$/)).toBe(true)
    expect(seen(/^packages\/stores\/src/, /node_modules\/better-sqlite3/)).toBe(true)
  })

  it.each(config.forbidden)('would report a breach of $name', ({ name, comment }) => {
    const reported = canaries.summary.violations.filter(
      (each) => each.rule.name === name && each.from.includes(name),
    )
    expect(reported, `plant one in tools/checks/canaries/layers, in a file named ${name}`).not.toEqual([])
    expect(comment.length).toBeGreaterThan(20)
  })
})
