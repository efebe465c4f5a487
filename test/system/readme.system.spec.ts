import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { cleanEnv, LATCHKEY, temporaryFolder, UpProcess } from './up-process.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const place = temporaryFolder()
afterAll(() => place.remove())

/** The lines of the shell in a document, without their comments. */
function shellLines(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  )
}

/**
 * The lines that install something, listen for everybody, or need a second machine: another test runs each of them, and this one
 * looks whether it is there.
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm start': 'package.json',
  'npm test': 'package.json',
  'npm run build && npm run pack': 'package.json',
  'npm install --global --ignore-scripts packed/latchkey-[0-9]*.tgz': 'tools/pack-program.mjs',
  'latchkey join LINK': 'test/system/join.system.spec.ts',
  'latchkey run': 'test/system/join.system.spec.ts',
}

/** What a line becomes for a test: on loopback, at any port, on this test's data. */
const ADAPTED: Readonly<Record<string, string>> = {
  'latchkey doctor': 'latchkey doctor --quick',
  'latchkey backup latchkey.backup': 'latchkey backup latchkey.backup --passphrase-file passphrase',
  'latchkey man | man -l -': 'latchkey man | head -3',
}

/** Runs a line in bash, with `latchkey` on its path and `data` for its data folder. */
async function inShell(line: string, data: string): Promise<{ exitCode: number | null; told: string }> {
  const bin = join(place.path, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'latchkey'), `#!/bin/sh\nexec '${process.execPath}' '${LATCHKEY}' "$@"\n`, {
    mode: 0o755,
  })
  const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], {
    cwd: place.path,
    env: cleanEnv({
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      LATCHKEY_DATA_DIR: data,
      XDG_STATE_HOME: data,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      told += bytes.toString()
    })
  await once(child, 'close')
  return { exitCode: child.exitCode, told }
}

it('every command that the README shows runs', async () => {
  const lines = shellLines('README.md')
  expect(lines.length).toBeGreaterThan(14)
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
  writeFileSync(join(place.path, 'passphrase'), 'four random words here\n')

  // The lines that start a broker: each with its own options, on loopback and any port.
  const starts = lines.filter((line) => line === 'latchkey' || /^latchkey up (?!--help)/.test(line))
  expect(starts.length).toBeGreaterThan(1)
  const begun = starts.map((line) => new UpProcess({ args: line.split(' ').slice(2) }))
  for (const each of begun) await each.ready()
  const [up, ...more] = begun
  if (up === undefined) throw new Error('the README starts nothing')
  await Promise.all(more.map((each) => each.stop()))

  const others = lines.filter((line) => !starts.includes(line))
  for (const line of others.filter((each) => ELSEWHERE[each] !== undefined)) {
    expect(existsSync(join(ROOT, ELSEWHERE[line] ?? '')), line).toBe(true)
    for (const [, script = ''] of line.matchAll(/npm (?:run )?(start|test|build|pack)\b/g))
      expect(Object.keys(scripts), line).toContain(script)
  }
  for (const line of others.filter((each) => ELSEWHERE[each] === undefined)) {
    const ran = await inShell(ADAPTED[line] ?? line, up.dataDir)
    expect(ran.exitCode, `${line}: ${ran.told}`).toBe(0)
  }
  await up.stop()
})

it('the README says the same in three languages, in at most 150 lines each', () => {
  const wanted = shellLines('README.md')
  for (const path of ['README.md', 'README.ru.md', 'README.zh.md']) {
    const text = readFileSync(join(ROOT, path), 'utf8')
    expect(text.split('\n').length, path).toBeLessThanOrEqual(150)
    expect(shellLines(path), path).toEqual(wanted)
    const links = (of: string) => [...of.matchAll(/\]\((?!README)([^)]*)\)/g)].map(([, link]) => link)
    expect(links(text), path).toEqual(links(readFileSync(join(ROOT, 'README.md'), 'utf8')))
  }
})
