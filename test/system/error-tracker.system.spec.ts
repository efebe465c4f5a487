import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { atCleanUp, cleanUp } from '../../apps/broker/src/testing/harness.ts'
import { cleanEnv, temporaryFolder } from './up-process.ts'

const BROKER = fileURLToPath(new URL('../../apps/cli/dist/bundle/broker.js', import.meta.url))

afterEach(cleanUp)

it('a broker that cannot start tells the Sentry that is named, and ends', async () => {
  const heard: string[] = []
  const sentry = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      heard.push(body)
      response.end('{}')
    })
  })
  const taken = createSocket()
  const [sentryPort, takenPort] = await Promise.all([sentry, taken].map(listening))
  atCleanUp(() => sentry.close())
  atCleanUp(() => taken.close())
  const folder = temporaryFolder()
  atCleanUp(folder.remove)
  const env = cleanEnv({
    LATCHKEY_DATA_DIR: folder.path,
    LATCHKEY_LOCAL: 'on',
    LATCHKEY_PORT: String(takenPort),
    SENTRY_DSN: `http://key@127.0.0.1:${sentryPort}/42`,
  })
  const child = spawn(process.execPath, [BROKER], { env, stdio: 'ignore' })
  const [exitCode] = await once(child, 'exit')
  expect(exitCode).toBe(1)
  expect(heard).toHaveLength(1)
  expect(heard[0]).toContain('broker.cannot-start')
  expect(heard[0]).toContain('EADDRINUSE')
  expect(heard[0]).not.toContain('127.0.0.1')
  expect(heard[0]).not.toContain(folder.path)
})

async function listening(server: ReturnType<typeof createSocket>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
