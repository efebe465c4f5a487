import { appCalls, type HandshakeAuth, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { ControlKeeper, type ControlKeeperOptions } from '../control-keeper.ts'
import type { openControlSocket } from '../control-socket.ts'
import type { AppLinkOptions, Paired, Refusal } from './link.ts'
import type { LinkEvents } from './link-events.ts'
import type { PairingUrlSecret, Sealer } from './sealer.ts'

const CONNECT_WITHIN_MS = 8_000
const ANSWER_WITHIN_MS = 5_000
/** Somebody has just turned to the page, so a dead connection is to be found out soon. */
const PROBE_MS = 2_000
/** The broker does not take the peer token: this device was revoked, or its token is too old. */
const FINAL: ReadonlySet<string> = new Set(['INVALID_SECRET'])

type AppCalls = typeof appCalls & typeof terminalCalls
export type AppControl = ControlKeeper<AppCalls>

/** What an app says of itself first. `credential`: null for an app session that begins. */
export function greetingOf({ label, peerToken }: AppLinkOptions, credential: string | null): HandshakeAuth {
  const token = peerToken?.() ?? null
  return {
    label,
    protocol: PROTOCOL_VERSION,
    ...(credential !== null && { clientToken: credential }),
    ...(token !== null && { token }),
  }
}

/** An app's control connection, by its credential, which is kept and renewed here. `runnerId`: the machine, once known. */
export function appControl(
  options: AppLinkOptions,
  runnerId: () => string | null,
  events: LinkEvents,
  open?: typeof openControlSocket,
): AppControl {
  const { brokerUrl, platform, onCredential } = options
  let { credential } = options
  const keeping: ControlKeeperOptions<AppCalls> = {
    brokerUrl,
    platform,
    calls: { ...appCalls, ...terminalCalls },
    auth: () => greetingOf(options, credential),
    runnerId,
    onFact: {
      'app:session': ({ clientToken }) => {
        if (clientToken === credential) return
        credential = clientToken
        onCredential(clientToken)
      },
      'terminal:ready': (ready) => events.machineReady(ready),
      'runner:online': () => events.machineSeen({ online: true, paired: true, untilMs: null }),
      'runner:offline': ({ paired, until }) =>
        events.machineSeen({ online: false, paired, untilMs: until ?? null }),
    },
    finalCodes: FINAL,
    connectWithinMs: CONNECT_WITHIN_MS,
    answerWithinMs: ANSWER_WITHIN_MS,
    events,
  }
  return new ControlKeeper(keeping, open)
}

/** Finds out within 2 s whether the connection is alive, and makes a new one if not. */
export async function probe(control: AppControl): Promise<void> {
  if (!control.isUp) return
  const answer = await control.call('app:pairing:status', {}, PROBE_MS)
  if (!answer.success && answer.code === 'TIMEOUT') control.replace()
}

/** Pairs by a pairing URL's ticket, which is taken also while typed codes are held back. Without one, pairs by the code. */
export async function pairBy(
  code: string,
  secret: PairingUrlSecret | null,
  sealer: Sealer | null,
  control: Pick<AppControl, 'call'>,
): Promise<Paired | Refusal> {
  const routeTicket = secret === null ? null : (sealer?.pairingUrlTicket(secret) ?? null)
  if (secret !== null && secret.runnerId !== null && routeTicket !== null) {
    const answer = await control.call('app:pair', { runnerId: secret.runnerId, routeTicket })
    // The pairing URL was used up. Its code still leads to the machine, which says so itself.
    const isWithoutCode = secret.certificate !== undefined
    if (answer.success || answer.code !== 'CODE_NOT_FOUND' || isWithoutCode) return answer
  }
  return control.call('app:pair', { pairingCode: code })
}
