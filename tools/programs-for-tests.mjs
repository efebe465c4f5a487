import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CHROMIUM_MISSING, findChromium, findHeadlessShell } from './chromium.mjs'
import { SERVERS } from './servers.mjs'
import { say, secondsSince } from './steps.mjs'

/** Debian's package of the engine without its windows. */
const HEADLESS_SHELL = 'chromium-headless-shell'

const CHROMIUM = {
  title: 'Chromium',
  find: findChromium,
  missing: CHROMIUM_MISSING,
}

/**
 * Finds the browser, the servers and the foreign client that tests start. On Debian, as root, all that are missing are installed at once from
 * the distribution. What is still missing is said; the tests that need it then fail with the same sentence, they are not
 * skipped. Answers with the path of the Chromium, null when there is none.
 */
export function programsForTests({ mayInstall }) {
  const mayUseApt = mayInstall && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (mayUseApt) install(SERVERS.filter((program) => program.find() === null))
  for (const program of [CHROMIUM, ...SERVERS]) if (program.find() === null) say(program.missing)
  return CHROMIUM.find()
}

function install(servers) {
  const startMs = Date.now()
  // Who names a browser wants that one.
  const wantsShell = !process.env.CHROMIUM_PATH && findHeadlessShell() === null
  if (servers.length === 0 && !wantsShell) return
  say('Installing what the tests need from the distribution (about half a minute, once)…')
  if (!apt(['update', '-qq'])) return
  const packages = servers.flatMap(({ debian }) => debian.split(' '))
  if (wantsShell && isPackage(HEADLESS_SHELL)) packages.push(HEADLESS_SHELL)
  else if (wantsShell && CHROMIUM.find() === null) packages.push('chromium')
  if (packages.length > 0 && apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]))
    say(`Installed ${packages.join(', ')} (${secondsSince(startMs)}).`)
}

/** Whether this distribution has it: Ubuntu has no Chromium without windows. */
const isPackage = (name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0

/** Whether apt did it; what it prints is shown only when it did not. */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
  if (status !== 0) say(`apt-get ${args[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`)
  return status === 0
}
