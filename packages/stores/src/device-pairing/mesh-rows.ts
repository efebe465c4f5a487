import type { PairingEvent } from '@latchkey/domain/device-pairing/events'
import type {
  DeviceId,
  JoinKeyDigest,
  PeerTokenDigest,
  SessionDigest,
} from '@latchkey/domain/device-pairing/ids'
import type { PairingState } from '@latchkey/domain/device-pairing/pairing-state'
import type { ListedPairing, RememberedEvent } from '@latchkey/domain/device-pairing/ports'
import type {
  AppRight,
  Device,
  DeviceRole,
  DeviceSession,
  Enrolment,
  JoinKey,
  NoticeTable,
  PeerToken,
  Watcher,
} from '@latchkey/domain/device-pairing/records'
import { type Instant, instant, invariant } from '@latchkey/domain/kernel'
import type { SqlRow } from '../conversation.ts'

/** Rows of the tables as records. This package alone writes them, so they are read without a schema. */

export const stateIn = (row: SqlRow): PairingState => JSON.parse(text(row, 'state'))

export const listedIn = (row: SqlRow): ListedPairing => ({
  startedAt: moment(row, 'created_at'),
  state: stateIn(row),
})

export const deviceIn = (row: SqlRow): Device => ({
  id: text(row, 'id') as DeviceId,
  name: text(row, 'name'),
  hostname: text(row, 'hostname'),
  port: row['port'] === null ? null : Number(row['port']),
  publicKey: row['public_key'] === null ? null : text(row, 'public_key'),
  roles: roles(row, 'roles'),
  isFirst: Number(row['is_first']) === 1,
  createdAt: moment(row, 'created_at'),
  updatedAt: moment(row, 'updated_at'),
  lastSeenAt: moment(row, 'last_seen_at'),
  revokedAt: momentOrNull(row, 'revoked_at'),
  note: text(row, 'note'),
  tags: texts(row, 'tags'),
  appRights: row['app_rights'] === null ? null : appRights(row, 'app_rights'),
  lastAddress: row['last_address'] === null ? null : text(row, 'last_address'),
  toldEnd: momentOrNull(row, 'told_end'),
  removalAt: momentOrNull(row, 'removal_at'),
})

export const tokenIn = (row: SqlRow): PeerToken => ({
  token: text(row, 'token') as PeerTokenDigest,
  nodeId: text(row, 'issued_to_node_id') as DeviceId,
  permissions: roles(row, 'permissions'),
  createdAt: moment(row, 'created_at'),
  expiresAt: moment(row, 'expires_at'),
  revokedAt: momentOrNull(row, 'revoked_at'),
})

export const sessionIn = (row: SqlRow): DeviceSession => ({
  session: text(row, 'session_token') as SessionDigest,
  handle: text(row, 'handle'),
  nodeId: text(row, 'node_id') as DeviceId,
  createdAt: moment(row, 'created_at'),
  expiresAt: moment(row, 'expires_at'),
  revokedAt: momentOrNull(row, 'revoked_at'),
})

export const joinKeyIn = (row: SqlRow): JoinKey => ({
  key: text(row, 'join_key') as JoinKeyDigest,
  name: text(row, 'name'),
  tags: texts(row, 'tags'),
  isReusable: Number(row['is_reusable']) === 1,
  createdAt: moment(row, 'created_at'),
  expiresAt: moment(row, 'expires_at'),
  useCount: Number(row['use_count']),
  lastUsedAt: momentOrNull(row, 'last_used_at'),
  revokedAt: momentOrNull(row, 'revoked_at'),
})

export const watcherIn = (row: SqlRow): Watcher => ({
  id: text(row, 'id'),
  endpoint: text(row, 'endpoint'),
  label: text(row, 'label'),
  createdAt: moment(row, 'created_at'),
})

export const noticeTableIn = (row: SqlRow): NoticeTable => ({ on: JSON.parse(text(row, 'kinds')) })

export const enrolmentIn = (row: SqlRow): Enrolment => ({
  runnerId: text(row, 'runner_id'),
  nodeId: text(row, 'node_id') as DeviceId,
  at: moment(row, 'enrolled_at'),
})

export const eventIn = (row: SqlRow): RememberedEvent => {
  const event: PairingEvent = JSON.parse(text(row, 'event'))
  return { number: Number(row['id']), event }
}

/** A count: PostgreSQL gives its big integers as text. */
export const count = (row: SqlRow | undefined, name: string): number => Number(row?.[name] ?? 0)

function text(row: SqlRow, name: string): string {
  const value = row[name]
  invariant(typeof value === 'string', `the column ${name} holds text`)
  return value
}

const texts = (row: SqlRow, name: string): readonly string[] => JSON.parse(text(row, name))
const appRights = (row: SqlRow, name: string): readonly AppRight[] => JSON.parse(text(row, name))
const roles = (row: SqlRow, name: string): readonly DeviceRole[] => JSON.parse(text(row, name))
const moment = (row: SqlRow, name: string): Instant => instant(Number(row[name]))
const momentOrNull = (row: SqlRow, name: string): Instant | null =>
  row[name] === null ? null : moment(row, name)
