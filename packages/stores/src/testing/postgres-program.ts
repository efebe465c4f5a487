import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The user a server runs as when the tests run as root, which PostgreSQL refuses to be. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

const MISSING =
  'The tests of the PostgreSQL store need the server programs of postgresql (initdb, postgres), and none were found in LATCHKEY_POSTGRES_BIN, on PATH or under /usr/lib/postgresql. Install them (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17).'

const NO_ACCOUNT =
  'PostgreSQL does not run as root, and there is no user "postgres" to run it as. The Debian package makes one; or run the tests as another user.'

/** The newest PostgreSQL of this machine. Throws a sentence when there is none. */
export function findPostgres(): { readonly bin: string; readonly account: Account | null } {
  const bin = candidates().find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
  if (bin === undefined) throw new Error(MISSING)
  return { bin, account: process.getuid?.() === 0 ? accountNamed('postgres') : null }
}

function candidates(): readonly string[] {
  const given = process.env.LATCHKEY_POSTGRES_BIN
  if (given) return [given]
  const path = (process.env.PATH ?? '').split(delimiter)
  return [
    ...path,
    ...versionsIn('/usr/lib/postgresql', ''),
    ...versionsIn('/opt/homebrew/opt', 'postgresql@'),
  ]
}

/** The `bin` folders of the versions installed side by side, the newest first. */
function versionsIn(folder: string, prefix: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .sort((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))
    .map((name) => join(folder, name, 'bin'))
}

function accountNamed(name: string): Account {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  if (line === undefined) throw new Error(NO_ACCOUNT)
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * Makes an empty cluster in `data`, with one superuser without a password on loopback. initdb takes a second of the
 * processor, a copy of its result a twentieth: within one run of the tests it runs once (see test/run-folder.ts).
 */
export async function makeCluster(program: string, data: string, account: Account | null): Promise<void> {
  const runFolder = process.env.LATCHKEY_TEST_RUN_FOLDER
  if (!runFolder) return initialise(program, data, account)
  const original = join(runFolder, 'postgres')
  if (!existsSync(original)) await makeOriginal(program, original, account)
  await ran(spawn('cp', ['-a', `${original}/.`, data], { stdio: ['ignore', 'ignore', 'pipe'] }))
}

/** Two files may come here at once: each makes its own, and the first one done is kept. */
async function makeOriginal(program: string, original: string, account: Account | null): Promise<void> {
  const made = `${original}-by-${process.pid}`
  mkdirSync(made, { mode: 0o700 })
  if (account !== null) chownSync(made, account.uid, account.gid)
  await initialise(program, made, account)
  try {
    renameSync(made, original)
  } catch (error) {
    if (!existsSync(original)) throw error
    rmSync(made, { recursive: true })
  }
}

async function initialise(program: string, data: string, account: Account | null): Promise<void> {
  const args = ['-D', data, '-U', 'latchkey', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await ran(spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: data, ...account }))
}

/** Waits for its end. Throws what it complained of when it failed. */
async function ran(child: ChildProcess): Promise<void> {
  let told = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    told += bytes.toString()
  })
  const [status] = await once(child, 'exit')
  if (status !== 0) throw new Error(`${child.spawnfile} failed:\n${told}`)
}

/** The server's first process and its children: each of them leads a group of its own, so no signal reaches all. */
export function processesOf(pid: number): readonly number[] {
  const listed = existsSync(`/proc/${pid}/stat`) ? parentsFromProc() : parentsFromPs()
  return [pid, ...listed.filter(([, parent]) => parent === pid).map(([child]) => child)]
}

function parentsFromProc(): ReadonlyArray<readonly [pid: number, parent: number]> {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in brackets may hold anything, so the fields are counted from its end.
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        return [[Number(name), Number(parent)] as const]
      } catch {
        return [] // ended while we looked
      }
    })
}

function parentsFromPs(): ReadonlyArray<readonly [pid: number, parent: number]> {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return table.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    return pid && parent ? [[pid, parent] as const] : []
  })
}
