import { printable } from '@latchkey/protocol/printable'
import { shownAddress, shownCode } from '@latchkey/protocol/shown'
import { z } from 'zod'
import type { Fact } from './facts.ts'

/** What broker and runner say over the channel to the process that started them. */
const momentMs = z.number()
const brokerMessage = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('listening'),
    url: shownAddress,
    port: z.number().int(),
    addresses: z.array(z.string().regex(/^[0-9A-Za-z.:%[\]/_-]+$/)),
    consoleUrl: shownAddress,
    secretFile: z.string(),
    operatorSecretFile: z.string(),
  }),
  z.object({ event: z.literal('console-link'), consoleUrl: shownAddress }),
])
export type BrokerMessage = z.output<typeof brokerMessage>

const code = {
  code: shownCode,
  expiresAt: momentMs,
  serverTime: momentMs,
  runnerId: z.string().optional(),
}
const runnerMessage = z.union([
  z.object({ event: z.literal('registered'), ...code }),
  z.object({ event: z.literal('code'), ...code }),
  z.object({ event: z.literal('link'), status: z.enum(['online', 'offline']) }),
  z.object({
    event: z.literal('app'),
    action: z.enum(['paired', 'unpaired', 'connected', 'disconnected']),
    appSessionId: z.string(),
    label: z.string(),
    address: z.string(),
    sealed: z.boolean().optional(),
  }),
  z.object({
    event: z.literal('app'),
    action: z.literal('sealed'),
    method: z.enum(['pin', 'qr', 'resume', 'share', 'fleet']),
    app: z.string(),
    appSessionId: z.string(),
    label: z.string(),
    address: z.string(),
    mayType: z.boolean(),
  }),
  z.object({
    event: z.literal('app'),
    action: z.enum(['held', 'revoked']),
    app: z.string(),
    label: z.string(),
  }),
  z.object({
    event: z.literal('pin'),
    pin: z.string().regex(/^[0-9]{4,12}$/),
    label: z.string(),
    address: z.string(),
    expiresAt: momentMs,
    viewOnly: z.boolean(),
    approve: z.boolean().default(false),
    send: z.boolean().default(false),
    unsealed: z.boolean().default(false),
  }),
  z.object({
    event: z.literal('pin'),
    pin: z.null(),
    outcome: z.enum(['sealed', 'accepted', 'wrong', 'expired', 'gone', 'refused']),
    label: z.string(),
  }),
  z.object({ event: z.literal('locked'), reason: z.enum(['guessing', 'owner']) }),
  z.object({ event: z.literal('unlocked') }),
  z.object({ event: z.literal('prompts-over'), until: momentMs }),
  z.object({ event: z.literal('fragment'), fragment: z.string().regex(/^[A-Za-z0-9._-]+$/) }),
  z.object({ event: z.literal('trouble'), message: z.string() }),
  z.object({ event: z.literal('terminals'), open: z.number().int().nonnegative() }),
  z.object({ event: z.literal('failed'), code: z.string(), message: z.string() }),
])
export type RunnerMessage = z.output<typeof runnerMessage>

/** The message, or null for one that this release does not know. */
export const readBrokerMessage = (message: unknown): BrokerMessage | null =>
  brokerMessage.safeParse(message).data ?? null

/**
 * The fact behind a runner's message, or null for one that this release does not know.
 * @param nowMs this machine's clock: a code's end is given by the broker's, and only its distance is taken over
 */
export function factOfRunner(message: unknown, nowMs: number): Fact | null {
  const read = runnerMessage.safeParse(message)
  if (!read.success) return null
  const said = read.data
  switch (said.event) {
    case 'registered':
    case 'code':
      return {
        kind: 'code',
        code: said.code,
        expiresAtMs: nowMs + (said.expiresAt - said.serverTime),
        runnerId: said.runnerId ?? null,
      }
    case 'link':
      return { kind: 'link', status: said.status }
    case 'app':
      return factOfApp(said)
    case 'pin':
      return factOfPin(said)
    case 'locked':
      return { kind: 'lock', reason: said.reason }
    case 'unlocked':
      return { kind: 'lock', reason: null }
    case 'prompts-over':
      return { kind: 'prompts-over', untilMs: said.until }
    case 'fragment':
      return { kind: 'fragment', fragment: said.fragment }
    case 'trouble':
      return { kind: 'trouble', message: printable(said.message, 300) }
    case 'terminals':
      return { kind: 'terminals', open: said.open }
    case 'failed':
      return { kind: 'failed', code: said.code, message: printable(said.message, 300) }
  }
}

function factOfApp(said: Extract<RunnerMessage, { event: 'app' }>): Fact {
  const label = printable(said.label)
  if (!('appSessionId' in said)) return { kind: 'standing', standing: said.action, appId: said.app, label }
  const app = { appSessionId: said.appSessionId, label, address: printable(said.address) }
  if (said.action === 'sealed')
    return { kind: 'sealed', method: said.method, appId: said.app, mayType: said.mayType, app }
  const { sealed } = said
  return { kind: 'app', action: said.action, app: sealed === undefined ? app : { ...app, sealed } }
}

function factOfPin(said: Extract<RunnerMessage, { event: 'pin' }>): Fact {
  const label = printable(said.label)
  if (said.pin === null) return { kind: 'pin-over', outcome: said.outcome, label }
  const { pin, address, expiresAt, viewOnly, approve, send, unsealed } = said
  return {
    kind: 'pin',
    prompt: {
      ...{ pin, label, address: printable(address), expiresAtMs: expiresAt },
      ...{ viewOnly, approve, send, unsealed },
    },
  }
}
