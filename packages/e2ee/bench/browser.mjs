/**
 * What a handshake costs a page, beside Node in the same run: `npm run build && node packages/e2ee/bench/browser.mjs`. Both
 * ends run in the page; a real machine's end is Node's, so what a person waits for is the page's app and Node's runner.
 */
import crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodePrimitives } from '@latchkey/e2ee/native/node'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { handshakeMs, METHODS } from './handshake.mjs'

const entry = fileURLToPath(new URL('browser-page.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
await build({
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir: folder,
    emptyOutDir: true,
    lib: { entry, formats: ['es'], fileName: () => 'page.js' },
  },
})
const script = readFileSync(join(folder, 'page.js'))
const server = createServer(({ url }, response) => {
  const isScript = url === '/page.js'
  response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
  response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.waitForFunction(() => 'measure' in globalThis)
  const node = nodePrimitives(crypto, (bytes) => Buffer.from(bytes))
  console.log(`node ${process.version}, ${browser.version()}`)
  console.log('handshake, ms'.padEnd(30), ...METHODS.map((method) => method.padStart(8)))
  const row = (name, figures) =>
    console.log(name.padEnd(30), ...figures.map((ms) => ms.toFixed(2).padStart(8)))
  const inNode = []
  for (const method of METHODS) inNode.push(await handshakeMs(node, method))
  row(
    'Node, the runner’s end',
    inNode.map(({ runner }) => runner),
  )
  row(
    'Node, the app’s end',
    inNode.map(({ app }) => app),
  )
  for (const platform of ['noble', 'webcrypto']) {
    const figures = []
    for (const method of METHODS)
      figures.push(await page.evaluate(([name, way]) => globalThis.measure(name, way), [platform, method]))
    row(
      `Chromium, the app’s end (${platform})`,
      figures.map(({ app }) => app),
    )
  }
} finally {
  await browser.close()
  server.close()
  rmSync(folder, { recursive: true, force: true })
}
