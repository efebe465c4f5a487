/** Some machines in one process, for a bench: their real runner, with real shells, unsealed. Says their codes when all are online. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { startRunner } = await import('../../apps/runner/dist/host.js')
const { loadIdentity } = await import('../../apps/runner/dist/identity.js')

const [brokerUrl, count] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-machines-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const machines = await Promise.all(Array.from({ length: Number(count) }, (_, n) => machine(n)))
process.send({ codes: machines.map(({ code }) => code) })
process.once('disconnect', () => {
  for (const { host } of machines) host.kill()
  process.exit()
})

function machine(n) {
  return new Promise((resolve, reject) => {
    let code = ''
    let host = null
    let online = false
    const look = () => host !== null && online && code !== '' && resolve({ host, code })
    startRunner({
      brokerUrl,
      identity: loadIdentity(join(folder, `identity-${n}.json`)),
      secret: process.env.LATCHKEY_RUNNER_SECRET,
      shell: '/bin/sh',
      folder: '/tmp',
      allowUnsealed: true,
      onEvent: (event) => {
        if (event.type === 'registered' || event.type === 'code') code = event.code
        if (event.type === 'link') online = event.status === 'online'
        if (event.type === 'pin' && event.unsealed) host.accept(event.pin)
        if (event.type === 'failed') process.stderr.write(`a machine has ended: ${event.message}\n`)
        look()
      },
    }).then((started) => {
      host = started
      look()
    }, reject)
  })
}
