import { printable } from '@latchkey/protocol/printable'
import type { ListedApp } from '@latchkey/protocol/runner-apps'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { orderRunner } from './ask-runner.ts'

export const rightsCommand: Command = {
  name: 'rights',
  summary: 'change what an app may do: look, approve, send, type',
  words: 'APP RIGHT...',
  wordsMax: 4,
  examples: [
    { line: 'latchkey rights 3fa9 approve', does: 'it looks, and answers questions of agents' },
    { line: 'latchkey rights "Pixel 8" look', does: 'it looks, and nothing else' },
    { line: 'latchkey rights 3fa9 type', does: 'it does everything: type implies approve and send' },
  ],
  options: { 'data-dir': dataDirOption('whose runner to ask') },
  run: rights,
}

const RIGHTS: ReadonlySet<string> = new Set(['look', 'approve', 'send', 'type'])

async function rights(call: Invocation): Promise<ExitCode> {
  const [app, ...given] = call.words
  const unknown = given.find((right) => !RIGHTS.has(right))
  if (app === undefined || given.length === 0 || unknown !== undefined) {
    if (unknown !== undefined) call.complain(`There is no right "${unknown}".`)
    call.complain('Say which app and which rights: latchkey rights APP look|approve|send|type.')
    return EXIT.badUsage
  }
  const has = (right: string) => given.includes(right)
  const wanted = { type: has('type'), approve: has('approve'), send: has('send') }
  return orderRunner(call, { command: 'rights', app, ...wanted }, ({ changed = [] }) => {
    call.emit({ event: 'rights', apps: changed })
    for (const one of changed) call.say(`${printable(one.label)} ${rightsInWords(one)} from now on.`)
    return EXIT.ended
  })
}

/** "types", or "watches, answers agents". */
export function rightsInWords({ mayType, mayApprove, maySend }: ListedApp): string {
  if (mayType) return 'types'
  const more = [
    ...(mayApprove === true ? ['answers agents'] : []),
    ...(maySend === true ? ['sends files'] : []),
  ]
  return ['watches', ...more].join(', ')
}
