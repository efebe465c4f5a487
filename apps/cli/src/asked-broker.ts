import { join } from 'node:path'
import { accept, type Decision, refuse } from '@latchkey/domain/kernel'
import { namedBroker } from './broker-option.ts'
import type { Invocation } from './command.ts'
import { dataDirOf, trustOwnBroker } from './data-dir.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Asking, NotTold } from './status/overview.ts'
import { readUpFile } from './up/up-file.ts'

/**
 * The broker that a command of the operator's asks: the one that `--broker` names, or the one on this machine. Otherwise
 * the exit code, and the reason is said.
 * @param event what programs read when no broker runs
 * @param example the command with another broker, for the message
 */
export function askedBroker(call: Invocation, event: string, example: string): Decision<Asking, ExitCode> {
  const broker = namedBroker(call)
  if (!broker.ok) {
    call.complain(broker.refusal)
    return refuse(EXIT.badUsage)
  }
  trustOwnBroker(call)
  if (broker.value !== null) {
    const operatorSecretFile = join(dataDirOf(call), 'operator-secret')
    return accept({ localUrl: broker.value.replace(/\/$/, ''), operatorSecretFile })
  }
  const here = readUpFile(dataDirOf(call))
  if (here !== null) return accept(here)
  call.emit({ event, running: false })
  call.complain(
    `No broker runs on this machine. Start one with latchkey up, or name another: ${example} --broker URL.`,
  )
  return refuse(EXIT.brokerUnreachable)
}

/** The operator's secret of the environment, which wins over the file. */
export const operatorSecretOf = (call: Invocation): string | undefined => call.env['LATCHKEY_OPERATOR_SECRET']

/** Says that the broker refused or did not answer. */
export function notTold(call: Invocation, event: string, { reason, detail }: NotTold): ExitCode {
  call.emit({ event, problem: reason })
  call.complain(`The broker refused: ${detail}.`)
  return reason === 'refused' ? EXIT.refused : EXIT.brokerUnreachable
}

/** A moment as people read it in a list. */
export const momentText = (epochMs: number): string =>
  `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
