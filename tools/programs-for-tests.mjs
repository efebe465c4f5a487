import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CHROMIUM_MISSING, findChromium } from './chromium.mjs'
import { SERVERS } from './servers.mjs'
import { say, secondsSince } from './steps.mjs'

const CHROMIUM = {
  title: 'Chromium',
  debian: 'chromium',
  find: findChromium,
  missing: CHROMIUM_MISSING,
}

/**
 * Finds the browser, the servers and the foreign client that tests start. On Debian, as root, all that are missing are installed at once from
 * the distribution. What is still missing is said; the tests that need it then fail with the same sentence, they are not
 * skipped. Answers with the path of the Chromium, null when there is none.
 */
export function programsForTests({ mayInstall }) {
  const absent = () => [CHROMIUM, ...SERVERS].filter((program) => program.find() === null)
  // Who names a browser wants that one.
  const wanted = absent().filter((program) => program !== CHROMIUM || !process.env.CHROMIUM_PATH)
  const mayUseApt = mayInstall && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (mayUseApt && wanted.length > 0) install(wanted)
  for (const program of absent()) say(program.missing)
  return CHROMIUM.find()
}

function install(programs) {
  const startMs = Date.now()
  const titles = programs.map(({ title }) => title).join(', ')
  say(`Installing what the tests need (${titles}; about ${10 + 5 * programs.length} s, once)…`)
  const names = programs.flatMap(({ debian }) => debian.split(' '))
  if (apt(['update', '-qq']) && apt(['install', '-y', '-qq', '--no-install-recommends', ...names]))
    say(`${titles} installed (${secondsSince(startMs)}).`)
}

/** Whether apt did it; what it prints is shown only when it did not. */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
  if (status !== 0) say(`apt-get ${args[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`)
  return status === 0
}
