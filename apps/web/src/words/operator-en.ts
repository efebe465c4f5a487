/** Sentences of pages that a phone with a terminal does not open: of the console, and of the page that links accounts. */
export { accountsEn } from './accounts-en.ts'
export { consoleEn } from './console-en.ts'
export { devicesEn } from './devices-en.ts'
export { installEn } from './install-en.ts'
export { knownAppsEn } from './known-apps-en.ts'
