import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The releases that the adapters' tables of facts are about. */
const AGENTS = {
  codex: { name: '@openai/codex', version: '0.171.0' },
  opencode: { name: 'opencode-ai', version: '1.18.33' },
} as const

const CACHE = process.env['LATCHKEY_TEST_AGENTS'] ?? resolve(import.meta.dirname, '../../.cache/agents')
const INSTALL_WITHIN_MS = 10 * 60_000

/**
 * The folder of an agent's program for the PATH. It is installed once, for tests alone, from npm's registry; scripts of the
 * package do not run. Throws when that fails.
 */
export function installedAgent(agent: keyof typeof AGENTS): string {
  const { name, version } = AGENTS[agent]
  const folder = join(CACHE, `${agent}-${version}`)
  if (existsSync(folder)) return binOf(folder, agent)
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  writeFileSync(join(draft, 'package.json'), '{ "private": true }\n')
  const install = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--save-exact',
    `${name}@${version}`,
  ]
  const { status, stderr } = spawnSync('npm', install, {
    ...{ cwd: draft, encoding: 'utf8', timeout: INSTALL_WITHIN_MS },
  })
  if (status !== 0) throw new Error(`${name}@${version} could not be installed: ${stderr}`)
  try {
    renameSync(draft, folder)
  } catch {
    // Another worker was faster.
    rmSync(draft, { recursive: true, force: true })
  }
  return binOf(folder, agent)
}

/** The agent's own binary stands in a package of its platform: its scripts would link it, and they do not run. */
function binOf(folder: string, agent: string): string {
  const paths = readdirSync(join(folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
  const [found] = paths.filter((path) => path.endsWith(`/bin/${agent}`)).sort((a, b) => a.length - b.length)
  if (found === undefined) throw new Error(`${folder} has no program ${agent}`)
  return dirname(join(folder, 'node_modules', found))
}
