import { API_SCOPES } from '@latchkey/domain/api-keys/api-key'
import {
  type ApiKeyView,
  keysReply,
  makeKeyReply,
  makeKeyRequest,
  revokeKeyReply,
} from '@latchkey/protocol/api-keys'
import { printable } from '@latchkey/protocol/printable'
import { askedBroker, momentText, notTold, operatorSecretOf } from '../asked-broker.ts'
import { brokerOption } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Asking, askOperator } from '../status/overview.ts'

export const keysCommand: Command = {
  name: 'keys',
  summary: 'make, list and revoke API keys for programs that use this broker',
  words: 'list|make NAME|revoke ID',
  wordsMax: 2,
  examples: [
    {
      line: 'latchkey keys make ci --scope devices:read --days 90 > key',
      does: 'a key for one program; it is printed this once',
    },
    { line: 'latchkey keys list', does: 'names, scopes, ends and last uses; never the keys themselves' },
    { line: 'latchkey keys revoke key_1f0c9a7e52b4d388', does: 'this key opens nothing from now on' },
  ],
  options: {
    scope: {
      type: 'string',
      value: 'SCOPE',
      isList: true,
      help: `with make: what it may do: ${API_SCOPES.join(', ')}`,
    },
    days: {
      type: 'string',
      value: 'DAYS',
      help: 'with make: after how many days it ends; otherwise it has no end',
    },
    broker: brokerOption,
    'data-dir': dataDirOption('the folder of that broker, with its operator-secret'),
  },
  run: keys,
}

const USAGE =
  'Say what to do: latchkey keys list, latchkey keys make NAME --scope SCOPE, or latchkey keys revoke ID.'

async function keys(call: Invocation): Promise<ExitCode> {
  const [what, word] = call.words
  const run =
    what === 'list' && word === undefined
      ? list
      : what === 'make' && word !== undefined
        ? make
        : what === 'revoke' && word !== undefined
          ? revoke
          : null
  if (run === null) {
    call.complain(USAGE)
    return EXIT.badUsage
  }
  const at = askedBroker(call, 'keys', 'latchkey keys list')
  return at.ok ? run(call, at.value, word ?? '') : at.refusal
}

async function list(call: Invocation, at: Asking): Promise<ExitCode> {
  const asked = await askOperator(at, operatorSecretOf(call), 'GET', '/operator/keys', keysReply)
  if (!asked.ok) return notTold(call, 'keys', asked)
  call.emit({ event: 'keys', keys: asked.told.keys })
  if (call.manner.json) return EXIT.ended
  if (asked.told.keys.length === 0) call.say('There are no API keys.')
  for (const key of asked.told.keys) call.print(lineOf(key))
  return EXIT.ended
}

async function make(call: Invocation, at: Asking, name: string): Promise<ExitCode> {
  const days = call.text('days')
  const body = makeKeyRequest.safeParse({
    name,
    scopes: (call.text('scope') ?? '').split(',').filter((scope) => scope !== ''),
    lifeDays: days === undefined ? null : Number(days),
  })
  if (!body.success) {
    const about = body.error.issues[0]?.path[0]
    call.complain(
      about === 'lifeDays'
        ? `--days: "${days}" is no number of days from 1 to 3650.`
        : `Say what the key may do, with --scope once or several times: ${API_SCOPES.join(', ')}.`,
    )
    return EXIT.badUsage
  }
  const asked = await askOperator(at, operatorSecretOf(call), 'POST', '/operator/keys', makeKeyReply, {
    body: body.data,
  })
  if (!asked.ok) return notTold(call, 'keys', asked)
  const { key, apiKey } = asked.told
  call.emit({ event: 'key-made', key, apiKey })
  if (!call.manner.json) call.print(key)
  call.say(
    `This is the key of ${printable(apiKey.name)}, shown once. Keep it where only that program reads it.`,
  )
  call.say(`To revoke it: latchkey keys revoke ${apiKey.id}`)
  return EXIT.ended
}

async function revoke(call: Invocation, at: Asking, id: string): Promise<ExitCode> {
  const path = `/operator/keys/${encodeURIComponent(id)}`
  const asked = await askOperator(at, operatorSecretOf(call), 'DELETE', path, revokeKeyReply)
  if (!asked.ok) return notTold(call, 'keys', asked)
  call.emit({ event: 'key-revoked', apiKey: asked.told.apiKey })
  call.say(`The key of ${printable(asked.told.apiKey.name)} opens nothing any more.`)
  return EXIT.ended
}

function lineOf({ id, name, status, scopes, endsAt, lastUsedAt }: ApiKeyView): string {
  const end = status === 'good' ? (endsAt === null ? 'no end' : `until ${momentText(endsAt)}`) : status
  const use = lastUsedAt === null ? 'never used' : `used ${momentText(lastUsedAt)}`
  return `${id}  ${printable(name).padEnd(20)} ${end}, ${use}  ${scopes.join(' ')}`
}
