import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { installation } from '../installation.ts'
import { memberships } from '../join/memberships.ts'
import { writePrivately } from '../private-files.ts'
import { programs } from '../up/programs.ts'
import { type Manager, managerOf } from './manager.ts'
import { brokerUnit, launchAgent, type ServicePlan, userUnit } from './units.ts'

export const serviceCommand: Command = {
  name: 'service',
  summary: 'start Latchkey with this machine, without a window: install, uninstall, status, logs, restart',
  words: 'install|uninstall|status|logs|restart',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey service install',
      does: 'a service of this user: "run" on a joined machine, else "up"',
    },
    { line: 'latchkey service status', does: 'whether it runs; "latchkey code" shows its pairing code' },
    { line: 'latchkey service install --broker-unit', does: 'print a system unit for a broker alone' },
  ],
  options: {
    up: { type: 'boolean', help: 'with install: broker and runner, also on a joined machine' },
    print: { type: 'boolean', help: 'with install: print the unit, change nothing' },
    'broker-unit': { type: 'boolean', help: 'with install: print a shut-in system unit for a broker alone' },
    'data-dir': dataDirOption('keys and data of the service'),
  },
  run: service,
}

async function service(call: Invocation): Promise<ExitCode> {
  const [what] = call.words
  if (call.on('broker-unit')) {
    call.print(brokerUnit([process.execPath, programs().broker]).trimEnd())
    return EXIT.ended
  }
  if (what === 'install' && call.on('print')) {
    const plan = planOf(call)
    call.print(
      (process.platform === 'darwin' ? launchAgent(plan, logFileOf(call)) : userUnit(plan)).trimEnd(),
    )
    return EXIT.ended
  }
  const manager = managerOf(call)
  if (typeof manager === 'string') {
    call.complain(manager)
    return EXIT.failed
  }
  switch (what) {
    case 'install':
      return install(call, manager)
    case 'uninstall':
      return uninstallService(call, manager)
    case 'status':
      return manager.status()
    case 'logs':
      return manager.logs()
    case 'restart':
      return restart(call, manager)
    case undefined:
    default:
      call.complain('Say what to do: latchkey service install, uninstall, status, logs or restart.')
      return EXIT.badUsage
  }
}

async function install(call: Invocation, manager: Manager): Promise<ExitCode> {
  const plan = planOf(call)
  if (!existsSync(plan.envFile)) writePrivately(plan.envFile, ENV_FILE)
  mkdirSync(dirname(manager.unitFile), { recursive: true })
  const text = manager.kind === 'launchd' ? launchAgent(plan, logFileOf(call)) : userUnit(plan)
  writeFileSync(manager.unitFile, text, { mode: 0o600 })
  const problem = manager.begin()
  if (problem !== null) {
    rmSync(manager.unitFile)
    call.complain(`The service was not started, and is removed again: ${problem}`)
    return EXIT.failed
  }
  call.emit({ event: 'service', status: 'installed', command: plan.command, unit: manager.unitFile })
  call.say(`Installed: ${manager.unitFile} starts "latchkey ${plan.command}" with this machine.`)
  call.say(`Its settings: ${plan.envFile}, then latchkey service restart. Its pairing code: latchkey code`)
  if (manager.kind === 'systemd') call.say(lingerNote(manager.lingers()))
  return EXIT.ended
}

/** Without lingering, systemd ends a user's services and all else at the last logout. */
const lingerNote = (lingers: boolean): string =>
  lingers
    ? 'Lingering is on: it starts with the machine, and goes on after you log out.'
    : `It ends when you log out, and its terminals with it. To let it start with the machine and go on: loginctl enable-linger ${userInfo().username}`

function uninstallService(call: Invocation, manager: Manager): ExitCode {
  if (!existsSync(manager.unitFile)) {
    call.emit({ event: 'service', status: 'none' })
    call.say('No service is installed.')
    return EXIT.ended
  }
  manager.end()
  rmSync(manager.unitFile, { force: true })
  manager.reload()
  call.emit({ event: 'service', status: 'uninstalled' })
  call.say('The service is removed. Open terminals go on until: latchkey stop --terminals')
  return EXIT.ended
}

/** Takes away the service of this user, if there is one. */
export function removeService(call: Invocation): void {
  const manager = managerOf(call)
  if (typeof manager !== 'string' && existsSync(manager.unitFile))
    uninstallService({ ...call, say: () => {}, emit: () => {} }, manager)
}

function restart(call: Invocation, manager: Manager): ExitCode {
  const problem = existsSync(manager.unitFile)
    ? manager.restart()
    : 'none is installed: latchkey service install'
  if (problem !== null) {
    call.complain(`The service was not restarted: ${problem}`)
    return EXIT.failed
  }
  call.emit({ event: 'service', status: 'restarted' })
  call.say('Restarted. Terminals went on.')
  return EXIT.ended
}

/** Whether a service of this user is installed here; it is restarted then. For an update. */
export function restartService(call: Invocation): 'none' | 'restarted' | 'failed' {
  const manager = managerOf(call)
  if (typeof manager === 'string' || !existsSync(manager.unitFile)) return 'none'
  return manager.restart() === null ? 'restarted' : 'failed'
}

function planOf(call: Invocation): ServicePlan {
  const dataDir = dataDirOf(call)
  const isMember = memberships(dataDir).length > 0
  return {
    command: isMember && !call.on('up') ? 'run' : 'up',
    start: startOf(call),
    dataDir,
    envFile: join(configFolder(call), 'service.env'),
    home: homedir(),
  }
}

/** A path that stays the same over updates. */
function startOf(call: Invocation): readonly string[] {
  const here = installation()
  switch (here.by) {
    case 'broker':
      return [join(call.env['HOME'] ?? homedir(), '.local/bin/latchkey')]
    case 'npm':
      return [process.execPath, join(here.folder, 'bin/latchkey.mjs')]
    case 'clone':
      return [process.execPath, join(here.folder, 'apps/cli/bin/latchkey.mjs')]
  }
}

const configFolder = ({ env }: Invocation): string =>
  join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'latchkey')

const logFileOf = (call: Invocation): string => join(dataDirOf(call), 'service.log')

const ENV_FILE = `# Settings of the service, one NAME=value a line. All of them: latchkey up --help, and README.md
# LATCHKEY_PORT=6969
# LATCHKEY_PUBLIC_URL=https://term.example.com
`
