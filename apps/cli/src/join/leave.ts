import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { problem } from '@latchkey/protocol/console'
import { leaveReply } from '@latchkey/protocol/device-pairing'
import { printable } from '@latchkey/protocol/printable'
import { namedBroker } from '../broker-option.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { forgetMembership, type Membership, membershipAt, memberships } from './memberships.ts'

export const leaveCommand: Command = {
  name: 'leave',
  summary: 'take this machine out of a broker that it joined',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey leave', does: 'the broker forgets this machine, whose token is void from then on' },
    { line: 'latchkey leave --broker https://term.example.com', does: 'where it joined several brokers' },
    { line: 'latchkey leave --forget', does: 'where the broker is gone for good: forgets it here alone' },
  ],
  options: {
    broker: { type: 'string', value: 'URL', help: 'the broker to leave; by default the only one joined' },
    forget: { type: 'boolean', help: 'do not ask the broker: only forget it on this machine' },
    'data-dir': dataDirOption("where this machine's keys are"),
  },
  run: leave,
}

const ANSWER_WITHIN_MS = 10_000

async function leave(call: Invocation): Promise<ExitCode> {
  trustOwnBroker(call)
  const broker = namedBroker(call)
  const found = broker.ok ? chosen(dataDirOf(call), broker.value) : broker
  if (!found.ok) {
    call.complain(found.refusal)
    return EXIT.badUsage
  }
  const member = found.value
  const outcome = call.on('forget') ? 'left' : await askToLeave(member)
  if (outcome === 'unreachable') {
    call.emit({ event: 'unreachable', url: member.brokerUrl })
    call.complain(
      `The broker at ${member.brokerUrl} cannot be reached. Nothing was changed; try again, or forget it: latchkey leave --forget.`,
    )
    return EXIT.brokerUnreachable
  }
  if (outcome !== 'left') {
    call.emit({ event: 'refused', reason: outcome.code })
    call.complain(`The broker refused: ${printable(outcome.detail, 300)}.`)
    return EXIT.refused
  }
  forgetMembership(dataDirOf(call), member.brokerUrl)
  call.emit({ event: 'left', url: member.brokerUrl })
  call.say(`Left ${printable(member.host)}. A runner of this machine there ends within seconds.`)
  return EXIT.ended
}

/** The membership at the named broker, or the only one. */
function chosen(dataDir: string, brokerUrl: string | null): Decision<Membership, string> {
  const all = memberships(dataDir)
  const named = brokerUrl === null ? null : membershipAt(dataDir, brokerUrl)
  if (named !== null) return accept(named)
  const [only, ...more] = all
  if (only === undefined) return refuse('This machine has joined no broker.')
  if (brokerUrl === null && more.length === 0) return accept(only)
  const list = all.map((one) => one.brokerUrl).join(', ')
  return refuse(`Say which broker to leave with --broker. This machine has joined: ${list}.`)
}

/** A broker that does not know the token has forgotten this machine already. */
async function askToLeave({
  brokerUrl,
  peerToken,
}: Membership): Promise<'left' | 'unreachable' | { readonly code: string; readonly detail: string }> {
  try {
    const answer = await fetch(new URL('nodes/me', `${brokerUrl}/`), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${peerToken}` },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    const told: unknown = await answer.json()
    if (answer.ok && leaveReply.safeParse(told).success) return 'left'
    const no = problem.safeParse(told).data
    if (no?.code === 'NOT_A_NODE') return 'left'
    return {
      code: no?.code ?? 'failed',
      detail: no?.detail ?? 'this broker lets no machine leave: update it',
    }
  } catch {
    return 'unreachable'
  }
}
