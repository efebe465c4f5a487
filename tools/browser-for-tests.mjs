import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CHROMIUM_MISSING, findChromium } from './chromium.mjs'
import { say, secondsSince } from './steps.mjs'

/**
 * The path of a Chromium for the tests. On Debian, as root, a missing one is installed from the distribution. Null when
 * there is none: the tests that need it then fail with the same sentence, they are not skipped.
 */
export function browserForTests({ mayInstall }) {
  const found = findChromium()
  if (found !== null) return found
  const mayUseApt = mayInstall && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (mayUseApt && !process.env.CHROMIUM_PATH) {
    const startMs = Date.now()
    say('Installing Chromium for the browser tests (about 15 s, once)…')
    if (apt(['update', '-qq'])) apt(['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
    const installed = findChromium()
    if (installed !== null) {
      say(`Chromium is there (${secondsSince(startMs)}).`)
      return installed
    }
  }
  say(CHROMIUM_MISSING)
  return null
}

/** Whether apt did it; what it prints is shown only when it did not. */
function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
  if (status !== 0) say(`apt-get ${args[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`)
  return status === 0
}
