import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { AGENT_FILES } from './agent-files.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

function home() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-home-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const latchkey = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        '--conditions=source',
        '--experimental-strip-types',
        '--no-warnings',
        MAIN,
        ...args,
        '--data-dir',
        join(folder, 'data'),
      ],
      { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } },
    )
  return { folder, latchkey }
}

const OTHERS = `{
    "model": "opus",
    "hooks": { "PermissionRequest": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "mine" }] }] }
}
`

it('an agent’s settings get our hook beside those of others, shown as a diff, and are restored byte for byte', () => {
  const { folder, latchkey } = home()
  const path = join(folder, '.claude', 'settings.json')
  mkdirSync(join(folder, '.claude'))
  writeFileSync(path, OTHERS)
  const shown = latchkey('agents', 'install', 'claude', '--dry-run')
  expect(shown.stdout).toMatch(/^\+.*hook claude/m)
  expect(readFileSync(path, 'utf8')).toBe(OTHERS)
  expect(latchkey('agents', 'install', 'claude').status).toBe(0)
  const installed: unknown = JSON.parse(readFileSync(path, 'utf8'))
  expect(installed).toMatchObject({
    model: 'opus',
    hooks: { PermissionRequest: [{ matcher: 'Bash' }, { matcher: '*' }] },
  })
  expect(latchkey('agents', 'status', 'claude').stdout).toContain('claude: installed')
  expect(latchkey('agents', 'install', 'claude').stderr).toContain('installed already')
  expect(latchkey('agents', 'uninstall', 'claude').status).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(OTHERS)
})

it('a change that others made since stays when our part is taken out', () => {
  const file = AGENT_FILES['claude']?.({ HOME: '/home/ada' })
  const installed = file?.install(OTHERS)
  if (file === undefined || installed === undefined || 'problem' in installed)
    throw new Error('not installed')
  const changed = installed.text.replace('"opus"', '"sonnet"')
  expect(file.isInstalled(changed)).toBe(true)
  const left = file.uninstall(changed) ?? ''
  expect(JSON.parse(left)).toEqual({ ...JSON.parse(OTHERS), model: 'sonnet' })
  expect(file.install('no JSON')).toHaveProperty('problem')
})

it('a file of our own goes away whole, and one of others under its name stays', () => {
  const { folder, latchkey } = home()
  const path = join(folder, '.config', 'opencode', 'plugins', 'latchkey.js')
  expect(latchkey('agents', 'install', 'opencode').status).toBe(0)
  expect(readFileSync(path, 'utf8')).toContain('latchkey agents uninstall opencode')
  expect(latchkey('agents', 'uninstall', 'opencode').status).toBe(0)
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, 'mine')
  const refused = latchkey('agents', 'install', 'opencode')
  expect([refused.status, readFileSync(path, 'utf8')]).toEqual([1, 'mine'])
})
