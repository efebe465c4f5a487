import { findProgram, isProgram } from './find-program.mjs'

/** The engine without its windows: it does the same for less than half of the processor time. */
const HEADLESS_SHELLS = ['chromium-headless-shell', 'chrome-headless-shell']
const NAMES = [
  ...HEADLESS_SHELLS,
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]
const PLACES = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The engine that `npm test` would rather have, or null. */
export const findHeadlessShell = () => findProgram(HEADLESS_SHELLS, [])

/** The Chromium that the browser tests drive: `$CHROMIUM_PATH`, else what PATH or the usual places have; else null. */
export function findChromium(env = process.env) {
  const named = env.CHROMIUM_PATH
  if (named !== undefined && named !== '') return isProgram(named) ? named : null
  return findProgram(NAMES, PLACES, env)
}

/** What a person has to do when there is none. */
export const CHROMIUM_MISSING =
  'The browser tests need Chromium, and none was found. Install it (Debian: apt-get install chromium-headless-shell, Ubuntu: chromium; macOS: brew install --cask chromium) or name one in CHROMIUM_PATH.'
