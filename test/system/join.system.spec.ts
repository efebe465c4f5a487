import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { devicesReply, joinKeyReply, startReply } from '@latchkey/protocol/device-pairing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { latchkey, Program, temporaryFolder, UpProcess } from './up-process.ts'

/** A broker with its own machine, and a second machine that knows nothing yet. */
let up: UpProcess
let url = ''
let secret = ''
const machine = temporaryFolder()
beforeAll(async () => {
  up = new UpProcess()
  url = (await up.ready()).url
  secret = readFileSync(up.upFile().operatorSecretFile, 'utf8').trim()
})
afterAll(async () => {
  await up.stop()
  machine.remove()
})

async function operator(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return answer.json()
}
const nodes = async () => devicesReply.parse(await operator('GET', '/nodes')).nodes
const startedLink = async () => startReply.parse(await operator('POST', '/pairing/start', {}))

const pinEvent = z.object({ event: z.literal('pin'), pin: z.string(), name: z.string() })
const joinedEvent = z.object({ event: z.literal('joined'), nodeId: z.string(), name: z.string() })
const approvalEvent = z.object({ event: z.literal('approval-wanted'), code: z.string(), link: z.string() })

const command = (name: string, ...args: string[]) => new Program([name, ...args, '--data-dir', machine.path])
const run = () => command('run', '--cwd', '/')

it('a machine joins with a link and its PIN, runs without a secret, and is turned away when it is revoked', async () => {
  const { token, qr_url } = await startedLink()
  const joining = command('join', qr_url, '--name', 'forge')
  const { pin, name } = pinEvent.parse(await joining.next(({ event }) => event === 'pin'))
  expect(name).toBe('forge')
  expect(await operator('POST', '/pairing/verify', { token, pin })).toMatchObject({ success: true })
  const { nodeId } = joinedEvent.parse(await joining.next(({ event }) => event === 'joined'))
  expect(await joining.ended()).toBe(0)

  const folder = join(machine.path, 'joined')
  const [file = '', ...more] = readdirSync(folder)
  expect(more).toEqual([])
  expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  expect(JSON.stringify(joining.events), 'a secret is for the file alone').not.toMatch(/mpt_|mst_/)

  const twice = command('join', qr_url, '--name', 'forge')
  expect(await twice.ended(), 'the same link once more is no harm').toBe(0)
  const running = run()
  await running.next(({ event }) => event === 'ready')
  const [, forge] = await nodes()
  expect(forge).toMatchObject({ id: nodeId, name: 'forge', roles: ['app', 'runner'] })
  expect(forge?.runners).toHaveLength(1)

  expect(await operator('DELETE', `/nodes/${nodeId}`)).toMatchObject({ revoked: { runners: forge?.runners } })
  expect(await running.ended()).toBe(4)
  expect(running.errorText).toContain('latchkey join')
  const again = run()
  expect(await again.ended(), 'nor does it come back').toBe(4)
})

it('a machine that nobody gave a link to shows a code, and is in when the operator approves', async () => {
  const joining = command('join', '--broker', url, '--name', 'greenhouse')
  const asked = approvalEvent.parse(await joining.next(({ event }) => event === 'approval-wanted'))
  expect(new URL(asked.link).searchParams.get('user_code')).toBe(asked.code)
  const answer = { user_code: asked.code, approve: true }
  expect(await operator('POST', '/pairing/consent', answer)).toMatchObject({ success: true })
  expect(joinedEvent.parse(await joining.next(({ event }) => event === 'joined')).name).toBe('greenhouse')
  expect(await joining.ended()).toBe(0)
  const running = run()
  await running.next(({ event }) => event === 'ready')
  await running.stop()
  expect((await nodes()).map(({ name, runners }) => [name, runners.length])).toContainEqual(['greenhouse', 1])
})

it('a machine joins with a key from a file, once more is no harm, and it leaves by itself', async () => {
  const keyed = temporaryFolder()
  const made = joinKeyReply.parse(
    await operator('POST', '/operator/join-keys', { name: 'Rack', tags: ['lab'] }),
  )
  const file = join(keyed.path, 'key')
  writeFileSync(file, `${made.secret}\n`, { mode: 0o600 })
  const where = ['--data-dir', keyed.path] as const
  const first = ['join', '--broker', url, '--key-file', file, '--name', 'rack', ...where]
  expect(await latchkey(first)).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Joined') })
  const again = await latchkey(['join', ...where], {
    LATCHKEY_JOIN_KEY: made.secret,
    LATCHKEY_BROKER_URL: url,
  })
  expect(again.exitCode, 'the same key once more').toBe(0)
  expect(`${again.stdout}${again.stderr}`).not.toContain('ljk_')
  const running = new Program(['run', '--cwd', '/', ...where])
  await running.next(({ event }) => event === 'ready')
  const rack = (await nodes()).find(({ name }) => name === 'rack')
  expect(rack).toMatchObject({ tags: ['lab'], roles: ['runner'], runners: [expect.any(String)] })

  const other = temporaryFolder()
  const second = await latchkey(['join', '--broker', url, '--data-dir', other.path], {
    LATCHKEY_JOIN_KEY: made.secret,
  })
  expect(second).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('good for one device') })
  other.remove()

  expect(await latchkey(['leave', ...where])).toMatchObject({ exitCode: 0 })
  expect(await running.ended(), 'its runner is turned away').toBe(4)
  expect((await nodes()).map(({ name }) => name)).not.toContain('rack')
  expect(await latchkey(['leave', ...where])).toMatchObject({ exitCode: 2 })
  keyed.remove()
})

it('what comes to nothing is said, with exit code 4, and leaves nothing behind', async () => {
  const { qr_url, token } = await startedLink()
  const stopped = command('join', qr_url)
  await stopped.next(({ event }) => event === 'pin')
  await operator('POST', '/pairing/cancel', { token })
  expect(await stopped.ended()).toBe(4)
  expect(stopped.events.at(-1)).toEqual({ event: 'refused', reason: 'cancelled' })
  const other = temporaryFolder()
  const unknown = await latchkey(['join', `${url}/join#${'x'.repeat(43)}`, '--data-dir', other.path])
  expect(unknown).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('not known') })
  expect(readdirSync(join(other.path, 'joined'))).toEqual([])
  const declined = command('join', '--broker', url)
  const { code } = approvalEvent.parse(await declined.next(({ event }) => event === 'approval-wanted'))
  await operator('POST', '/pairing/consent', { user_code: code, approve: false })
  expect(await declined.ended()).toBe(4)
  expect(declined.errorText).toContain('declined')
  other.remove()
})

it('no link and no broker is exit code 2, no broker there 3', async () => {
  expect(await latchkey(['join'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Add a device'),
  })
  const nowhere = await latchkey(['join', `http://127.0.0.1:9/join#${'x'.repeat(43)}`], {
    LATCHKEY_DATA_DIR: machine.path,
  })
  expect(nowhere).toMatchObject({ exitCode: 3 })
})
