import { findProgram, isProgram } from './find-program.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const PLACES = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The Chromium that the browser tests drive: `$CHROMIUM_PATH`, else what PATH or the usual places have; else null. */
export function findChromium(env = process.env) {
  const named = env.CHROMIUM_PATH
  if (named !== undefined && named !== '') return isProgram(named) ? named : null
  return findProgram(NAMES, PLACES, env)
}

/** What a person has to do when there is none. */
export const CHROMIUM_MISSING =
  'The browser tests need Chromium, and none was found. Install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium) or name one in CHROMIUM_PATH.'
