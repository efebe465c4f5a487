import { findProgram, isProgram } from './find-program.mjs'

/** The engine without its windows: it does the same for less than half of the processor time. */
const HEADLESS_SHELLS = ['chromium-headless-shell', 'chrome-headless-shell']
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
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
export const findChromium = (env = process.env) => find([...HEADLESS_SHELLS, ...BROWSERS], env)

/** The Chromium that scans: the engine without windows has no film in place of a camera. `$CHROMIUM_PATH` comes first here too. */
export const findWholeChromium = (env = process.env) => find(BROWSERS, env)

function find(names, env) {
  const named = env.CHROMIUM_PATH
  if (named !== undefined && named !== '') return isProgram(named) ? named : null
  return findProgram(names, PLACES, env)
}

/** What a person has to do when there is none. */
export const CHROMIUM_MISSING =
  'The browser tests need Chromium, and none was found. Install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium) or name one in CHROMIUM_PATH.'
