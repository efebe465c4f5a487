import { randomUUID } from 'node:crypto'
import { connectPairing, startPairing, verifyPairing } from '@latchkey/domain/device-pairing/join'
import type { MeshOperation, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import { openPostgres } from '../postgres/database.ts'
import { postgresPairingRepository } from '../postgres/pairing.repository.ts'
import { openSqlite } from '../sqlite/database.ts'
import { sqlitePairingRepository } from '../sqlite/pairing.repository.ts'
import { killRules } from './device-kill-rules.ts'
import { deviceOf, digest, pinFor } from './mesh-script.ts'

/**
 * A process that pairs devices until it is killed: two devices race for each token, two verifications for each device. It
 * says the token of each pairing that was acknowledged, so that somebody can look whether it is still there.
 */

const [kind = '', where = ''] = process.argv.slice(2)

const repository: PairingRepository =
  kind === 'sqlite'
    ? sqlitePairingRepository(await openSqlite(where), { clock: Date.now })
    : postgresPairingRepository(await openPostgres(where))

const ask = <Answer>(operation: MeshOperation<Answer>): Promise<Answer> => repository.run(operation)

for (;;) {
  const name = randomUUID()
  const token = digest(name)
  await ask(startPairing({ token, name: null }, killRules))
  const racers = [deviceOf(`${name} A`), deviceOf(`${name} B`)]
  const connected = await Promise.all(
    racers.map((device) => {
      const pin = pinFor(token, device.nodeId)
      return ask(connectPairing({ ...device, token, ip: '192.0.2.7', pin }, killRules))
    }),
  )
  const winner = racers[connected.findIndex(({ ok }) => ok)]
  if (winner === undefined) throw new Error('one of two is first')
  const pin = pinFor(token, winner.nodeId)
  const verified = await Promise.all(
    [1, 2].map(() => ask(verifyPairing({ token, pin, nodeId: null }, killRules))),
  )
  if (verified.filter(({ ok }) => ok).length !== 1) throw new Error('one of two verifications wins')
  process.stdout.write(`${token}\n`)
}
