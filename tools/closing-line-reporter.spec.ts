import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
let folder = ''

beforeAll(() => {
  // Inside the repository, so that the fixtures find vitest.
  mkdirSync(at('../.cache'), { recursive: true })
  folder = mkdtempSync(at('../.cache/closing-line-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs vitest on one file with this source; answers the last line and the exit code. */
function lastLineOf(
  source: string,
  env: Record<string, string> = {},
): { line: string; exitCode: number | null; output: string } {
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {}')
  writeFileSync(join(folder, 'a.test.ts'), `import { beforeAll, expect, it } from 'vitest'\n${source}`)
  const args = [
    'run',
    '--root',
    folder,
    '--config',
    join(folder, 'vitest.config.ts'),
    '--reporter',
    at('./closing-line-reporter.ts'),
  ]
  const clean = { ...process.env, CI: '', LATCHKEY_CHECKS: '', ...env }
  const { stdout, status } = spawnSync(process.execPath, [at('../node_modules/vitest/vitest.mjs'), ...args], {
    env: clean,
    encoding: 'utf8',
  })
  return { line: stdout.trimEnd().split('\n').at(-1) ?? '', exitCode: status, output: stdout }
}

it('a green run says how many passed', () => {
  expect(lastLineOf(`it('a', () => {}); it('b', () => {})`)).toMatchObject({
    line: '2 passed, 0 failed',
    exitCode: 0,
  })
})

it('a failed test, a failed hook and a file that does not load are failures', () => {
  expect(lastLineOf(`it('a', () => { expect(1).toBe(2) })`)).toMatchObject({
    line: '0 passed, 1 failed',
    exitCode: 1,
  })
  expect(lastLineOf(`it('a', () => {}); throw new Error('x')`)).toMatchObject({
    line: '0 passed, 1 failed',
    exitCode: 1,
  })
  const hook = lastLineOf(`beforeAll(() => { throw new Error('x') }); it('a', () => {})`)
  expect(hook.line).toMatch(/^0 passed, [12] failed/)
  expect(hook.exitCode).toBe(1)
})

it('an unhandled rejection is a failure though every test passed', () => {
  const source = `it('a', async () => { void Promise.reject(new Error('x')); await new Promise((r) => setTimeout(r, 50)) })`
  expect(lastLineOf(source)).toMatchObject({ line: '1 passed, 1 failed', exitCode: 1 })
})

it('a skipped test is named, and in CI it is a failure', () => {
  const source = `it('a', () => {}); it.skip('b', () => {})`
  expect(lastLineOf(source)).toMatchObject({ line: '1 passed, 0 failed, 1 skipped', exitCode: 0 })
  expect(lastLineOf(source, { CI: 'true' })).toMatchObject({ line: '1 passed, 1 failed', exitCode: 1 })
})

it('checks that ran before the tests are counted with them, and their processor time is added', () => {
  const before = { LATCHKEY_CHECKS: '4 1', LATCHKEY_PROCESSOR_MS: '3600000' }
  const { line, exitCode, output } = lastLineOf(`it('a', () => {})`, before)
  expect({ line, exitCode }).toEqual({ line: '5 passed, 1 failed', exitCode: 1 })
  // Linux alone says what children took.
  expect(output).toMatch(process.platform === 'linux' ? /^processor time: 60 min \d+ s$/m : '')
})
