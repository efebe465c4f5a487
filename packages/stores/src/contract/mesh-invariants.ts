import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'

const EVERYTHING = 10_000_000

/** What must hold of devices at every moment, whatever was done, raced or killed before: sentences about what does not. */
export async function brokenInvariants(
  repository: PairingRepository,
  { deviceLimit }: { readonly deviceLimit: number },
): Promise<readonly string[]> {
  const [nodes, pairings, tokens, sessions, events] = await Promise.all([
    repository.listDevices(),
    repository.listPairings(EVERYTHING),
    repository.listTokens(EVERYTHING),
    repository.listSessions(EVERYTHING),
    repository.listEvents({ limit: EVERYTHING }),
  ])
  const broken: string[] = []
  const say = (isSo: boolean, sentence: string) => {
    if (!isSo) broken.push(sentence)
  }
  const living = new Set<string>(nodes.map(({ id }) => id))
  const tokenOf = new Map<string, (typeof tokens)[number]>(tokens.map((each) => [each.token, each]))
  const handles = new Set(sessions.map(({ handle, nodeId }) => `${nodeId} ${handle}`))
  const registeredBy = new Map<string, number>()
  const failedBy = new Map<string, number>()
  for (const { event } of events.toReversed()) {
    // A token that was forgotten may come again in a script, never in life: it is counted from its last beginning.
    if (event.type === 'TokenCreated')
      for (const counts of [registeredBy, failedBy]) counts.delete(event.token)
    if (event.type === 'DeviceRegistered') countUp(registeredBy, event.token)
    if (event.type === 'PairingFailed') countUp(failedBy, event.token)
  }

  say(nodes.length <= deviceLimit, `${nodes.length} nodes where ${deviceLimit} may be`)
  for (const { state } of pairings) {
    const { token, status } = state
    const registered = registeredBy.get(token) ?? 0
    say(
      registered === (status === 'DeviceRegistered' ? 1 : 0),
      `${token} is ${status}, registered ${registered} times`,
    )
    say(
      (failedBy.get(token) ?? 0) === (status === 'Failed' ? 1 : 0),
      `${token} is ${status} and its failure is not told once`,
    )
    if (status === 'DeviceRegistered') {
      const issued = tokenOf.get(state.peerToken)
      say(issued !== undefined, `${token} is registered without a peer token`)
      const session = state.sessionHandle
      say(
        session === null || handles.has(`${state.node.id} ${session}`),
        `${token} is registered without its session`,
      )
    }
    if (status === 'DeviceConnected' && state.claim.method === 'pin')
      say(state.claim.attempts < 5, `${token} lets itself be guessed ${state.claim.attempts} times`)
    say(status !== 'PinVerified' || state.poll !== null, `${token} stopped between verified and registered`)
  }
  for (const issued of tokens)
    say(
      issued.revokedAt !== null || living.has(issued.nodeId),
      `a token of ${issued.nodeId}, which is no node, is good`,
    )
  for (const session of sessions)
    say(
      session.revokedAt !== null || living.has(session.nodeId),
      `a session of ${session.nodeId}, which is no node, is good`,
    )
  const good = tokens.filter(({ revokedAt }) => revokedAt === null).map(({ nodeId }) => nodeId)
  say(new Set(good).size === good.length, 'a node has two good peer tokens')
  return broken
}

const countUp = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1)
