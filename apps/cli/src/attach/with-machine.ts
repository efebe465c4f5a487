import { hostname } from 'node:os'
import { openAppLink } from '@latchkey/connection/app/app-link'
import type { AppLink, Refusal } from '@latchkey/connection/app/link'
import type { LinkFeature } from '@latchkey/connection/app/link-feature'
import { assertNever } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import type { Invocation } from '../command.ts'
import { dataDirOf, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readUpFile } from '../up/up-file.ts'
import { attachSealer } from './attach-sealer.ts'
import { forgetMachine, keepMachine, knownMachines } from './known-machines.ts'
import { nodePlatform } from './node-platform.ts'
import { askPins } from './pin-question.ts'
import { type FirstTry, reached } from './reached.ts'
import { sealRefusalWords } from './seal-refusal-words.ts'
import { type Target, targetOf } from './target.ts'
import { typedPinsIn } from './typed-pins-file.ts'

type Reachable = Exclude<Target, { readonly by: 'nothing' }>

export interface WantedMachine {
  readonly target: Reachable
  /** where known machines are kept */
  readonly dataDir: string
}

/** The machine that `word` names (a code, a link, a known machine, or nothing); else the exit code, and the problem was said. */
export function machineOf(call: Invocation, word: string | undefined): WantedMachine | ExitCode {
  trustOwnBroker(call)
  const dataDir = dataDirOf(call)
  const target = targetOf({
    word,
    brokerUrl: call.text('broker'),
    localUrl: readUpFile(dataDir)?.localUrl ?? null,
    known: knownMachines(dataDir),
  })
  if (target.by !== 'nothing') return { target, dataDir }
  call.complain(target.problem)
  return target.problem.includes('\n') ? EXIT.refused : EXIT.badUsage
}

/**
 * Reaches a machine, pairs with it if there is a code, and uses the link until `use` is done. Ctrl-C ends the process until `use`
 * takes it over by calling `uninterrupted`.
 */
export async function withMachine(
  call: Invocation,
  { target, dataDir }: WantedMachine,
  features: readonly LinkFeature[],
  use: (link: AppLink, uninterrupted: () => void) => Promise<ExitCode>,
): Promise<ExitCode> {
  const brokerUrl = target.by === 'known' ? target.machine.brokerUrl : target.brokerUrl
  let credential = target.by === 'known' ? target.machine.credential : null
  const keep = () => {
    const pairing = link.pairing.current
    if (pairing === null || credential === null) return
    const { runnerId } = pairing
    // The name comes from the machine itself. The broker's name for it is not used.
    const label = link.machine.current?.name ?? (target.by === 'known' ? target.machine.label : '')
    keepMachine(dataDir, { brokerUrl, runnerId, label, credential, usedAtMs: Date.now() })
  }
  const link = openAppLink({
    brokerUrl,
    credential,
    label: `${hostname()} (attach)`.slice(0, 64),
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
    platform: nodePlatform,
    seal: {
      sealer: attachSealer(dataDir),
      runnerId: target.by === 'known' ? target.machine.runnerId : null,
      allowUnsealed: call.on('allow-unsealed'),
      typedPins: typedPinsIn(dataDir),
    },
    features,
    onCredential: (given) => {
      credential = given
      keep()
    },
  })
  link.pairing.subscribe(keep)
  link.machine.subscribe(keep)
  const interrupt = () => {
    link.close()
    process.exit(EXIT.interrupted)
  }
  process.once('SIGINT', interrupt)
  const stopAsking = askPins(call, link)
  try {
    const first = await reached(link, target.by === 'code' ? target : null)
    stopAsking()
    if (first.status !== 'ready') return notReached(call, first, brokerUrl, target, dataDir)
    return await use(link, () => process.off('SIGINT', interrupt))
  } finally {
    stopAsking()
    process.off('SIGINT', interrupt)
    link.close()
  }
}

function notReached(
  call: Invocation,
  first: Exclude<FirstTry, { readonly status: 'ready' }>,
  brokerUrl: string,
  target: Target,
  dataDir: string,
): ExitCode {
  switch (first.status) {
    case 'unreachable':
      call.complain(`The broker at ${brokerUrl} cannot be reached: ${printable(first.message, 300)}.`)
      return EXIT.brokerUnreachable
    case 'refused':
      call.complain(wordsFor(first.refusal))
      return EXIT.refused
    case 'machine-offline':
      call.complain('The machine is offline. Start latchkey there, then try again.')
      return EXIT.refused
    case 'unpaired':
      if (target.by === 'known') forgetMachine(dataDir, target.machine)
      call.complain(
        'This machine no longer knows you. Take the code that it shows now: latchkey attach CODE.',
      )
      return EXIT.refused
    case 'version':
      call.complain('The broker or the machine runs another version of Latchkey. Update the older one.')
      return EXIT.versionTooOld
    case 'not-sealed':
      call.complain(sealRefusalWords(first.refusal))
      return EXIT.refused
    case 'no-answer':
      call.complain('The machine does not answer. Try again; if it stays silent, restart latchkey there.')
      return EXIT.failed
    default:
      return assertNever(first)
  }
}

/** The refusal as a sentence, with the next step. */
function wordsFor({ code, message, remainingBanTime }: Refusal): string {
  switch (code) {
    case 'CODE_NOT_FOUND':
      return 'No machine is showing this code. Check the nine characters, or ask for a new code.'
    case 'CODE_EXPIRED':
      return "This code has ended. A new one is on the machine's screen."
    case 'RATE_LIMITED':
      return `Too many attempts. You can try again in ${remainingBanTime ?? 0} s.`
    case 'RUNNER_OFFLINE':
      return 'The machine is offline. Start latchkey there, then try again.'
    case 'INVALID_FORMAT':
    case 'DUPLICATE_CODE':
    case 'INVALID_SECRET':
    case 'SESSION_NOT_FOUND':
    case 'NOT_PAIRED':
    case 'NETWORK_ERROR':
    case 'TIMEOUT':
      return `The broker refused: ${printable(message, 300)}.`
    default:
      return assertNever(code)
  }
}
