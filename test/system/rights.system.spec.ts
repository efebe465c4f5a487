import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { pair, resumeWay, seal } from './sealed-app.ts'
import { machine, paired } from './sealed-machine.ts'

it('an app whose rights its owner changes comes back with them at once, and the machine holds it to them', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { keys, raw, app } = await paired(broker, on)
  expect((await app.heard('welcome')).mayType).toBe(true)
  const rights = { type: false, approve: true, send: false }
  expect(await on.ask({ command: 'rights', app: 'Pixel 8', ...rights })).toMatchObject({
    ok: true,
    changed: [{ label: 'Pixel 8', mayType: false, mayApprove: true, maySend: false }],
  })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.restarting)
  const back = await seal(await pair(broker, { pairingCode: on.code() }), keys, resumeWay(keys))
  expect(back.step).toMatchObject({
    status: 'open',
    grant: { permissions: { view: true, input: false, approve: true, send: false } },
  })
  expect((await back.app?.heard('welcome'))?.mayType).toBe(false)
  back.app?.say({ type: 'open', request: 1, cols: 80, rows: 24 })
  expect(await back.app?.heard('error')).toMatchObject({ code: 'VIEW_ONLY' })
})
