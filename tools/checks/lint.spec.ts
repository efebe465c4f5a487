import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from './repository.ts'

const CANARIES = join(ROOT, 'tools/checks/canaries')
const run = (program: string, args: readonly string[], cwd: string) =>
  spawnSync(process.execPath, [join(ROOT, 'node_modules', program), ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })

describe('the linter', () => {
  const folder = join(CANARIES, 'lint')
  const planted = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('-there.ts'))
    .map((path) => [basename(path).replace(/(\.spec)?\.ts$/, ''), path] as const)
  // The repository's own settings, but for the line that leaves the canaries alone.
  const { stdout } = run(
    'oxlint/bin/oxlint',
    ['--type-aware', '--config', join(CANARIES, 'lint.oxlintrc.json'), '--format', 'json', '.'],
    folder,
  )
  const { diagnostics } = z
    .object({
      diagnostics: z.array(z.object({ code: z.string(), filename: z.string(), severity: z.string() })),
    })
    .parse(JSON.parse(stdout))

  it.each(planted)('would report %s', (rule, path) => {
    const reported = diagnostics.filter(
      (each) => each.filename.endsWith(path) && each.code.endsWith(`(${rule})`),
    )
    expect(reported.map(({ severity }) => severity)).toContain('error')
  })
})

describe('the domain’s compiler', () => {
  const folder = join(CANARIES, 'purity')
  const files = readdirSync(folder).filter((path) => path.endsWith('.ts'))
  const { stdout } = run('@typescript/native/bin/tsc', ['-p', '.', '--pretty', 'false'], folder)

  it.each(files)('would refuse what is planted in %s', (file) => {
    expect(stdout).toMatch(new RegExp(`^${file.replace('.', '\\.')}\\(\\d+,\\d+\\): error`, 'm'))
  })
})
