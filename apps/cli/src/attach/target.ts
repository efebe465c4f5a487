import type { PairingUrlSecret } from '@latchkey/connection/app/sealer'
import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { printable } from '@latchkey/protocol/printable'
import type { KnownMachine } from './known-machines.ts'

/** The machine to attach to, and the way to pair with it. */
export type Target =
  | {
      readonly by: 'code'
      readonly brokerUrl: string
      readonly code: string
      /** from a pairing URL: no PIN is asked for */
      readonly secret: PairingUrlSecret | null
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
  const named = link === null ? namedBy(word, known, brokerUrl) : []
  const [machine] = named
  if (named.length > 1)
    return nothing(`${named.length} machines are called "${word}". ${SAY_AN_ID}\n${idsOf(named)}`)
  if (machine !== undefined) return { by: 'known', machine }
  // Read only the fragment: a host name of nine letters is no code.
  const [code] = readTypedCode(link === null ? word : link.hash)
  if (code === undefined) return nothing(`There is no code in "${word}". ${SAY_A_CODE}`)
  // A page may be served from another host, so a broker that was named wins.
  const broker = brokerUrl ?? (link === null ? localUrl : brokerOf(link))
  if (broker === null)
    return nothing('Which broker? Nothing runs here, so say it: --broker URL, or give the whole link.')
  const secret = link === null ? null : (parsePairingFragment(link.hash)?.seal ?? null)
  return { by: 'code', brokerUrl: broker, code, secret }
}

/** The machine with that id, else the one with that name. Names are not unique: a name of two machines selects none. */
function namedBy(
  word: string,
  known: readonly KnownMachine[],
  brokerUrl: string | undefined,
): readonly KnownMachine[] {
  const there = known.filter(
    (machine) => brokerUrl === undefined || new URL(machine.brokerUrl).origin === new URL(brokerUrl).origin,
  )
  const byId = there.filter(({ runnerId }) => runnerId === word)
  return byId.length > 0 ? byId : there.filter(({ label }) => label === word)
}

const SAY_AN_ID = 'Say its id (and --broker, where one id is at two):'

const idsOf = (machines: readonly KnownMachine[]): string =>
  machines
    .map(({ runnerId, brokerUrl, usedAtMs }) => {
      const used = new Date(usedAtMs).toISOString().slice(0, 16).replace('T', ' ')
      return `  ${printable(runnerId, 128)}  at ${brokerUrl}, last used ${used} UTC`
    })
    .join('\n')

function lastUsed(known: readonly KnownMachine[], brokerUrl: string | undefined): Target {
  const [first] =
    brokerUrl === undefined
      ? known
      : known.filter((machine) => new URL(machine.brokerUrl).origin === new URL(brokerUrl).origin)
  return first === undefined
    ? nothing(`No machine is known here yet. ${SAY_A_CODE}`)
    : { by: 'known', machine: first }
}

/** The broker that serves the page of a pairing URL: everything before `/p`. */
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
