import { rotateSecret } from '@latchkey/broker/cluster/rotate-secret'
import type { Secrets } from '@latchkey/broker/config/data-directory'
import { readSettings } from '@latchkey/broker/config/read-settings'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readUpFile } from '../up/up-file.ts'

/** The words of the command, and the effect of a new secret once the broker has started again. */
const SECRETS: Readonly<Record<string, { readonly name: keyof Secrets; readonly effect: string }>> = {
  enrolment: {
    name: 'enrolment',
    effect:
      'Machines that are known stay. A new one needs the new secret; a printed old one enrols no machine.',
  },
  operator: {
    name: 'operator',
    effect:
      'Programs that show the old secret are refused. Consoles that are signed in stay so: sign them out.',
  },
  signing: {
    name: 'signingKey',
    effect:
      'Printed console URLs, API keys, tickets and credentials of apps end: apps come back by their keys, or pair again.',
  },
}

export const secretCommand: Command = {
  name: 'secret',
  summary: 'replace a secret of the broker in this data folder',
  words: `rotate ${Object.keys(SECRETS).join('|')}`,
  wordsMax: 2,
  examples: [
    { line: 'latchkey secret rotate enrolment', does: 'a new secret for machines that register' },
    { line: 'latchkey secret rotate operator', does: 'a new one for the operator’s programs' },
    {
      line: 'latchkey secret rotate signing',
      does: 'after a data folder was copied: ends tickets and credentials',
    },
  ],
  options: { 'data-dir': dataDirOption('the folder of that broker') },
  run: secret,
}

async function secret(call: Invocation): Promise<ExitCode> {
  const [what, which = ''] = call.words
  const chosen = Object.hasOwn(SECRETS, which) ? SECRETS[which] : undefined
  if (what !== 'rotate' || chosen === undefined) {
    call.complain(`Say which: latchkey secret rotate ${Object.keys(SECRETS).join('|')}.`)
    return EXIT.badUsage
  }
  const named = call.text('data-dir')
  const read = readSettings({ flags: named === undefined ? {} : { 'data-dir': named }, env: call.env })
  if (!read.ok) {
    for (const problem of read.refusal) call.complain(problem)
    return EXIT.badUsage
  }
  const rotated = await rotateSecret(read.value, chosen.name)
  if (!rotated.ok) {
    call.emit({ event: 'secret', secret: which, problem: rotated.refusal })
    call.complain(`Nothing was changed: ${rotated.refusal}.`)
    return EXIT.refused
  }
  const running = readUpFile(read.value.dataDir) !== null
  // The file, not the secret: a terminal keeps printed lines.
  call.emit({ event: 'secret', secret: which, file: rotated.value, restart: running })
  call.say(`A new secret is in ${rotated.value}.`)
  call.say(chosen.effect)
  call.say(
    running
      ? 'The broker that runs takes the old one until it starts again: latchkey stop, then latchkey up.'
      : 'It holds from the next start of the broker on.',
  )
  if (read.value.settings.databaseUrl !== undefined)
    call.say('All brokers of this database share it: start each of them again.')
  return EXIT.ended
}
