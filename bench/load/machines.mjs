/**
 * Many machines in one process, for a bench: the real front door, sealed channels and link of a runner, with terminals that have
 * no program. Tells the pairing URLs of its machines as they change, and how each link fares.
 *
 * argv: the broker's address, how many, the pace of their terminals. The enrolment secret is in LATCHKEY_RUNNER_SECRET.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRunnerLink } from '@latchkey/connection/runner/runner-link'
import { generatePairingCode } from '@latchkey/domain/runner-pairing/code'
import { LoadTerminals, turning } from './load-terminals.mjs'

const { AppChannel } = await import('../../apps/runner/dist/channel/app-channel.js')
const { loadIdentity } = await import('../../apps/runner/dist/identity.js')
const { nodePlatform } = await import('../../apps/runner/dist/node-platform.js')
const { openFrontDoor } = await import('../../apps/runner/dist/sealing/front-door.js')

const [brokerUrl, count, pace] = process.argv.slice(2)
const STARTED_AT_ONCE = 16

const folder = mkdtempSync(join(tmpdir(), 'latchkey-load-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
process.once('disconnect', () => process.exit())

const turns = turning()
let next = 0
await Promise.all(
  Array.from({ length: STARTED_AT_ONCE }, async () => {
    while (next < Number(count)) await startMachine(next++)
  }),
)
process.send({ event: 'ready' })

async function startMachine(n) {
  const label = `load-${n}`
  const identity = loadIdentity(join(folder, `identity-${n}.json`))
  const terminals = new LoadTerminals(pace, turns)
  const channels = new Set()
  const closeApp = (appId) => {
    for (const channel of channels) if (channel.appId === appId) channel.close(1)
  }
  let online = () => {}
  const isOnline = new Promise((resolve) => {
    online = resolve
  })
  let link = null
  const { door, accept, ...front } = await openFrontDoor({
    identity,
    label,
    folder: null,
    viewOnly: false,
    allowUnsealed: false,
    serve: (channel, guest) => {
      const welcome = { machine: label, shell: '/bin/sh', mayType: true, features: [] }
      const served = new AppChannel(channel, guest, terminals, welcome, (ended) => channels.delete(ended))
      channels.add(served)
      return served
    },
    closeApp,
    restartApp: closeApp,
    onRevoked: () => {},
    onTickets: () => link?.depositRouteTickets(),
    onRotate: () => link?.rotate(),
    onEvent: (event) => {
      if (event.type === 'fragment') process.send({ event: 'fragment', machine: n, fragment: event.fragment })
      if (event.type === 'locked' || event.type === 'app-standing')
        process.send({ event: 'trouble', machine: n, message: event.type })
    },
  })
  link = startRunnerLink({
    brokerUrl,
    who: {
      ...identity,
      label,
      incarnation: Buffer.from(nodePlatform.randomBytes(16)).toString('hex'),
      routeTickets: () => door.routeTickets(),
      deviceIds: () => door.deviceIds(),
      secret: process.env.LATCHKEY_RUNNER_SECRET,
    },
    freshCode: () => generatePairingCode(nodePlatform.randomBytes),
    platform: nodePlatform,
    accept,
    onEvent: (event) => {
      front.heard(event)
      if (event.type === 'link') {
        process.send({ event: 'link', machine: n, status: event.status, atMs: Date.now() })
        if (event.status === 'online') online()
      }
      if (event.type === 'waiting') process.send({ event: 'refused', machine: n, code: event.code })
      if (event.type === 'failed') process.send({ event: 'failed', machine: n, code: event.code })
      if (event.type === 'registered' && !event.resumed) process.send({ event: 'new-life', machine: n })
    },
  })
  await isOnline
}
