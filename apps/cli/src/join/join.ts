import { hostname } from 'node:os'
import { join as pathOf } from 'node:path'
import { loadIdentity, UnusableIdentity } from '@latchkey/runner/identity'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { joinByApproval } from './by-approval.ts'
import { joinByKey, joinKeyOf } from './by-key.ts'
import { joinTargetOf } from './join-target.ts'
import { joinWithUrl } from './with-url.ts'

export const joinCommand: Command = {
  name: 'join',
  summary: 'make this machine a device of a broker: it then needs no secret to run there',
  words: '[LINK]',
  wordsMax: 1,
  examples: [
    {
      line: "latchkey join 'https://term.example.com/join#…'",
      does: 'the link from "Add a device" in the console; shows a PIN to type there',
    },
    {
      line: 'latchkey join --broker https://term.example.com',
      does: 'without a link: shows a code that the operator approves',
    },
    {
      line: 'latchkey join --broker https://term.example.com --key-file key',
      does: 'with a join key of the console: no person has to be there',
    },
  ],
  options: {
    broker: {
      type: 'string',
      value: 'URL',
      help: 'where to ask for approval, without a link; or LATCHKEY_BROKER_URL with a join key',
    },
    'key-file': {
      type: 'string',
      value: 'FILE',
      help: 'holds a join key; or LATCHKEY_JOIN_KEY, or its file in LATCHKEY_JOIN_KEY_FILE',
    },
    name: { type: 'string', value: 'TEXT', help: 'how this machine is listed; by default its host name' },
    'data-dir': {
      type: 'string',
      value: 'FOLDER',
      help: "where this machine's keys are (LATCHKEY_DATA_DIR)",
    },
  },
  run: join,
}

const NAME_CHARACTERS_MAX = 64

async function join(call: Invocation): Promise<ExitCode> {
  trustOwnBroker(call)
  const key = joinKeyOf(call)
  const broker =
    call.text('broker') ?? (key.ok && key.value !== null ? call.env['LATCHKEY_BROKER_URL'] : undefined)
  const target = joinTargetOf(call.words[0], broker)
  const name = (call.text('name') ?? hostname()).trim()
  if (name === '' || name.length > NAME_CHARACTERS_MAX) {
    call.complain(`--name must have 1 to ${NAME_CHARACTERS_MAX} characters.`)
    return EXIT.badUsage
  }
  if (!key.ok) {
    call.complain(key.refusal)
    return EXIT.badUsage
  }
  if (target.by === 'nothing') {
    call.complain(target.problem)
    return EXIT.badUsage
  }
  const dataDir = dataDirOf(call)
  const { brokerUrl } = target
  if (target.by === 'approval' && key.value === null)
    return joinByApproval(call, { brokerUrl, name, dataDir })
  try {
    // The key that this machine runs with is the key that it joins with.
    const identity = loadIdentity(pathOf(dataDir, 'runner', 'identity.json'))
    const publicKey = identity.publicKey.subarray(32)
    const sign = (message: Uint8Array) => identity.sign(message)
    // A link is for this one machine; the key may be in the environment for others.
    if (target.by === 'approval')
      return await joinByKey(call, {
        brokerUrl,
        name,
        dataDir,
        key: key.value ?? '',
        identity: { publicKey, sign },
      })
    const own = { publicKey, sign: async (message: Uint8Array) => sign(message) }
    return await joinWithUrl(call, { ...target, name, dataDir, key: own })
  } catch (problem) {
    if (!(problem instanceof UnusableIdentity)) throw problem
    call.complain(problem.message)
    return EXIT.failed
  }
}
