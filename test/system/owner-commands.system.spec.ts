import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, until } from '../../apps/broker/src/testing/harness.ts'
import { PersonTerminal } from './person-terminal.ts'
import { brokerAt, linkWay, newKeys, pair, resumeWay, seal, ticketText } from './sealed-app.ts'
import { latchkey, type ProgramEvent, temporaryFolder, UpProcess } from './up-process.ts'

afterEach(cleanUp)

const pinWay = (code: string) => ({ method: 'pin', code, label: 'Pixel 8' }) as const
const isPin = (event: ProgramEvent): boolean => event.event === 'pin' && event['pin'] !== null

it('a program hears the PIN, the owner sees and revokes the app, locks and unlocks', async () => {
  const up = new UpProcess({ env: { LATCHKEY_ALLOW_UNSEALED: '0' } })
  const { url, code, link } = await up.ready()
  const own = (...args: string[]) => latchkey([...args, '--data-dir', up.dataDir])
  await up.next((event) => event.event === 'link')
  expect(await own('pin')).toMatchObject({ exitCode: 1 })
  const shown = await own('code', '--json')
  expect(JSON.parse(shown.stdout), 'without a screen').toEqual({ event: 'code', code, link, locked: null })

  const keys = await newKeys()
  const raw = await pair(brokerAt(url), { pairingCode: code })
  const { app, step } = await seal(raw, keys, pinWay(code), async () => {
    const told = await up.next(isPin)
    expect(told).toMatchObject({ label: 'Pixel 8', address: '127.0.0.1', viewOnly: false })
    const asked = await own('pin')
    expect(asked.stdout.trim()).toBe(told['pin'])
    return String(told['pin'])
  })
  expect(step.status).toBe('open')
  await app?.heard('welcome')
  expect(await up.next((event) => event.event === 'pin')).toMatchObject({ pin: null, outcome: 'sealed' })
  expect(await up.next((event) => event['action'] === 'sealed')).toMatchObject({
    method: 'pin',
    mayType: true,
  })

  const listed = await own('apps')
  expect(listed.stdout).toMatch(/^[0-9a-f]{8} {2}Pixel 8 {2}types/)
  expect(await own('apps', listed.stdout.slice(0, 8), '--rename', 'Phone of Ada')).toMatchObject({
    exitCode: 0,
  })
  expect(await own('revoke', 'nobody')).toMatchObject({ exitCode: 2 })
  const asked = performance.now()
  const revoking = own('revoke', 'Phone of Ada')
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  console.log(`revoked, with a process start: ${(performance.now() - asked).toFixed(0)} ms`)
  expect(await revoking).toMatchObject({ exitCode: 0 })
  expect((await own('apps')).stdout).toBe('')

  expect(await own('lock')).toMatchObject({ exitCode: 0 })
  const { code: next } = await up.next((event) => event.event === 'code')
  expect(next).not.toBe(code)
  const late = await pair(brokerAt(url), { pairingCode: String(next) })
  expect((await seal(late, await newKeys(), pinWay(String(next)))).step).toMatchObject({ refusal: 'locked' })
  expect(await own('unlock')).toMatchObject({ exitCode: 0 })
  const asks = await seal(late, await newKeys(), pinWay(String(next)))
  expect(asks.step.status).toBe('pin-wanted')
  expect((await up.stop()).exitCode).toBe(0)
})

it('a runner that dies is known again by its apps: they come back without code and PIN', async () => {
  const up = new UpProcess()
  const { url, link } = await up.ready()
  await up.next((event) => event.event === 'link')
  const keys = await newKeys()
  const way = linkWay(new URL(link).hash)
  const broker = brokerAt(url)
  const runnerId = String(up.events.find((event) => event.event === 'ready')?.['runnerId'])
  const raw = await pair(broker, { runnerId, routeTicket: ticketText(way.oneTimeSecret, runnerId) })
  expect((await seal(raw, keys, way)).step.status).toBe('open')
  const { link: fresh } = await up.next((event) => event.event === 'pairing-link')
  expect(fresh).not.toBe(link)

  process.kill(up.upFile().runnerPid, 'SIGKILL')
  await up.next((event) => event.event === 'code')
  await up.next((event) => event.event === 'link' && event['status'] === 'online')
  const { grant } = keys
  if (grant === null) throw new Error('no grant')
  const back = await pair(broker, { runnerId, routeTicket: ticketText(grant.resumeKey, runnerId) })
  expect((await seal(back, keys, resumeWay(keys))).step.status).toBe('open')
  await up.stop()
})

it('the screen shows who asks, from where, the PIN and its time; v lets the app only watch', async () => {
  const folder = temporaryFolder()
  const person = PersonTerminal.latchkey(['up', '--local', '--port', '0', '--data-dir', folder.path])
  const text = await person.sees('Waiting for an app')
  const code = /[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}/.exec(text)?.[0] ?? ''
  const url = `http://${/Open +(\S+)/.exec(text)?.[1] ?? ''}`
  const raw = await pair(brokerAt(url), { pairingCode: code })
  const { step } = await seal(raw, await newKeys(), pinWay(code), async () => {
    const prompt = await person.sees('as reported by the broker')
    expect(prompt).toMatch(/PIN +\d{3} \d{3} +[12]:\d\d left/)
    expect(prompt).toMatch(/Asks +Pixel 8, at 127\.0\.0\.1/)
    expect(prompt).toContain('can run commands here as')
    person.type('v')
    await person.sees('can watch')
    person.type('a')
    await person.sees('watch and answer agents')
    return (/PIN +(\d{3} \d{3})/.exec(prompt)?.[1] ?? '').replace(' ', '')
  })
  expect(step).toMatchObject({
    status: 'open',
    grant: { permissions: { view: true, input: false, approve: true, send: false } },
  })
  await person.sees('watch only')
  person.type('\u0003')
  await person.sees('Ctrl-C again')
  await new Promise((resolve) => setTimeout(resolve, 400))
  person.type('\u0003')
  expect(await person.exited).toBe(130)
  folder.remove()
})
