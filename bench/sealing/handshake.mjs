/**
 * What a handshake costs a page, beside Node in the same run: `npm run build && node bench/sealing/handshake.mjs`. Both
 * ends run in the page; a real machine's end is Node's, so what a person waits for is the page's app and Node's runner.
 */
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodePrimitives } from '@latchkey/e2ee/native/node'
import { chromium } from 'playwright-core'
import { handshakeMs, METHODS } from '../../packages/e2ee/bench/handshake.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
// By its program: it is a tool of the pages' room, not of this one.
writeFileSync(
  join(folder, 'vite.config.mjs'),
  `export default ${JSON.stringify({
    resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
    build: {
      outDir: join(folder, 'out'),
      lib: { entry: join(ROOT, 'packages/e2ee/bench/browser-page.mjs'), formats: ['es'], fileName: 'page' },
    },
  })}`,
)
execFileSync(process.execPath, [
  join(ROOT, 'node_modules/vite/bin/vite.js'),
  'build',
  '--logLevel',
  'error',
  '--config',
  join(folder, 'vite.config.mjs'),
  ROOT,
])
const script = readFileSync(join(folder, 'out/page.js'))
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
