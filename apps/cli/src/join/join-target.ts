import { isHttpAddress } from '../broker-option.ts'

/** The broker to join, and the way to join it. */
export type JoinTarget =
  | { readonly by: 'link'; readonly brokerUrl: string; readonly token: string }
  /** no join URL was given: the operator is asked for approval */
  | { readonly by: 'approval'; readonly brokerUrl: string }
  | { readonly by: 'nothing'; readonly problem: string }

const SAY_A_JOIN_URL =
  'Give it the link that the console shows under "Add a device", or ask for approval: latchkey join --broker URL.'
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/**
 * @param word the join URL, as it was copied or scanned
 * @param brokerUrl of `--broker`
 */
export function joinTargetOf(word: string | undefined, brokerUrl: string | undefined): JoinTarget {
  if (brokerUrl !== undefined && !isHttpAddress(brokerUrl))
    return nothing(`"${brokerUrl}" is no http or https address.`)
  if (word === undefined)
    return brokerUrl === undefined
      ? nothing(SAY_A_JOIN_URL)
      : { by: 'approval', brokerUrl: rootOf(brokerUrl) }
  if (!isHttpAddress(word)) return nothing(`"${word}" is no link. ${SAY_A_JOIN_URL}`)
  const link = new URL(word)
  const token = link.hash.slice(1) || (link.searchParams.get('token') ?? '')
  if (!/\/join\/?$/.test(link.pathname) || !TOKEN.test(token))
    return nothing(`This is no link to join with. ${SAY_A_JOIN_URL}`)
  return { by: 'link', brokerUrl: rootOf(`${link.origin}${link.pathname.replace(/\/join\/?$/, '')}`), token }
}

const rootOf = (url: string): string => url.replace(/\/+$/, '')

const nothing = (problem: string): JoinTarget => ({ by: 'nothing', problem })
