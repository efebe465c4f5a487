import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'latchkey-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const build = (outDir: string) =>
  run(process.execPath, [
    join(ROOT, 'node_modules/vite/bin/vite.js'),
    'build',
    '--logLevel',
    'warn',
    '--outDir',
    outDir,
    join(ROOT, 'apps/web'),
  ])
const page = (...args: string[]) => run(process.execPath, [join(ROOT, 'tools/page.mjs'), ...args])

/** As the recipe says it, with what every host has. */
async function hashByHand(of: string): Promise<string> {
  const { stdout } = await run('sh', [
    '-c',
    `cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`,
    'sh',
    of,
  ])
  return stdout.slice(0, 64)
}

const hashesOf = (stdout: string) =>
  Object.fromEntries(
    [...stdout.matchAll(/^(\w+) +sha256:([0-9a-f]{64})/gm)].map(([, name, hash]) => [name, hash]),
  )

it('the page is the same byte for byte whoever builds it, and its hash is one that anybody can take', async () => {
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  await build(one)
  await build(two)
  const byHand = await hashByHand(one)
  expect(await hashByHand(two)).toBe(byHand)
  const { stdout } = await page(
    '--from',
    one,
    '--broker',
    'https://term.example.com',
    '--out',
    join(folder, 'out'),
  )
  expect(hashesOf(stdout)).toEqual({ built: byHand, page: await hashByHand(join(folder, 'out')) })

  const index = readFileSync(join(folder, 'out/index.html'), 'utf8')
  expect(index).toContain('<meta name="latchkey-broker" content="https://term.example.com" />')
  expect(index).toContain('connect-src https://term.example.com wss://term.example.com;')
  expect(readFileSync(join(folder, 'out/p/index.html'), 'utf8')).toBe(index)
  // Only the page names the broker; the files it loads are the built ones.
  expect(
    index
      .replace(/^ *<meta http-equiv="Content-Security-Policy".*\n/m, '')
      .replace(/(latchkey-broker" content=)"[^"]*"/, '$1""'),
  ).toBe(readFileSync(join(one, 'index.html'), 'utf8'))
  writeFileSync(join(one, 'index.html'), `${readFileSync(join(one, 'index.html'), 'utf8')} `)
  expect(await hashByHand(one)).not.toBe(byHand)
})

it('refuses an address that is none, a folder that is not empty, and a page without a place for a broker', async () => {
  const full = join(folder, 'full')
  mkdirSync(full)
  writeFileSync(join(full, 'index.html'), '<!doctype html>')
  const refused = (...args: string[]) => expect(page(...args)).rejects.toMatchObject({ code: 2 })
  const empty = join(folder, 'empty')
  for (const broker of [
    'term.example.com',
    'https://a.example/path',
    'https://a.example"><script>',
    'ftp://a',
  ])
    await refused('--from', full, '--broker', broker, '--out', empty)
  await refused('--from', full, '--broker', 'https://a.example', '--out', full)
  await refused('--from', full, '--broker', 'https://a.example', '--out', empty)
  await refused()
})
