import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Invocation } from '../command.ts'
import { dataDirOf } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { LAUNCHD_LABEL, SERVICE_NAME } from './units.ts'

/** systemctl and launchctl answer in milliseconds; a stop may take the unit's whole time. */
const ANSWER_WITHIN_MS = 60_000
const LOG_LINES = 200

/** What starts services on this system, for this user. Problems are sentences. */
export interface Manager {
  readonly kind: 'systemd' | 'launchd'
  readonly unitFile: string
  /** reads the unit and starts it, now and with the machine */
  begin(): string | null
  restart(): string | null
  end(): void
  /** after the unit file is gone */
  reload(): void
  status(): ExitCode
  logs(): ExitCode
  /** whether this user's services go on after the last logout */
  lingers(): boolean
}

/** The manager of this system, or why there is none. */
export function managerOf(call: Invocation): Manager | string {
  if (process.platform === 'darwin') return launchd(call)
  const found = run('systemctl', ['--version']).exitCode === 0
  return found
    ? systemd(call)
    : 'This system has neither systemd nor launchd. Start "latchkey run" with the system’s own means; docs/recipes/install.md has examples.'
}

function systemd(call: Invocation): Manager {
  const config = call.env['XDG_CONFIG_HOME'] ?? join(call.env['HOME'] ?? homedir(), '.config')
  const unit = `${SERVICE_NAME}.service`
  const control = (...args: string[]) => run('systemctl', ['--user', ...args])
  return {
    kind: 'systemd',
    unitFile: join(config, 'systemd/user', unit),
    begin: () => problemOf(control('daemon-reload')) ?? problemOf(control('enable', '--now', unit)),
    restart: () => problemOf(control('restart', unit)),
    end: () => void control('disable', '--now', unit),
    reload: () => void control('daemon-reload'),
    status: () => shown(call, control('status', '--no-pager', '--lines=0', unit)),
    logs: () => shown(call, run('journalctl', ['--user', '--no-pager', '-n', String(LOG_LINES), '-u', unit])),
    lingers: () => existsSync(join('/var/lib/systemd/linger', userInfo().username)),
  }
}

function launchd(call: Invocation): Manager {
  const home = call.env['HOME'] ?? homedir()
  const domain = `gui/${userInfo().uid}`
  const unitFile = join(home, 'Library/LaunchAgents', `${LAUNCHD_LABEL}.plist`)
  const job = `${domain}/${LAUNCHD_LABEL}`
  return {
    kind: 'launchd',
    unitFile,
    begin: () => {
      // An earlier one of the same name would be in the way; there is none the first time.
      run('launchctl', ['bootout', job])
      return problemOf(run('launchctl', ['bootstrap', domain, unitFile]))
    },
    restart: () => problemOf(run('launchctl', ['kickstart', '-k', job])),
    end: () => void run('launchctl', ['bootout', job]),
    reload: () => {},
    status: () => shown(call, run('launchctl', ['print', job])),
    logs: () => shown(call, run('tail', ['-n', String(LOG_LINES), join(dataDirOf(call), 'service.log')])),
    // An agent lives while its user is logged in.
    lingers: () => false,
  }
}

interface Ran {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(program: string, args: readonly string[]): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: ANSWER_WITHIN_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { exitCode: status, stdout: stdout ?? '', stderr: error?.message ?? stderr ?? '' }
}

const problemOf = ({ exitCode, stderr, stdout }: Ran): string | null =>
  exitCode === 0 ? null : stderr.trim() || stdout.trim() || `exit code ${exitCode}`

function shown(call: Invocation, { exitCode, stdout, stderr }: Ran): ExitCode {
  call.emit({ event: 'service', status: exitCode === 0 ? 'running' : 'not-running', text: stdout })
  if (!call.manner.json && stdout !== '') call.print(stdout.trimEnd())
  if (stderr.trim() !== '') call.complain(stderr.trim())
  return exitCode === 0 ? EXIT.ended : EXIT.failed
}
