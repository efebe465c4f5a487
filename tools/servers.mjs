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

const missing = (what, program, debian, homebrew) =>
  `The tests of ${what} need ${program}, and none was found. Install it (Debian, Ubuntu: apt-get install ${debian}; macOS: brew install ${homebrew}).`

/**
 * The servers that tests start for themselves, each on a port and in a folder of its own. A package may start a service
 * when it is installed; no test speaks to that one.
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
    title: 'HAProxy',
    debian: 'haproxy',
    find: () => findProgram(['haproxy'], ['/usr/sbin/haproxy']),
    missing: missing('several brokers', 'haproxy', 'haproxy', 'haproxy'),
  },
]
