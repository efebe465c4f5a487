import { setTimeout as wait } from 'node:timers/promises'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askKeeper, endKeptTerminals } from '../keeper/ask-keeper.ts'
import { counted, stayingTerminals } from '../up/facts.ts'
import { readUpFile } from '../up/up-file.ts'

/** `up` promises to be gone in ten seconds. */
const STOP_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 50

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stop broker and runner on this machine; its terminals go on, or end with --terminals',
  words: '',
  wordsMax: 0,
  examples: [
    {
      line: 'latchkey stop',
      does: 'programs in terminals go on, and the next "latchkey up" shows them again',
    },
    { line: 'latchkey stop --terminals', does: 'ends the programs in all terminals too' },
    { line: 'latchkey status', does: 'which terminals there are' },
  ],
  options: {
    terminals: { type: 'boolean', help: 'end the programs in all terminals as well' },
    'data-dir': dataDirOption('what to stop'),
  },
  run: stop,
}

async function stop(call: Invocation): Promise<ExitCode> {
  const dataDir = dataDirOf(call)
  const up = readUpFile(dataDir)
  const before = await askKeeper(dataDir)
  if (typeof before === 'string') {
    call.complain(before)
    return EXIT.failed
  }
  const open = before?.terminals.length ?? 0
  if (up === null && open === 0) {
    call.emit({ event: 'stopped', running: false, terminals: 0 })
    call.say('Nothing runs here.')
    return EXIT.brokerUnreachable
  }
  const ends = call.on('terminals')
  if (ends && open > 0) call.say(`${counted(open, 'terminal')} will be closed.`)
  if (up !== null && !(await stopped(up.pid))) {
    call.complain(`Latchkey (process ${up.pid}) does not stop. End it with: kill -9 ${up.pid}`)
    return EXIT.failed
  }
  if (ends) await endKeptTerminals(dataDir)
  const left = await askKeeper(dataDir)
  const stay = left === null || typeof left === 'string' ? 0 : left.terminals.length
  call.emit({ event: 'stopped', running: up !== null, terminals: stay })
  call.say(stay === 0 ? 'Stopped.' : `Stopped. ${stayingTerminals(stay)}`)
  return EXIT.ended
}

/** Asks a process to end and waits for that. False when it does not. */
async function stopped(pid: number): Promise<boolean> {
  const until = performance.now() + STOP_WITHIN_MS
  if (!signalled(pid, 'SIGTERM')) return true
  while (signalled(pid, 0)) {
    if (performance.now() > until) return false
    await wait(LOOK_EVERY_MS)
  }
  return true
}

/** False when there is no such process. */
function signalled(pid: number, signal: 'SIGTERM' | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}
