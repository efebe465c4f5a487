import { type BanView, bansReply, liftReply } from '@latchkey/protocol/limits'
import { printable } from '@latchkey/protocol/printable'
import { askedBroker, notTold, operatorSecretOf } from '../asked-broker.ts'
import { brokerOption } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Asking, askOperator } from '../status/overview.ts'

export const bansCommand: Command = {
  name: 'bans',
  summary: 'list the bans after too many failed attempts, and lift them early',
  words: 'list|lift [ADDRESS|SESSION]',
  wordsMax: 2,
  examples: [
    { line: 'latchkey bans list', does: 'the bans of the broker on this machine, and when each ends' },
    {
      line: 'latchkey bans lift 192.0.2.7',
      does: 'an address, network, app session or machine may try again',
    },
    { line: 'latchkey bans lift --all', does: 'lift every ban' },
  ],
  options: {
    all: { type: 'boolean', help: 'with lift: every ban' },
    broker: brokerOption,
    'data-dir': dataDirOption('the folder of that broker, with its operator-secret'),
  },
  run: bans,
}

const USAGE = 'Say what to do: latchkey bans list, latchkey bans lift ADDRESS, or latchkey bans lift --all.'

async function bans(call: Invocation): Promise<ExitCode> {
  const [what, subject] = call.words
  const isList = what === 'list' && subject === undefined && !call.on('all')
  const isLift = what === 'lift' && (subject === undefined) === call.on('all')
  if (!isList && !isLift) {
    call.complain(USAGE)
    return EXIT.badUsage
  }
  const at = askedBroker(call, 'bans', 'latchkey bans list')
  if (!at.ok) return at.refusal
  return isList ? list(call, at.value) : lift(call, at.value, subject)
}

async function list(call: Invocation, at: Asking): Promise<ExitCode> {
  const asked = await askOperator(at, operatorSecretOf(call), 'GET', '/operator/bans', bansReply)
  if (!asked.ok) return notTold(call, 'bans', asked)
  const { bans: found, bansInAll } = asked.told
  call.emit({ event: 'bans', bans: found, bansInAll })
  if (call.manner.json) return EXIT.ended
  if (found.length === 0) call.say('There are no bans.')
  for (const ban of found) call.print(lineOf(ban))
  if (bansInAll > found.length) call.say(`… and ${bansInAll - found.length} more.`)
  return EXIT.ended
}

async function lift(call: Invocation, at: Asking, subject: string | undefined): Promise<ExitCode> {
  const query = new URLSearchParams(subject === undefined ? { all: 'true' } : { subject })
  const asked = await askOperator(at, operatorSecretOf(call), 'DELETE', `/operator/bans?${query}`, liftReply)
  if (!asked.ok) return notTold(call, 'bans', asked)
  call.emit({ event: 'bans-lifted', bans: asked.told.lifted })
  if (asked.told.lifted.length === 0) call.say('There are no bans.')
  for (const { kind, subject: whose } of asked.told.lifted)
    call.say(`${WORDS[kind]} ${printable(whose)} may try again.`)
  return EXIT.ended
}

/** The subject of each kind of ban. An address can be banned in three ways. */
const WORDS: Readonly<Record<BanView['kind'], string>> = {
  address: 'Address',
  prefix: 'Network',
  session: 'App session',
  runner: 'Machine',
  secret: 'Secrets from',
  newcomers: 'New apps from',
}

const lineOf = ({ kind, subject, until }: BanView): string =>
  `${WORDS[kind].padEnd(14)} ${printable(subject).padEnd(36)} until ${new Date(until).toISOString().slice(0, 19).replace('T', ' ')} UTC`
