import { printable } from '@latchkey/protocol/printable'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { Command, CommandOption, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Granted, orderRunner } from './ask-runner.ts'
import { rightsInWords } from './rights.ts'

const dataDir: Readonly<Record<string, CommandOption>> = {
  'data-dir': dataDirOption('whose runner to ask'),
}
const ID_CHARACTERS = 8

export const appsCommand: Command = {
  name: 'apps',
  summary: 'list the apps that this machine knows, or rename one',
  words: '[APP]',
  wordsMax: 1,
  examples: [
    { line: 'latchkey apps', does: 'the apps that may come back without a PIN' },
    {
      line: 'latchkey apps 3fa9 --rename "Phone of Ada"',
      does: 'rename one; the first characters of its id are enough',
    },
    { line: 'latchkey apps --json', does: 'the same for a program' },
  ],
  options: { rename: { type: 'string', value: 'NAME', help: 'the new name of APP' }, ...dataDir },
  run: apps,
}

export const revokeCommand: Command = {
  name: 'revoke',
  summary: 'revoke an app: its connection ends at once, and its key is refused for ever',
  words: 'APP',
  wordsMax: 1,
  examples: [
    { line: 'latchkey revoke 3fa9', does: 'by the first characters of its id' },
    { line: 'latchkey revoke "Pixel 8"', does: 'by its name' },
    { line: 'latchkey revoke --all', does: 'every app that is known here' },
  ],
  options: { all: { type: 'boolean', help: 'every app' }, ...dataDir },
  run: revoke,
}

export const lockCommand: Command = {
  name: 'lock',
  summary: 'let no new app pair, with a new code; known apps stay',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey lock', does: 'no new app from now on, also after a restart' },
    { line: 'latchkey unlock', does: 'open it again' },
    { line: 'latchkey apps', does: 'the known apps, which a lock does not keep out' },
  ],
  options: dataDir,
  run: (call) => orderRunner(call, { command: 'lock' }, (granted) => toldLock(call, granted)),
}

export const unlockCommand: Command = {
  name: 'unlock',
  summary: 'let new apps pair again after a lock',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey unlock', does: 'new apps can pair, and wrong PINs are counted anew' },
    { line: 'latchkey lock', does: 'the other way round' },
    { line: 'latchkey pin', does: 'whether an app is asking to pair' },
  ],
  options: dataDir,
  run: (call) => orderRunner(call, { command: 'unlock' }, (granted) => toldLock(call, granted)),
}

export const pinCommand: Command = {
  name: 'pin',
  summary: 'show which app asks to pair, and its PIN',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey pin', does: 'on a machine without a screen, over SSH' },
    { line: 'latchkey pin -q || echo none', does: 'only the exit code: 1 when no app asks' },
    {
      line: 'latchkey pin --accept 482913',
      does: 'pairs an app that cannot seal; latchkey pin shows the number',
    },
  ],
  options: {
    accept: {
      type: 'string',
      value: 'NUMBER',
      help: 'pair the app that asks under this number and cannot seal',
    },
    ...dataDir,
  },
  run: pin,
}

async function apps(call: Invocation): Promise<ExitCode> {
  const label = call.text('rename')
  const [app] = call.words
  if (label === undefined) return orderRunner(call, { command: 'apps' }, (granted) => toldApps(call, granted))
  if (app === undefined) {
    call.complain('Say which app to rename: latchkey apps APP --rename NAME.')
    return EXIT.badUsage
  }
  return orderRunner(call, { command: 'rename', app, label }, ({ changed = [] }) => {
    call.emit({ event: 'renamed', apps: changed })
    for (const one of changed) call.say(`${shortId(one)} is now called ${printable(one.label)}.`)
    return EXIT.ended
  })
}

async function revoke(call: Invocation): Promise<ExitCode> {
  const [app] = call.words
  if (call.on('all') === (app !== undefined)) {
    call.complain('Say which app: latchkey revoke APP, or latchkey revoke --all.')
    return EXIT.badUsage
  }
  const request =
    app === undefined ? ({ command: 'revoke-all' } as const) : ({ command: 'revoke', app } as const)
  return orderRunner(call, request, ({ changed = [] }) => {
    call.emit({ event: 'revoked', apps: changed })
    if (changed.length === 0) call.say('No app is known here.')
    for (const one of changed) call.say(`${printable(one.label)} (${shortId(one)}) was revoked.`)
    return EXIT.ended
  })
}

async function pin(call: Invocation): Promise<ExitCode> {
  const number = call.text('accept')
  if (number === undefined) return orderRunner(call, { command: 'pin' }, (granted) => toldPin(call, granted))
  return orderRunner(call, { command: 'accept', pin: number }, () => {
    call.emit({ event: 'accepted' })
    call.say('The app is paired, not sealed. Revoke it with: latchkey revoke APP')
    return EXIT.ended
  })
}

function toldApps(call: Invocation, { apps: known = [], locked = null }: Granted): ExitCode {
  call.emit({ event: 'apps', apps: known, locked })
  if (call.manner.json || call.manner.quiet) return EXIT.ended
  if (known.length === 0) call.say('No app is known here yet.')
  const names = known.map((app) => printable(app.label))
  const width = Math.max(0, ...names.map((name) => name.length))
  known.forEach((app, at) => {
    const may = app.standing === 'held' ? 'shut out: two apps used its keys' : rightsInWords(app)
    const sealed = app.sealed === false ? ', not sealed' : ''
    const seen = new Date(app.lastSeenAt).toISOString().slice(0, 16).replace('T', ' ')
    call.print(`${shortId(app)}  ${(names[at] ?? '').padEnd(width)}  ${may}${sealed}, last here ${seen} UTC`)
  })
  if (locked !== null) call.say('No new app can pair. Open it again with: latchkey unlock')
  return EXIT.ended
}

function toldLock(call: Invocation, { locked = null }: Granted): ExitCode {
  call.emit(locked === null ? { event: 'unlocked' } : { event: 'locked', reason: locked })
  call.say(locked === null ? 'New apps can pair.' : 'No new app can pair; known ones come in as before.')
  return EXIT.ended
}

function toldPin(call: Invocation, { pin = null }: Granted): ExitCode {
  call.emit(pin === null ? { event: 'pin', pin: null } : { event: 'pin', ...pin })
  if (pin === null) {
    call.say('No app is asking for a PIN.')
    return EXIT.failed
  }
  if (call.manner.json) return EXIT.ended
  if (pin.unsealed) {
    call.say(
      `${printable(pin.label)} asks to pair, from ${printable(pin.address)} as reported by the broker. It cannot seal: the broker could read everything and type in its name. It could ${pin.viewOnly ? 'watch' : 'run commands'} here. To pair it: latchkey pin --accept ${pin.pin}`,
    )
    return EXIT.ended
  }
  call.say(
    `${printable(pin.label)} asks to pair, from ${printable(pin.address)} as reported by the broker. The person who types this PIN can ${pin.viewOnly ? 'watch' : 'run commands'} here.`,
  )
  call.print(pin.pin)
  return EXIT.ended
}

const shortId = ({ app }: ListedApp): string => app.slice(0, ID_CHARACTERS)
