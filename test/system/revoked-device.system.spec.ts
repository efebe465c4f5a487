import { afterEach, expect, it } from 'vitest'
import { joinDevice, operatorOf, testDevice } from '../../apps/broker/src/testing/device.ts'
import { cleanUp, type TestBroker, testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { pair, resumeWay, seal } from './sealed-app.ts'
import { type Machine, machine, paired } from './sealed-machine.ts'

/** A device is revoked where everybody who saw it pair has been started anew since. */

afterEach(cleanUp)

/** A device whose app a machine knows, and which then goes away. */
async function deviceAtMachine() {
  const broker = await testBroker()
  const device = testDevice()
  await joinDevice(broker, device)
  const on = await machine(broker)
  const asDevice = { ...broker, connect: () => broker.connect({ token: device.peerToken, label: 'Pixel 8' }) }
  const { keys, raw } = await paired(asDevice, on)
  const stranger = await paired(broker, on)
  await until('the machine to know it', () => on.host.door.deviceIds().includes(device.nodeId))
  raw.client.close()
  return { broker, device, on, keys, stranger }
}

/** What becomes of an app that types the code again and shows its key. */
async function comingBack(broker: TestBroker, on: Machine, { keys }: Pick<Known, 'keys'>) {
  return (await seal(await pair(broker, { pairingCode: on.code() }), keys, resumeWay(keys))).step
}
type Known = Awaited<ReturnType<typeof deviceAtMachine>>

const apps = (on: Machine) => on.host.door.book.apps.length

it('turns away the key of a device that has not been back since the broker was restarted', async () => {
  const { broker, device, on, keys, stranger } = await deviceAtMachine()
  const again = await broker.restart()
  await until(
    'the machine to be back',
    () => on.all('registered').length === 2 && on.last('link').status === 'online',
  )
  expect(apps(on)).toBe(2)
  expect(await operatorOf(again).revoke(device.nodeId)).toMatchObject({ status: 200 })
  await until('its key to be refused', () => on.all('app-standing').length > 0)
  expect(await comingBack(again, on, { keys })).toMatchObject({ refusal: 'revoked' })
  expect(await comingBack(again, on, stranger)).toMatchObject({ status: 'open' })
})

it('turns it away where the machine was restarted, and where it was away when the device was revoked', async () => {
  const { broker, device, on, keys, stranger } = await deviceAtMachine()
  await on.stop()
  const restarted = await machine(broker, {}, on.stateFolder)
  expect(restarted.host.door.deviceIds()).toEqual([device.nodeId])
  await restarted.stop()
  await operatorOf(broker).revoke(device.nodeId)
  const late = await machine(broker, {}, on.stateFolder)
  await until('its key to be refused', () => apps(late) === 1)
  expect(await comingBack(broker, late, { keys })).toMatchObject({ refusal: 'revoked' })
  expect(await comingBack(broker, late, stranger)).toMatchObject({ status: 'open' })
})

it('keeps the keys of devices that a broker with an empty memory has never heard of', async () => {
  const { on } = await deviceAtMachine()
  await on.stop()
  const elsewhere = await testBroker()
  const moved = await machine(elsewhere, {}, on.stateFolder)
  expect(moved.host.door.deviceIds()).toHaveLength(1)
  expect(apps(moved)).toBe(2)
})
