import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, joinDevice, testDevice } from '../testing/device.ts'
import { atCleanUp, cleanUp, testBroker, until } from '../testing/harness.ts'
import { IMPATIENT } from './impatient.fixture.ts'

afterEach(cleanUp)

const PAGE = new URL('../../../../docs/recipes/programs.md', import.meta.url)
/** How each language of the page is run, and its file's ending. */
const PROGRAMS: Readonly<Record<string, readonly [string, string]>> = {
  sh: ['sh', 'sh'],
  js: [process.execPath, 'mjs'],
  python: ['python3', 'py'],
}

const examples = () =>
  [...readFileSync(PAGE, 'utf8').matchAll(/^```(sh|js|python)\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({
      language,
      text,
      isReceiver: text.includes('LATCHKEY_WEBHOOK_SECRET'),
    }),
  )

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

it('the examples of the page for programs run as they are printed', async () => {
  const all = examples()
  expect(all.map(({ language, isReceiver }) => `${language} ${isReceiver}`)).toEqual([
    'sh false',
    'js false',
    'python false',
    'js true',
    'python true',
  ])
  const ports = await Promise.all(all.map(() => freePort()))
  const targets = ports.map((port) => `http://127.0.0.1:${port}`)
  const broker = await testBroker({ 'webhook-targets': targets.join(',') }, {}, {}, { rules: IMPATIENT })
  const call = (path: string, body: object) => ask(broker, 'POST', path, body, broker.operator)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-examples-'))
  atCleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const key = String(
    (await call('/operator/keys', { name: 'examples', scopes: ['devices:read'] })).body['key'],
  )
  await joinDevice(broker, testDevice('Pixel of the page'))

  for (const [index, { language, text, isReceiver }] of all.entries()) {
    const [program, ending] = PROGRAMS[language] ?? ['', '']
    const file = join(folder, `example-${index}.${ending}`)
    writeFileSync(file, text)
    const made = isReceiver ? (await call('/webhooks', { url: targets[index], name: 'example' })).body : {}
    const env = {
      ...process.env,
      BROKER: broker.url,
      LATCHKEY_KEY: key,
      LATCHKEY_WEBHOOK_SECRET: String(made['secret']),
      PORT: String(ports[index]),
    }
    const said = { text: '' }
    const child: ChildProcess = spawn(program, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    atCleanUp(() => child.kill('SIGKILL'))
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        said.text += chunk.toString()
      })
    if (isReceiver) await call(`/webhooks/${webhookId(made)}/test`, {})
    const wanted = isReceiver ? 'webhook.test' : 'Pixel of the page'
    await until(`${wanted} from example ${index}: ${said.text}`, () => said.text.includes(wanted))
  }
})

const webhookId = (made: unknown): string =>
  z.object({ webhook: z.object({ id: z.string() }) }).parse(made).webhook.id
