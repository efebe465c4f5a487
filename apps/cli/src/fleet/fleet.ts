import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Granted, orderRunner } from '../owner/ask-runner.ts'
import { fleetLines } from './fleet-words.ts'

export const fleetCommand: Command = {
  name: 'fleet',
  summary: 'see, allow or deny the devices of this machine’s owner, which come in without a PIN',
  words: '[list | allow RIGHT... | deny | leave]',
  wordsMax: 4,
  examples: [
    { line: 'latchkey fleet', does: 'the owner, the owner’s devices and machines, and how old that list is' },
    {
      line: 'latchkey fleet allow look approve',
      does: 'they look here and answer agents; allow type: everything',
    },
    {
      line: 'latchkey fleet leave',
      does: 'this machine has no owner, and devices that came by the owner are out; deny: PINs again',
    },
  ],
  options: { 'data-dir': dataDirOption('whose runner to ask') },
  run: fleet,
}

const RIGHTS: ReadonlySet<string> = new Set(['look', 'approve', 'send', 'type'])

async function fleet(call: Invocation): Promise<ExitCode> {
  const [order = 'list', ...rights] = call.words
  if (order === 'allow') return allow(call, rights)
  if (rights.length > 0) return badUsage(call)
  if (order === 'list') return orderRunner(call, { command: 'fleet' }, (granted) => told(call, granted))
  if (order === 'deny')
    return orderRunner(call, { command: 'fleet-allow', allowed: null }, (granted) => told(call, granted))
  if (order === 'leave')
    return orderRunner(call, { command: 'fleet-leave' }, (granted) => told(call, granted))
  return badUsage(call)
}

function allow(call: Invocation, rights: readonly string[]): Promise<ExitCode> | ExitCode {
  if (rights.length === 0 || rights.some((right) => !RIGHTS.has(right))) return badUsage(call)
  const has = (right: string) => rights.includes(right)
  const allowed = { type: has('type'), approve: has('approve'), send: has('send') }
  return orderRunner(call, { command: 'fleet-allow', allowed }, (granted) => told(call, granted))
}

function badUsage(call: Invocation): ExitCode {
  call.complain('Say: latchkey fleet, fleet allow look|approve|send|type, fleet deny, or fleet leave.')
  return EXIT.badUsage
}

function told(call: Invocation, { fleet: standing = null }: Granted): ExitCode {
  call.emit({ event: 'fleet', fleet: standing })
  if (call.manner.json || call.manner.quiet) return EXIT.ended
  if (standing === null)
    call.say('This machine belongs to no fleet. In the page of a paired device: My devices.')
  else for (const line of fleetLines(standing, Date.now())) call.print(line)
  return EXIT.ended
}
