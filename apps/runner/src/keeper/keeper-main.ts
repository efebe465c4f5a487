import { printableLines } from '@latchkey/protocol/printable'
import { Keeper } from './keeper.ts'
import { keeperFolderProblem } from './keeper-folder.ts'
import { serveKeeper } from './keeper-server.ts'

/**
 * The keeper as a process: `keeper-main FOLDER`. It is started by a runner, outlives it, and ends when it has no terminals and
 * no runner. It has nothing but terminals: no key, no secret, no connection to anything but its socket.
 */

/** A runner that starts a keeper is there within this time. */
const RUNNER_WITHIN_MS = 10_000
const BAD_USAGE = 2
const FAILURE = 1

void run(process.argv[2])

async function run(folder: string | undefined): Promise<void> {
  if (folder === undefined) return end(BAD_USAGE, 'usage: keeper-main FOLDER')
  const keeper = new Keeper(() => process.exit(0))
  const problem = keeperFolderProblem(folder) ?? (await serveKeeper(keeper, folder))
  if (problem !== null) return end(FAILURE, problem)
  setTimeout(() => keeper.isIdle && process.exit(0), RUNNER_WITHIN_MS)
  // The programs hear of the end of a login themselves, and those end that want to.
  process.on('SIGHUP', () => {})
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => void keeper.stop().then(() => process.exit(0)))
}

function end(exitCode: number, message: string): void {
  process.stderr.write(`${printableLines(message)}\n`)
  process.exitCode = exitCode
}
