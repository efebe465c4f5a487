#!/usr/bin/env node
/**
 * The command `latchkey` of a clone. It is a committed file, because npm links a command only when its file is there
 * at installation, and the programs are compiled later. Built-ins only, and it runs on any Node.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The oldest Node that the broker's database driver runs on; on an older one it crashes. */
const NODE_MIN = [22, 13]

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../../..')
const program = join(here, '../dist/main.js')

const isRecent = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
}

/** The Node to use instead of one that is too old: the one LATCHKEY_NODE names, or the one that `npm start` brought. */
function newerNode() {
  const named = process.env.LATCHKEY_NODE
  if (named !== undefined && named !== '') return named
  const folder = join(repository, 'tools/node/node_modules')
  if (!existsSync(folder)) return undefined
  const programs = readdirSync(folder).map((name) => join(folder, name, 'bin', 'node'))
  return programs.find((path) => existsSync(path))
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

if (!existsSync(program)) refuse(`Latchkey is not built yet. Run "npm run build" once in ${repository}`)
if (isRecent(process.versions.node)) await import(pathToFileURL(program).href)
else {
  const node = newerNode()
  if (node === undefined)
    refuse(
      `Latchkey needs Node ${NODE_MIN.join('.')} or newer, and this is ${process.versions.node}. ` +
        `Run "npm run build" once in ${repository}: it brings a newer one along.`,
    )
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child by itself, as it is in the same foreground group; it decides how to end.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (problem) => refuse(`Could not start ${node}: ${problem.message}`))
  child.once('exit', (exitCode, signal) => process.exit(exitCode ?? (signal === 'SIGINT' ? 130 : 1)))
}
