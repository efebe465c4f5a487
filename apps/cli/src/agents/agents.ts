import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { AGENT_NAMES, agentStatus, installAgent, uninstallAgent } from './install.ts'
import { runCodex } from './run-codex.ts'

/** An agent takes arguments of its own behind `--`. */
const WORDS_MAX = 64

export const agentsCommand: Command = {
  name: 'agents',
  summary: 'let coding agents in terminals ask your phone',
  words: 'install|uninstall|status|run NAME',
  wordsMax: WORDS_MAX,
  examples: [
    { line: 'latchkey agents run codex', does: 'codex, whose questions also go to your phone' },
    { line: 'latchkey agents install opencode', does: 'shows the change as a diff, and makes it' },
    { line: 'latchkey agents uninstall opencode', does: 'undoes it; what others wrote stays' },
  ],
  options: {
    'dry-run': { type: 'boolean', help: 'show the change, and do not make it' },
    'data-dir': dataDirOption('where the text to go back to is kept'),
  },
  run: agents,
}

async function agents(call: Invocation): Promise<ExitCode> {
  const [what, name, ...rest] = call.words
  const isKnown = name !== undefined && AGENT_NAMES.includes(name)
  if (what === 'run' && name === 'codex') return runCodex(call, rest)
  if (what === 'status' && (name === undefined || isKnown))
    return agentStatus(call, name === undefined ? AGENT_NAMES : [name])
  if (what === 'install' && isKnown) return installAgent(call, name, call.on('dry-run'))
  if (what === 'uninstall' && isKnown) return uninstallAgent(call, name, call.on('dry-run'))
  call.complain(
    `Say what to do with which agent: latchkey agents install|uninstall|status NAME, or run codex. Agents: ${AGENT_NAMES.join(', ')}.`,
  )
  return EXIT.badUsage
}
