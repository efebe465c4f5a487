import type { DeviceId } from '@latchkey/domain/device-pairing/ids'
import type { AppRight } from '@latchkey/domain/device-pairing/records'
import { PEER_TOKEN_PREFIX } from '@latchkey/protocol/device-pairing'
import type { HandshakeAuth, Refusal } from '@latchkey/protocol/runner-pairing'
import { handshakeIn } from '@latchkey/protocol/terminal/first-frame'
import type { DeviceService } from '../device-pairing/device.service.ts'
import type { DeviceConnections } from '../device-pairing/device-connections.ts'
import { refusalOf } from '../shell/answer.ts'
import { printable } from '../shell/label.ts'
import type { AppUseCases } from './app.use-cases.ts'
import type { AppCredentials, ReadCredential } from './app-credentials.ts'

/** Who a connection is, by what it showed first. */
export interface ReadCaller extends ReadCredential {
  /** how it calls itself, cleaned for display */
  readonly label: string
  /** the device whose peer token it showed; null for a stranger */
  readonly nodeId: DeviceId | null
  readonly appRights: readonly AppRight[] | null
}

interface Parts {
  readonly credentials: AppCredentials
  readonly nodes: DeviceService
  readonly connections: DeviceConnections
  readonly apps: AppUseCases
}

/** Reads who a connection is: a control connection by its handshake, a terminal connection by the same, shown in place of a ticket. */
export class Callers {
  constructor(private readonly parts: Parts) {}

  /** @param address where it is, after the trusted proxy */
  async read(
    { token = '', clientToken, label = '' }: HandshakeAuth,
    address: string,
  ): Promise<ReadCaller | Refusal> {
    const isMember = token.startsWith(PEER_TOKEN_PREFIX)
    const node = isMember ? await this.parts.nodes.authenticate(token, address) : null
    // One that may only enrol runners signs no app in: the app goes on as any other.
    const nodeId = node?.permissions.includes('app') === true ? node.node.id : null
    if (isMember && node === null)
      return refusalOf('INVALID_SECRET', 'this peer token is unknown, too old, or was revoked')
    const credential = this.parts.credentials.read(clientToken, nodeId)
    if (nodeId !== null) this.parts.connections.seen(nodeId, credential.appSessionId)
    const appRights = nodeId === null ? null : (node?.node.appRights ?? null)
    return { ...credential, label: printable(label), nodeId, appRights }
  }

  /**
   * A ticket for an app that shows on its terminal connection what it shows on its control connection. Null when it may go to no
   * machine now: its control connection tells why.
   */
  readonly ticketFor = async (shown: string, address: string): Promise<string | null> => {
    const auth = handshakeIn(shown)
    const caller = auth === null ? null : await this.read(auth, address)
    if (caller === null || 'code' in caller || caller.isNew) return null
    const { appSessionId, label } = caller
    return this.parts.apps.ticketOf({ appSessionId, label, address })
  }
}
