import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { atCleanUp, type TestBroker, type Told } from './harness.ts'

const PROGRAM = fileURLToPath(new URL('foreign-client.py', import.meta.url))

/** Debian's packages are for Debian's Python; another one may come first on PATH. */
const PYTHONS: readonly string[] = ['python3', '/usr/bin/python3']

const MISSING =
  'The test of a foreign client needs python3 with python-socketio and aiohttp, and none was found. Install them (Debian, Ubuntu: apt-get install python3-socketio python3-aiohttp; elsewhere: pip install python-socketio aiohttp).'

/** Runs a stranger's app against a broker; answers with all that it was told. */
export async function runForeignClient(broker: TestBroker, pairingCode: string): Promise<readonly Told[]> {
  const python = PYTHONS.find((each) => spawnSync(each, ['-c', 'import socketio, aiohttp']).status === 0)
  if (python === undefined) throw new Error(MISSING)
  const client = spawn(python, [PROGRAM, broker.url, pairingCode], { stdio: ['ignore', 'pipe', 'pipe'] })
  atCleanUp(() => client.kill('SIGKILL'))
  const said = { out: '', problems: '' }
  client.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString()
  })
  client.stderr.on('data', (chunk: Buffer) => {
    said.problems += chunk.toString()
  })
  const [status] = await once(client, 'close')
  if (status !== 0) throw new Error(`the foreign client ended with ${status}: ${said.problems}`)
  return said.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
