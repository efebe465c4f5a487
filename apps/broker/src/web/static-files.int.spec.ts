import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { webFiles } from './static-files.ts'

const SCRIPT = 'console.log("hello")\n'.repeat(100)
const folder = mkdtempSync(join(tmpdir(), 'latchkey-web-'))
let server: Server

beforeAll(async () => {
  mkdirSync(join(folder, 'web/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'web/index.html'), '<p>page</p>')
  writeFileSync(join(folder, 'web/assets/a-1f.js'), SCRIPT)
  writeFileSync(join(folder, 'web/assets/a-1f.js.br'), brotliCompressSync(SCRIPT))
  writeFileSync(join(folder, 'web/assets/a-1f.js.gz'), gzipSync(SCRIPT))
  const files = webFiles(join(folder, 'web'))
  server = createServer((asked, response) => {
    const next = () => response.writeHead(404).end('nothing')
    void files(asked as never, response as never, next)
  }).listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** Asks as a client that neither decompresses nor tidies up the path. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = server.address() as AddressInfo
  const asked = request({ host: '127.0.0.1', port, path, headers, method }).end()
  const [answer]: IncomingMessage[] = await once(asked, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of answer ?? []) chunks.push(chunk)
  return { status: answer?.statusCode, headers: answer?.headers ?? {}, bytes: Buffer.concat(chunks) }
}

it.each([
  ['br, gzip', 'br', brotliCompressSync(SCRIPT)],
  ['gzip', 'gzip', gzipSync(SCRIPT)],
  ['identity', undefined, Buffer.from(SCRIPT)],
])('a browser that accepts %s gets %s', async (accepted, encoding, bytes) => {
  const answer = await ask('/assets/a-1f.js', { 'accept-encoding': accepted })
  expect(answer.headers['content-encoding']).toBe(encoding)
  expect(answer.headers['content-type']).toMatch(/javascript/)
  expect(answer.headers.vary).toMatch(/accept-encoding/i)
  expect(answer.bytes.equals(bytes)).toBe(true)
})

it('what has a digest in its name is kept for good, the page is asked for each time', async () => {
  expect((await ask('/assets/a-1f.js')).headers['cache-control']).toContain('immutable')
  const page = await ask('/')
  expect(page.headers['cache-control']).toBe('no-cache')
  const again = await ask('/', { 'if-none-match': page.headers.etag ?? '' })
  expect(again.status).toBe(304)
})

it.each([
  ['POST', '/assets/a-1f.js'],
  ['GET', '/assets/none.js'],
  ['GET', '/../secret.txt'],
  ['GET', '/%2e%2e/secret.txt'],
  ['GET', '/assets/..%2f..%2fsecret.txt'],
])('%s %s is no file of it', async (method, path) => {
  const { status, bytes } = await ask(path, {}, method)
  expect(status).toBe(404)
  expect(bytes.toString()).toBe('nothing')
})

it('a folder that is not there has no files, and does not fail', async () => {
  let passed = false
  const files = webFiles(join(folder, 'unbuilt'))
  await files({ method: 'GET', url: '/', headers: {} } as never, {} as never, () => {
    passed = true
  })
  expect(passed).toBe(true)
})
