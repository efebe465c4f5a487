import type { DeviceId } from '@latchkey/domain/device-pairing/ids'
import type { AppRight } from '@latchkey/domain/device-pairing/records'
import type { PairingStanding } from '@latchkey/domain/runner-pairing/pairing-session'
import type { AppSessionId, RunnerId } from '@latchkey/domain/runner-pairing/records'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'

/** The identity of a control connection: bound to the socket, never read from its messages. */
export interface Peer {
  /** the app session of its credential; every connection has one, runners do not use theirs */
  readonly appSessionId: AppSessionId
  /** what it is told first */
  readonly greeting: {
    /** the credential it is to keep; null while what it has is good for longer */
    readonly renewed: string | null
    /** it came back with a credential, so it may be paired */
    readonly isKnown: boolean
  }
  /** where it is, after the trusted proxy */
  readonly address: string
  /** how it calls itself; text from outside */
  readonly label: string
  /** the device whose peer token it showed, or whose runner it is; null for a stranger */
  nodeId: DeviceId | null
  /** the most that the operator lets apps of that device do at machines; null: what each machine gives */
  readonly appRights: readonly AppRight[] | null
  /** set while this connection speaks for a runner */
  runner: { readonly runnerId: RunnerId; readonly epoch: number; readonly label: string } | null
  /** asked for by `runner:challenge`; taken by the next registration whatever comes of it */
  nonce: { readonly text: string; readonly expiresAtMs: number } | null
  /** the run of the store that tells an app which comes back how it stands; null once it is told, or once it has asked for a change */
  arriving: Promise<PairingStanding> | null
  /** there and back, by the transport's own ping; null before the first */
  roundTripMs: number | null
  /** when the transport pinged it last, by the process's own clock */
  pingedAtMs: number | null
  /** why the connection ended; null while it lives */
  endedBy: string | null
}

export type ControlSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Peer>
export type ControlServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Peer>

/** The rooms facts are told to. */
export const appRoom = (appSessionId: string): string => `app:${appSessionId}`
/** The runners that remember which of their apps is on which device. */
export const DEVICE_KEEPERS = 'device-keepers'
export const runnerRoom = (runnerId: string): string => `runner:${runnerId}`
