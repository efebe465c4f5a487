import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type House, type HouseOptions, openHouse } from './house.ts'
import { type Contexts, openBrowser } from './phone.ts'

/** One house for all tests of a file: opened before the first, stopped after the last. `prepare` runs in between. */
export function houseOfFile(
  options: HouseOptions = {},
  prepare: (house: House) => unknown = () => {},
): House {
  let opened: House | undefined
  const house = (): House => {
    if (opened === undefined) throw new Error('The house opens before the first test; it cannot be used yet.')
    return opened
  }
  beforeAll(async () => {
    opened = await openHouse(options)
    await prepare(opened)
  })
  afterAll(() => opened?.stop())
  return {
    get url() {
      return house().url
    },
    get dataDir() {
      return house().dataDir
    },
    get secretFile() {
      return house().secretFile
    },
    get consoleUrl() {
      return house().consoleUrl
    },
    code: () => house().code(),
    consoleLink: () => house().consoleLink(),
    killBroker: () => house().killBroker(),
    killRunner: () => house().killRunner(),
    startBroker: () => house().startBroker(),
    pin: () => house().pin(),
    link: () => house().link(),
    order: (command) => house().order(command),
    addRunner: (label) => house().addRunner(label),
    stop: () => house().stop(),
  }
}

/** One browser for all tests of a file: opened before the first, closed after the last. */
export function browserOfFile(open: () => Promise<Browser> = openBrowser): Contexts {
  let opened: Browser | undefined
  const browser = (): Browser => {
    if (opened === undefined)
      throw new Error('The browser opens before the first test; it cannot be used yet.')
    return opened
  }
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.close())
  return {
    newContext: (options) => browser().newContext(options),
    newPage: (options) => browser().newPage(options),
    contexts: () => browser().contexts(),
  }
}
