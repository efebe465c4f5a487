import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.mjs'

/** Where Debian keeps PostgreSQL's own programs, one folder for each release: they are not on PATH. */
const POSTGRES_RELEASES = '/usr/lib/postgresql'

const findPostgres = () => {
  const releases = existsSync(POSTGRES_RELEASES) ? readdirSync(POSTGRES_RELEASES) : []
  return findProgram(
    ['postgres'],
    releases.map((release) => join(POSTGRES_RELEASES, release, 'bin/postgres')),
  )
}

/** Debian's packages are for Debian's Python; another one may come first on PATH. */
const findPythonSocketIo = () =>
  ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import socketio, aiohttp']).status === 0,
  ) ?? null

const missing = (what, program, debian, homebrew) =>
  `The tests of ${what} need ${program}, and none was found. Install it (Debian, Ubuntu: apt-get install ${debian}; macOS: brew install ${homebrew}).`

/**
 * The servers that tests start for themselves, each on a port and in a folder of its own, and a foreign client. A package may
 * start a service when it is installed; no test speaks to that one.
 */
export const SERVERS = [
  {
    title: 'Redis',
    debian: 'redis-server',
    find: () => findProgram(['redis-server'], []),
    missing: missing('the Redis store', 'redis-server', 'redis-server', 'redis'),
  },
  {
    title: 'PostgreSQL',
    debian: 'postgresql',
    find: findPostgres,
    missing: missing('the PostgreSQL store', 'postgres', 'postgresql', 'postgresql'),
  },
  {
    title: 'PgBouncer',
    debian: 'pgbouncer',
    find: () => findProgram(['pgbouncer'], ['/usr/sbin/pgbouncer']),
    missing: missing('connection poolers', 'pgbouncer', 'pgbouncer', 'pgbouncer'),
  },
  {
    title: 'HAProxy',
    debian: 'haproxy',
    find: () => findProgram(['haproxy'], ['/usr/sbin/haproxy']),
    missing: missing('several brokers', 'haproxy', 'haproxy', 'haproxy'),
  },
  {
    title: 'python-socketio',
    debian: 'python3-socketio python3-aiohttp',
    find: findPythonSocketIo,
    missing:
      'The test of a foreign client needs python3 with python-socketio and aiohttp, and none was found. Install them (Debian, Ubuntu: apt-get install python3-socketio python3-aiohttp; elsewhere: pip install python-socketio aiohttp).',
  },
  {
    title: 'tmux',
    debian: 'tmux',
    find: () => findProgram(['tmux'], []),
    missing: missing('attached terminals', 'tmux', 'tmux', 'tmux'),
  },
  ...['zsh', 'fish', 'vim', 'less'].map((program) => ({
    title: program,
    debian: program,
    find: () => findProgram([program], []),
    missing: missing('the status of terminals', program, program, program),
  })),
]
