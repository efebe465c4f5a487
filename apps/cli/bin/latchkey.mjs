#!/usr/bin/env node
/**
 * The command `latchkey`, of a clone and of an installed release. It is a committed file, because npm links a command only
 * when its file is there at installation, and a clone's programs are compiled later. Built-ins only, and it runs on any Node.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The oldest Node that the broker's database driver runs on; on an older one it crashes. */
const NODE_MIN = [22, 13]

const here = dirname(fileURLToPath(import.meta.url))
const repository = join(here, '../../..')
const isClone = existsSync(join(repository, 'tools/run.mjs'))
const program = join(here, isClone ? '../dist/bundle/main.js' : '../dist/main.js')

const isRecent = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
}

/** The Node to use instead of one that is too old: the one LATCHKEY_NODE names, or the one that `npm start` brought. */
function newerNode() {
  const named = process.env.LATCHKEY_NODE
  if (named !== undefined && named !== '') return named
  const folder = join(repository, 'tools/node/node_modules')
  if (!isClone || !existsSync(folder)) return undefined
  const programs = readdirSync(folder).map((name) => join(folder, name, 'bin', 'node'))
  return programs.find((path) => existsSync(path))
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

/** What gives this command what it lacks. */
const remedy = (inClone, installed) =>
  isClone ? `Run "npm run build" once in ${repository}${inClone}` : installed

/** An agent waits for its hook: without a runner that hears it, nothing is printed and nothing else is loaded. */
async function leaveHookWithoutRunner() {
  if (process.argv[2] !== 'hook') return
  const path = process.env.LATCHKEY_AGENTS
  if (!path || !process.env.LATCHKEY_TERMINAL) process.exit(0)
  const socket = connect(path)
  await new Promise((resolve) => socket.once('connect', resolve).once('error', () => process.exit(0)))
  socket.destroy()
}

await leaveHookWithoutRunner()
if (!existsSync(program))
  refuse(`Latchkey ${isClone ? 'is not built yet' : 'is damaged'}. ${remedy('.', 'Install it again.')}`)
if (isRecent(process.versions.node)) await import(pathToFileURL(program).href)
else {
  const node = newerNode()
  if (node === undefined)
    refuse(
      `Latchkey needs Node ${NODE_MIN.join('.')} or newer, and this is ${process.versions.node}. ` +
        remedy(': it brings a newer one along.', 'Install a newer one, or name one in LATCHKEY_NODE.'),
    )
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child by itself, as it is in the same foreground group; it decides how to end.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (problem) => refuse(`Could not start ${node}: ${problem.message}`))
  child.once('exit', (exitCode, signal) => process.exit(exitCode ?? (signal === 'SIGINT' ? 130 : 1)))
}
