import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { CHROMIUM_MISSING, findChromium, findHeadlessShell, findWholeChromium } from './chromium.mjs'
import { SERVERS } from './servers.mjs'
import { say, secondsSince } from './steps.mjs'

/** Debian's package of the engine without its windows. */
const HEADLESS_SHELL = 'chromium-headless-shell'

const CHROMIUM = {
  title: 'Chromium',
  find: findWholeChromium,
  missing: CHROMIUM_MISSING,
}

/**
 * Finds the browser, the servers and the foreign client that tests start. On Debian, as root, it installs missing ones
 * from the distribution. It names programs that are still missing; tests that need them fail with the same sentence and
 * are not skipped. Answers with the paths of the Chromium for most tests and of the one with a camera, null for none.
 */
export function programsForTests({ mayInstall }) {
  const mayUseApt = mayInstall && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (mayUseApt) install(SERVERS.filter((program) => program.find() === null))
  for (const program of [CHROMIUM, ...SERVERS]) if (program.find() === null) say(program.missing)
  return { chromium: findChromium(), withCamera: findWholeChromium() }
}

function install(servers) {
  const startMs = Date.now()
  // A browser named in CHROMIUM_PATH is used as it is.
  const mayChoose = !process.env.CHROMIUM_PATH
  const wantsShell = mayChoose && isDebian() && findHeadlessShell() === null
  const wantsBrowser = mayChoose && CHROMIUM.find() === null
  if (servers.length === 0 && !wantsShell && !wantsBrowser) return
  say('Installing what the tests need from the distribution (about half a minute, once)…')
  if (!apt(['update', '-qq'])) return
  const packages = servers.flatMap(({ debian }) => debian.split(' '))
  if (wantsShell && isPackage(HEADLESS_SHELL)) packages.push(HEADLESS_SHELL)
  if (wantsBrowser) packages.push('chromium')
  if (packages.length > 0 && apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]))
    say(`Installed ${packages.join(', ')} (${secondsSince(startMs)}).`)
}

/** Its relatives have no package of Chromium without windows. */
const isDebian = () =>
  existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))

const isPackage = (name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0

/** Whether apt succeeded; its output is shown only when it failed. */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
  if (status !== 0) say(`apt-get ${args[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`)
  return status === 0
}
