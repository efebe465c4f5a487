#!/usr/bin/env node
/**
 * `npm run page -- --broker URL --out FOLDER`: a copy of the built page for any static host, told which broker it is for.
 * See docs/recipes/page-elsewhere.md. `--from`: the built page, where it is not in its usual place.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { contentHash } from './page-hash.mjs'

const BUILT = join(dirname(dirname(fileURLToPath(import.meta.url))), 'apps/web/dist')
/** What the page reads its broker from; empty as built. */
const SLOT = '<meta name="latchkey-broker" content="" />'

/** The page of `broker`, from the page as built: where it connects, and that it connects nowhere else. */
function pageFor(index, broker) {
  if (index.split(SLOT).length !== 2)
    throw new Error('the built page has no place for a broker: build it anew')
  const sockets = broker.replace(/^http/, 'ws')
  const policy = [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    `connect-src ${broker} ${sockets}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return index.replace(
    SLOT,
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <meta name="latchkey-broker" content="${broker}" />`,
  )
}

/** Writes the copy and answers its content hash. Throws when something is not as it must be. */
function writePage({ built, broker, folder }) {
  if (!/^https?:\/\/[^/\s"'<>;,]+$/.test(broker) || new URL(broker).origin !== broker)
    throw new Error('--broker must look like https://term.example.com, without a path')
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`)
  if (!existsSync(join(built, 'index.html'))) throw new Error('the page is not built: npm run build')
  const page = pageFor(readFileSync(join(built, 'index.html'), 'utf8'), broker)
  cpSync(built, folder, { recursive: true })
  writeFileSync(join(folder, 'index.html'), page)
  // Links lead to /p, and a static host knows no routes.
  mkdirSync(join(folder, 'p'))
  writeFileSync(join(folder, 'p/index.html'), page)
  return contentHash(folder)
}

function main() {
  const { values } = parseArgs({
    options: {
      broker: { type: 'string' },
      out: { type: 'string' },
      from: { type: 'string', default: BUILT },
    },
  })
  const { broker, out, from: built } = values
  if (broker === undefined || out === undefined)
    throw new Error('usage: npm run page -- --broker https://term.example.com --out FOLDER')
  // npm changes to the repository's folder; a path is meant from where the person is.
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), out)
  const hash = writePage({ built, broker, folder })
  process.stdout.write(`built  sha256:${contentHash(built)}  the same for everybody who builds this commit\n`)
  process.stdout.write(`page   sha256:${hash}  ${folder}, for ${broker}\n`)
}

try {
  main()
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : problem}\n`)
  process.exitCode = 2
}
