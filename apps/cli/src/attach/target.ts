import type { LinkSecret } from '@latchkey/connection/app/sealer'
import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-link'
import type { KnownMachine } from './known-machines.ts'

/** Which machine is meant, and by what right. */
export type Target =
  | {
      readonly by: 'code'
      readonly brokerUrl: string
      readonly code: string
      /** from a whole link: no PIN is asked for */
      readonly secret: LinkSecret | null
    }
  | { readonly by: 'known'; readonly machine: KnownMachine }
  | { readonly by: 'nothing'; readonly problem: string }

export interface Asked {
  /** CODE, LINK, the name of a known machine, or nothing */
  readonly word: string | undefined
  readonly brokerUrl: string | undefined
  /** of a broker that runs on this machine */
  readonly localUrl: string | null
  /** newest first */
  readonly known: readonly KnownMachine[]
}

const SAY_A_CODE = 'Give it the code that the machine shows: latchkey attach CODE --broker URL, or its link.'

export function targetOf({ word, brokerUrl, localUrl, known }: Asked): Target {
  if (brokerUrl !== undefined && !isHttp(brokerUrl))
    return nothing(`"${brokerUrl}" is no http or https address.`)
  if (word === undefined) return lastUsed(known, brokerUrl)
  const link = isHttp(word) ? new URL(word) : null
  const named = known.find(({ label, runnerId }) => label === word || runnerId === word)
  if (link === null && named !== undefined) return { by: 'known', machine: named }
  // Only what follows the # is looked at: a host name of nine letters is no code.
  const [code] = readTypedCode(link === null ? word : link.hash)
  if (code === undefined) return nothing(`There is no code in "${word}". ${SAY_A_CODE}`)
  // A page may be served from elsewhere: who says a broker means it.
  const broker = brokerUrl ?? (link === null ? localUrl : brokerOf(link))
  if (broker === null)
    return nothing('Which broker? Nothing runs here, so say it: --broker URL, or give the whole link.')
  const secret = link === null ? null : (parsePairingFragment(link.hash)?.seal ?? null)
  return { by: 'code', brokerUrl: broker, code, secret }
}

function lastUsed(known: readonly KnownMachine[], brokerUrl: string | undefined): Target {
  const [first] =
    brokerUrl === undefined
      ? known
      : known.filter((machine) => new URL(machine.brokerUrl).origin === new URL(brokerUrl).origin)
  return first === undefined
    ? nothing(`No machine is known here yet. ${SAY_A_CODE}`)
    : { by: 'known', machine: first }
}

/** The broker that serves the page of a link: everything before `/p`. */
function brokerOf(link: URL): string {
  return `${link.origin}${link.pathname.replace(/\/p\/?$/, '')}`.replace(/\/+$/, '')
}

function isHttp(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol)
  } catch {
    return false
  }
}

const nothing = (problem: string): Target => ({ by: 'nothing', problem })
