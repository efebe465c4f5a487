import { setTimeout as pause } from 'node:timers/promises'
import { meReply } from '@latchkey/protocol/device-pairing'
import { z } from 'zod'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { printable } from '../up/messages.ts'
import { keepMembership } from './memberships.ts'
import { sayJoined } from './say-joined.ts'

/** RFC 8628: a device that nobody gave a link to shows a code, and asks until somebody has approved it. */

const CLIENT_ID = 'latchkey-cli'
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'
const ANSWER_WITHIN_MS = 10_000
/** RFC 8628, 3.2 and 3.5: when the broker says nothing, and how much more after `slow_down` */
const POLL_EVERY_S = 5
const SLOWER_BY_S = 5
/** A broker that restarts is asked again; one that stays away for as long as this is not. */
const SILENT_TRIES_MAX = 12

const authorization = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number().positive(),
  interval: z.number().positive().default(POLL_EVERY_S),
})
type Authorization = z.output<typeof authorization>
const granted = z.object({ access_token: z.string() })
const refused = z.object({ error: z.string(), error_description: z.string().optional() })

export interface ApprovalRequest {
  readonly brokerUrl: string
  readonly name: string
  readonly dataDir: string
}

/** Shows the code, waits for the operator's answer, and keeps the peer token that comes with a yes. */
export async function joinByApproval(call: Invocation, request: ApprovalRequest): Promise<ExitCode> {
  const { brokerUrl, name } = request
  const asked = await post(brokerUrl, 'oauth/device_authorization', {
    client_id: CLIENT_ID,
    scope: 'runner',
    name,
  })
  if (asked === null) {
    call.emit({ event: 'unreachable', url: brokerUrl })
    call.complain(`The broker at ${brokerUrl} cannot be reached. Nothing was changed; try again.`)
    return EXIT.brokerUnreachable
  }
  const told = authorization.safeParse(asked)
  if (!told.success) return notGranted(call, refused.safeParse(asked).data ?? { error: 'failed' })
  showCode(call, told.data, name)
  const answer = await untilAnswered(brokerUrl, told.data)
  if (answer === null) {
    call.complain('The broker was not heard of again. Look in its console, or run this once more.')
    return EXIT.brokerUnreachable
  }
  if ('error' in answer) return notGranted(call, answer)
  return kept(call, request, answer.access_token)
}

function showCode(call: Invocation, asked: Authorization, name: string): void {
  const { user_code: code, verification_uri: uri, verification_uri_complete: whole } = asked
  call.emit({
    event: 'approval-wanted',
    code,
    url: uri,
    link: whole ?? uri,
    name,
    expiresAt: Date.now() + asked.expires_in * 1_000,
  })
  if (call.manner.json) return
  if (call.manner.quiet) {
    call.stdout.write(`${code}\n`)
    return
  }
  call.say('')
  call.say(`  Code   ${printable(code)}     good for ${Math.floor(asked.expires_in / 60)} min`)
  call.say(`  Where  ${printable(whole ?? uri, 300)}`)
  call.say('')
  call.say(`Whoever runs the broker approves it there. This machine will be listed as ${printable(name)}.`)
  call.say('Waiting…')
}

/** The operator's answer; null when the broker is away for good. */
async function untilAnswered(
  brokerUrl: string,
  { device_code, interval, expires_in }: Authorization,
): Promise<z.output<typeof granted> | z.output<typeof refused> | null> {
  const endsAtMs = performance.now() + expires_in * 1_000
  let everyS = interval
  let silent = 0
  for (;;) {
    await pause(everyS * 1_000)
    const form = { grant_type: GRANT_TYPE, device_code, client_id: CLIENT_ID }
    const told = await post(brokerUrl, 'oauth/token', form)
    const yes = granted.safeParse(told)
    if (yes.success) return yes.data
    const no = refused.safeParse(told)
    if (no.success && no.data.error === 'slow_down') everyS += SLOWER_BY_S
    else if (no.success && no.data.error !== 'authorization_pending') return no.data
    silent = no.success ? 0 : silent + 1
    if (silent > SILENT_TRIES_MAX) return null
    if (performance.now() > endsAtMs + everyS * 1_000) return { error: 'expired_token' }
  }
}

async function kept(call: Invocation, request: ApprovalRequest, peerToken: string): Promise<ExitCode> {
  const { brokerUrl, dataDir } = request
  const answer = await fetch(addressOf(brokerUrl, 'nodes/me'), {
    headers: { authorization: `Bearer ${peerToken}` },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch(() => null)
  const me = meReply.safeParse(await answer?.json().catch(() => null)).data
  const { host } = new URL(brokerUrl)
  const member = {
    brokerUrl,
    nodeId: me?.node.id ?? '',
    name: me?.node.name ?? request.name,
    host: me?.host ?? host,
    peerToken,
    sessionSecret: null,
    joinedAtMs: Date.now(),
  }
  keepMembership(dataDir, member)
  sayJoined(call, member)
  return EXIT.ended
}

function notGranted(call: Invocation, { error, error_description }: z.output<typeof refused>): ExitCode {
  call.emit({ event: 'refused', reason: error })
  const known = Object.entries(WORDS).find(([code]) => code === error)
  call.complain(known?.[1] ?? `The broker refused: ${printable(error_description ?? error, 300)}`)
  return EXIT.refused
}

/** What happened and what to do next. */
const WORDS = {
  access_denied: 'The operator declined, or there is no place for another device.',
  expired_token: 'Nobody approved it in time. Run this once more for a new code.',
  slow_down: 'Too many requests. Wait a minute, then run this once more.',
}

const addressOf = (brokerUrl: string, path: string): URL => new URL(path, `${brokerUrl}/`)

/** What the broker answered, whether well or ill; null when it did not. */
async function post(
  brokerUrl: string,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<unknown> {
  try {
    const answer = await fetch(addressOf(brokerUrl, path), {
      method: 'POST',
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    return await answer.json()
  } catch {
    return null
  }
}
