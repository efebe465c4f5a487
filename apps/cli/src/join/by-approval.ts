import { setTimeout as pause } from 'node:timers/promises'
import { assertNever } from '@latchkey/domain/kernel'
import { meReply } from '@latchkey/protocol/device-pairing'
import { authorizationReply, DEVICE_GRANT, oauthRefusal, tokenReply } from '@latchkey/protocol/oauth'
import { printable } from '@latchkey/protocol/printable'
import type { z } from 'zod'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { keepMembership } from './memberships.ts'
import { sayJoined } from './say-joined.ts'

/** RFC 8628: a device without a join URL shows a code and polls until the operator approves or refuses it. */

const CLIENT_ID = 'latchkey-cli'
const ANSWER_WITHIN_MS = 10_000
/** RFC 8628, 3.5: after `slow_down` */
const SLOWER_BY_S = 5
/** A broker that restarts is asked again; one that stays away for as long as this is not. */
const SILENT_TRIES_MAX = 12

type Authorization = z.output<typeof authorizationReply>
type Refused = Pick<z.output<typeof oauthRefusal>, 'error' | 'error_description'>

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
    device_name: name,
  })
  if (asked === null) {
    call.emit({ event: 'unreachable', url: brokerUrl })
    call.complain(`The broker at ${brokerUrl} cannot be reached. Nothing was changed; try again.`)
    return EXIT.brokerUnreachable
  }
  const told = authorizationReply.safeParse(asked)
  if (!told.success) return notGranted(call, oauthRefusal.safeParse(asked).data ?? null)
  showCode(call, told.data, name)
  const answer = await untilAnswered(brokerUrl, told.data)
  if (answer === null) {
    call.complain(
      'The broker stopped answering. Look in its console whether this machine joined, or run this again.',
    )
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
    link: whole,
    name,
    expiresAt: Date.now() + asked.expires_in * 1_000,
  })
  if (call.manner.json) return
  if (call.manner.quiet) {
    call.print(code)
    return
  }
  call.say('')
  call.say(`  Code   ${printable(code)}     good for ${Math.floor(asked.expires_in / 60)} min`)
  call.say(`  Where  ${printable(whole, 300)}`)
  call.say('')
  call.say(`The operator approves it there. This machine will be listed as ${printable(name)}.`)
  call.say('Waiting…')
}

/** The operator's answer; null when the broker is away for good. */
async function untilAnswered(
  brokerUrl: string,
  { device_code, interval, expires_in }: Authorization,
): Promise<z.output<typeof tokenReply> | Refused | null> {
  const endsAtMs = performance.now() + expires_in * 1_000
  let everyS = interval
  let silent = 0
  for (;;) {
    await pause(everyS * 1_000)
    const form = { grant_type: DEVICE_GRANT, device_code, client_id: CLIENT_ID }
    const told = await post(brokerUrl, 'oauth/token', form)
    const yes = tokenReply.safeParse(told)
    if (yes.success) return yes.data
    const no = oauthRefusal.safeParse(told)
    if (no.success && no.data.error === 'slow_down') everyS += SLOWER_BY_S
    else if (no.success && no.data.error !== 'authorization_pending') return no.data
    silent = no.success ? 0 : silent + 1
    if (silent > SILENT_TRIES_MAX) return null
    if (performance.now() > endsAtMs + everyS * 1_000)
      return { error: 'expired_token', error_description: '' }
  }
}

async function kept(call: Invocation, request: ApprovalRequest, peerToken: string): Promise<ExitCode> {
  const { brokerUrl, dataDir } = request
  const { host } = new URL(brokerUrl)
  const told = { brokerUrl, nodeId: '', name: request.name, host, joinedAtMs: Date.now() }
  // The token comes once. Keep it first: if the process ended here, the device would exist without its token.
  keepMembership(dataDir, { ...told, peerToken, sessionSecret: null })
  const answer = await fetch(addressOf(brokerUrl, 'nodes/me'), {
    headers: { authorization: `Bearer ${peerToken}` },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  }).catch(() => null)
  const me = meReply.safeParse(await answer?.json().catch(() => null)).data
  const named = me === undefined ? told : { ...told, nodeId: me.node.id, name: me.node.name, host: me.host }
  const member = { ...named, peerToken, sessionSecret: null }
  keepMembership(dataDir, member)
  sayJoined(call, member)
  return EXIT.ended
}

/** @param refusal null: the server is no broker, or a broker of another release */
function notGranted(call: Invocation, refusal: Refused | null): ExitCode {
  call.emit({ event: 'refused', reason: refusal?.error ?? 'failed' })
  if (refusal === null)
    call.complain('The broker accepts no requests for approval. Update it, or ask the operator for a link.')
  else call.complain(wordsFor(refusal))
  return EXIT.refused
}

/** The refusal as a sentence, with the next step. */
function wordsFor({ error, error_description }: Refused): string {
  switch (error) {
    case 'access_denied':
      return 'The operator declined.'
    case 'expired_token':
      return 'The code expired before it was approved. Run this again for a new one.'
    case 'temporarily_unavailable':
      return 'Too many machines are asking just now. Wait a minute, then run this once more.'
    case 'invalid_request':
    case 'invalid_client':
    case 'invalid_grant':
    case 'unsupported_grant_type':
    case 'invalid_scope':
    case 'authorization_pending':
    case 'slow_down':
      return `The broker refused: ${printable(error_description, 300)}.`
    default:
      return assertNever(error)
  }
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
