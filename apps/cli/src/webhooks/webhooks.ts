import { WEBHOOK_EVENT_TYPES } from '@latchkey/domain/webhooks/event'
import { printable } from '@latchkey/protocol/printable'
import {
  deliveriesReply,
  replayReply,
  type WebhookView,
  webhookReply,
  webhookSecretReply,
  webhooksReply,
  webhookTestReply,
} from '@latchkey/protocol/webhooks'
import { z } from 'zod'
import { askedBroker, momentText, notTold, operatorSecretOf } from '../asked-broker.ts'
import { brokerOption } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { type Asking, askOperator } from '../status/overview.ts'

export const webhooksCommand: Command = {
  name: 'webhooks',
  summary: 'tell a server of accounts, devices and machines, and see what it took',
  words: 'list|add URL|remove|test|rotate|on|off|log|replay ID',
  wordsMax: 2,
  examples: [
    {
      line: 'latchkey webhooks add https://hooks.example.net/latchkey --name ops > secret',
      does: 'a webhook; its secret is printed this once',
    },
    { line: 'latchkey webhooks log wh_5f0c9a7e52b4d388aa01', does: 'what was sent, and how it was answered' },
    { line: 'latchkey webhooks replay wh_5f0c9a7e52b4d388aa01', does: 'send again what was given up' },
  ],
  options: {
    name: { type: 'string', value: 'NAME', help: 'with add: what people call it; otherwise its host' },
    type: {
      type: 'string',
      value: 'TYPE',
      isList: true,
      help: `with add: what it is told of; otherwise everything: ${WEBHOOK_EVENT_TYPES.join(', ')}`,
    },
    broker: brokerOption,
    'data-dir': dataDirOption('the folder of that broker, with its operator-secret'),
  },
  run: webhooks,
}

interface Action {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: (word: string) => string
  readonly body?: (call: Invocation, word: string) => object
  /** Prints the answer. */
  readonly tell: (call: Invocation, told: unknown) => void
}

const at = (id: string): string => `/webhooks/${encodeURIComponent(id)}`

const ACTIONS: Readonly<Record<string, Action>> = {
  add: { method: 'POST', path: () => '/webhooks', body: newWebhook, tell: tellSecret },
  remove: { method: 'DELETE', path: at, tell: (call) => call.say('The webhook is deleted.') },
  rotate: { method: 'POST', path: (id) => `${at(id)}/rotate`, body: () => ({}), tell: tellSecret },
  on: { method: 'PATCH', path: at, body: () => ({ on: true }), tell: tellOne },
  off: { method: 'PATCH', path: at, body: () => ({ on: false }), tell: tellOne },
  test: {
    method: 'POST',
    path: (id) => `${at(id)}/test`,
    tell: (call, told) =>
      call.say(
        `The test ${webhookTestReply.parse(told).eventId} is on its way: latchkey webhooks log shows it.`,
      ),
  },
  log: { method: 'GET', path: (id) => `${at(id)}/deliveries`, tell: tellLog },
  replay: {
    method: 'POST',
    path: (id) => `${at(id)}/replay`,
    body: () => ({ since: 0 }),
    tell: (call, told) => call.say(`Sent again: ${replayReply.parse(told).replayed}.`),
  },
}

async function webhooks(call: Invocation): Promise<ExitCode> {
  const [what = '', word] = call.words
  const action = Object.hasOwn(ACTIONS, what) ? ACTIONS[what] : undefined
  const isList = what === 'list' && word === undefined
  if (!isList && (action === undefined || word === undefined)) {
    call.complain(
      'Say what to do: latchkey webhooks list, latchkey webhooks add URL, or remove, test, rotate, on, off, log, replay with an ID.',
    )
    return EXIT.badUsage
  }
  const broker = askedBroker(call, 'webhooks', 'latchkey webhooks list')
  if (!broker.ok) return broker.refusal
  return action === undefined || word === undefined
    ? list(call, broker.value)
    : run(call, broker.value, action, word)
}

async function run(call: Invocation, broker: Asking, action: Action, word: string): Promise<ExitCode> {
  const body = action.body?.(call, word)
  const answer = z.record(z.string(), z.unknown()).nullable()
  const asked = await askOperator(broker, operatorSecretOf(call), action.method, action.path(word), answer, {
    ...(body === undefined ? {} : { body }),
  })
  if (!asked.ok) return notTold(call, 'webhooks', asked)
  call.emit({ event: 'webhooks', ...asked.told })
  if (!call.manner.json) action.tell(call, asked.told)
  return EXIT.ended
}

async function list(call: Invocation, broker: Asking): Promise<ExitCode> {
  const asked = await askOperator(broker, operatorSecretOf(call), 'GET', '/webhooks', webhooksReply)
  if (!asked.ok) return notTold(call, 'webhooks', asked)
  call.emit({ event: 'webhooks', webhooks: asked.told.webhooks })
  if (call.manner.json) return EXIT.ended
  if (asked.told.webhooks.length === 0) call.say('There are no webhooks.')
  for (const webhook of asked.told.webhooks) call.print(lineOf(webhook))
  return EXIT.ended
}

function newWebhook(call: Invocation, url: string): object {
  const types = (call.text('type') ?? '').split(',').filter((type) => type !== '')
  const host = URL.canParse(url) ? new URL(url).host : url
  return { url, name: call.text('name') ?? host, types: types.length === 0 ? null : types }
}

function tellSecret(call: Invocation, told: unknown): void {
  const { secret, webhook } = webhookSecretReply.parse(told)
  call.print(secret)
  call.say(`This is the secret of ${webhook.id}, shown once: the server verifies with it.`)
}

function tellOne(call: Invocation, told: unknown): void {
  call.print(lineOf(webhookReply.parse(told).webhook))
}

function tellLog(call: Invocation, told: unknown): void {
  for (const { at: moment, type, subject, status, attempts, lastOutcome } of deliveriesReply.parse(told)
    .deliveries)
    call.print(
      `${momentText(moment)}  ${type.padEnd(26)} ${status.padEnd(9)} ${attempts}× ${lastOutcome ?? ''}  ${printable(subject, 200)}`,
    )
}

function lineOf({ id, url, name, status, pending, dead, lastDeliveredAt }: WebhookView): string {
  const last = lastDeliveredAt === null ? 'nothing delivered' : `delivered ${momentText(lastDeliveredAt)}`
  return `${id}  ${status.padEnd(6)} ${pending} wait, ${dead} given up, ${last}  ${printable(name)}  ${printable(url, 200)}`
}
