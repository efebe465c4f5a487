import { randomBytes } from 'node:crypto'
import { failIfOver } from '@latchkey/domain/device-pairing/deciding'
import { isLasting, type PairingEvent } from '@latchkey/domain/device-pairing/events'
import {
  isOpen,
  isRequestFrom,
  methodOf,
  type PairingState,
} from '@latchkey/domain/device-pairing/pairing-state'
import type {
  MeshAnswers,
  MeshKey,
  MeshOperation,
  MeshWrite,
  Purged,
  PurgeRules,
} from '@latchkey/domain/device-pairing/ports'
import type {
  Device,
  DeviceSession,
  Enrolment,
  JoinKey,
  NoticeTable,
  PeerToken,
  Watcher,
} from '@latchkey/domain/device-pairing/records'
import { assertNever, type Instant, later } from '@latchkey/domain/kernel'
import { webhookOf } from '@latchkey/domain/webhooks/mesh-events'
import { ask, type Conversation } from '../conversation.ts'
import { appendEvent } from '../webhooks/append-sql.ts'
import { deviceOf, tokenOf } from './event-subject.ts'
import {
  count,
  deviceIn,
  enrolmentIn,
  joinKeyIn,
  noticeTableIn,
  sessionIn,
  stateIn,
  tokenIn,
  watcherIn,
} from './mesh-rows.ts'
import { type Reading, type SettledMesh, settleMesh } from './settle-mesh.ts'

/** Everything that is said to a database in one transaction: SQL that SQLite and PostgreSQL both understand. */

/** Reads what the decision names, and writes what it comes to. */
export function* transact<Answer>(operation: MeshOperation<Answer>, now: Instant): Conversation<Answer> {
  const { writes, events = [], answer } = yield* settle(operation, now)
  for (const write of writes) yield* apply(write, now)
  for (const event of events) yield* remember(event)
  return answer
}

/** Reads what the decision names; answers with what it comes to, and writes nothing of it. */
export function* settle<Answer>(
  operation: MeshOperation<Answer>,
  now: Instant,
): Conversation<SettledMesh<Answer>> {
  const settling = settleMesh(operation, now)
  let step = settling.next()
  while (!step.done) step = settling.next(yield* read(step.value, now))
  return step.value
}

/** How many are failed in one transaction, so that a clean-up after a long absence delays no other transaction. */
const FAILED_AT_ONCE_MAX = 500

/** Fails overdue pairings, and forgets records that ended long enough ago. */
export function* purge(kept: PurgeRules, now: Instant): Conversation<Purged> {
  const failed: PairingState[] = []
  const due = yield* ask(
    'SELECT state FROM pairing_states WHERE deadline <= ? AND ended_at IS NULL ORDER BY deadline LIMIT ?',
    now,
    FAILED_AT_ONCE_MAX,
  )
  for (const row of due) {
    const over = failIfOver(stateIn(row), now)
    if (over === null) continue
    yield* apply({ put: 'pairing', value: over.state }, now)
    for (const event of over.events) yield* remember(event)
    failed.push(over.state)
  }
  const endedBefore = later(now, -kept.endedKeptMs)
  const revokedBefore = later(now, -kept.revokedKeptMs)
  const gone = [
    yield* ask('DELETE FROM pairing_states WHERE ended_at <= ? RETURNING token', endedBefore),
    yield* ask(
      'DELETE FROM issued_tokens WHERE coalesce(revoked_at, expires_at) <= ? RETURNING token',
      revokedBefore,
    ),
    yield* ask(
      'DELETE FROM device_sessions WHERE coalesce(revoked_at, expires_at) <= ? RETURNING handle',
      revokedBefore,
    ),
    yield* ask(
      'DELETE FROM join_keys WHERE coalesce(revoked_at, expires_at) <= ? RETURNING join_key',
      revokedBefore,
    ),
    yield* ask(
      `DELETE FROM mesh_nodes WHERE revoked_at <= ?
         AND NOT EXISTS (SELECT 1 FROM node_runners WHERE node_id = mesh_nodes.id)
         AND NOT EXISTS (SELECT 1 FROM issued_tokens WHERE issued_to_node_id = mesh_nodes.id)
         AND NOT EXISTS (SELECT 1 FROM device_sessions WHERE node_id = mesh_nodes.id)
       RETURNING id`,
      revokedBefore,
    ),
    yield* forgetEvents(1, kept.eventsMax),
    yield* forgetEvents(0, kept.eventsMax),
  ]
  return { failed, purged: gone.reduce((sum, rows) => sum + rows.length, 0) }
}

/** Two lists that do not crowd each other out: what changed the mesh, and what anybody can cause. */
const forgetEvents = (lasting: 0 | 1, eventsMax: number) =>
  ask(
    `DELETE FROM pairing_events WHERE lasting = ${lasting} AND id <=
       (SELECT id FROM pairing_events WHERE lasting = ${lasting} ORDER BY id DESC LIMIT 1 OFFSET ${Math.floor(eventsMax)})
     RETURNING id`,
  )

function* read({ kind, id }: MeshKey, now: Instant): Conversation<Reading> {
  switch (kind) {
    case 'pairing':
      return (yield* ask('SELECT state FROM pairing_states WHERE token = ?', id)).map(stateIn)[0]
    case 'node':
      return (yield* ask('SELECT * FROM mesh_nodes WHERE id = ?', id)).map(deviceIn)[0]
    case 'peerToken':
      return (yield* ask('SELECT * FROM issued_tokens WHERE token = ?', id)).map(tokenIn)[0]
    case 'session':
      return (yield* ask('SELECT * FROM device_sessions WHERE session_token = ?', id)).map(sessionIn)[0]
    case 'enrolment':
      return (yield* ask('SELECT * FROM node_runners WHERE runner_id = ?', id)).map(enrolmentIn)[0]
    case 'joinKey':
      return (yield* ask('SELECT * FROM join_keys WHERE join_key = ?', id)).map(joinKeyIn)[0]
    case 'watcher':
      return (yield* ask('SELECT * FROM notice_watchers WHERE id = ?', id)).map(watcherIn)[0]
    case 'noticeTable':
      return (yield* ask('SELECT kinds FROM notice_table WHERE id = ?', id)).map(noticeTableIn)[0]
    case 'neighbours':
      return (yield* ask('SELECT * FROM mesh_nodes WHERE hostname = ? LIMIT 100', id)).map(deviceIn)
    case 'requestsFrom':
      return yield* requestsFrom(id, now)
    case 'userCode':
      return (yield* ask('SELECT state FROM pairing_states WHERE user_code = ?', id)).map(stateIn)[0]
    case 'census':
      return yield* census(now)
    case 'holdings':
      return yield* holdings(id)
    default:
      return assertNever(kind)
  }
}

function* census(now: Instant): Conversation<MeshAnswers['census']> {
  const [row] = yield* ask(
    `SELECT
       (SELECT count(*) FROM pairing_states WHERE deadline > ? AND ended_at IS NULL AND method = 'pin') AS pins,
       (SELECT count(*) FROM pairing_states WHERE deadline > ? AND ended_at IS NULL AND method = 'consent') AS consents,
       (SELECT count(*) FROM mesh_nodes WHERE revoked_at IS NULL) AS nodes,
       (SELECT count(*) FROM mesh_nodes) AS ever,
       (SELECT count(*) FROM join_keys WHERE revoked_at IS NULL AND expires_at > ?
          AND (is_reusable = 1 OR use_count = 0)) AS keys,
       (SELECT count(*) FROM notice_watchers) AS watchers`,
    now,
    now,
    now,
  )
  return {
    openPins: count(row, 'pins'),
    openConsents: count(row, 'consents'),
    nodes: count(row, 'nodes'),
    everNodes: count(row, 'ever'),
    joinKeys: count(row, 'keys'),
    watchers: count(row, 'watchers'),
  }
}

/** The domain bounds how many wait in all, so all are read, and told apart by whole addresses and networks here. */
function* requestsFrom(address: string, now: Instant): Conversation<number> {
  const rows = yield* ask(
    "SELECT state FROM pairing_states WHERE deadline > ? AND ended_at IS NULL AND method = 'consent'",
    now,
  )
  return rows.map(stateIn).filter(isRequestFrom(address)).length
}

function* holdings(deviceId: string): Conversation<MeshAnswers['holdings']> {
  const tokens = yield* ask(
    'SELECT * FROM issued_tokens WHERE issued_to_node_id = ? AND revoked_at IS NULL',
    deviceId,
  )
  const sessions = yield* ask(
    'SELECT * FROM device_sessions WHERE node_id = ? AND revoked_at IS NULL',
    deviceId,
  )
  const runners = yield* ask('SELECT * FROM node_runners WHERE node_id = ? ORDER BY enrolled_at', deviceId)
  return {
    tokens: tokens.map(tokenIn),
    sessions: sessions.map(sessionIn),
    runners: runners.map((row) => enrolmentIn(row).runnerId),
  }
}

function apply(write: MeshWrite, now: Instant): Conversation<void> {
  if ('drop' in write) return write.drop === 'enrolment' ? dropEnrolment(write.id) : dropWatcher(write.id)
  if ('make' in write) return write.make === 'peerToken' ? makeToken(write.value) : makeSession(write.value)
  switch (write.put) {
    case 'pairing':
      return putPairing(write.value, now)
    case 'node':
      return putDevice(write.value)
    case 'peerToken':
      return putToken(write.value)
    case 'session':
      return putSession(write.value)
    case 'enrolment':
      return putEnrolment(write.value)
    case 'joinKey':
      return putJoinKey(write.value)
    case 'watcher':
      return putWatcher(write.value)
    case 'noticeTable':
      return putNoticeTable(write.value)
    default:
      return assertNever(write)
  }
}

function* putDevice(device: Device): Conversation<void> {
  yield* ask(
    `INSERT INTO mesh_nodes
       (id, name, hostname, port, public_key, roles, is_first, created_at, updated_at, last_seen_at, revoked_at,
        note, tags, app_rights, last_address, told_end, removal_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, hostname = excluded.hostname, port = excluded.port,
       public_key = excluded.public_key, roles = excluded.roles, updated_at = excluded.updated_at,
       last_seen_at = excluded.last_seen_at, revoked_at = excluded.revoked_at, note = excluded.note,
       tags = excluded.tags, app_rights = excluded.app_rights, last_address = excluded.last_address,
       told_end = excluded.told_end, removal_at = excluded.removal_at`,
    device.id,
    device.name,
    device.hostname,
    device.port,
    device.publicKey,
    JSON.stringify(device.roles),
    device.isFirst ? 1 : 0,
    device.createdAt,
    device.updatedAt,
    device.lastSeenAt,
    device.revokedAt,
    device.note,
    JSON.stringify(device.tags),
    device.appRights === null ? null : JSON.stringify(device.appRights),
    device.lastAddress,
    device.toldEnd,
    device.removalAt,
  )
}

/** The primary key refuses a digest that is there: the decision has looked, so that would be a bug. */
function* makeToken({ token, nodeId, permissions, ...at }: PeerToken): Conversation<void> {
  yield* ask(
    `INSERT INTO issued_tokens (token, issued_to_node_id, permissions, created_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    token,
    nodeId,
    JSON.stringify(permissions),
    at.createdAt,
    at.expiresAt,
    at.revokedAt,
  )
}

function* putToken({ token, expiresAt, revokedAt }: PeerToken): Conversation<void> {
  yield* ask(
    'UPDATE issued_tokens SET expires_at = ?, revoked_at = ? WHERE token = ?',
    expiresAt,
    revokedAt,
    token,
  )
}

function* makeSession({ session, handle, nodeId, ...at }: DeviceSession): Conversation<void> {
  yield* ask(
    `INSERT INTO device_sessions (session_token, handle, node_id, created_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    session,
    handle,
    nodeId,
    at.createdAt,
    at.expiresAt,
    at.revokedAt,
  )
}

function* putSession({ session, expiresAt, revokedAt }: DeviceSession): Conversation<void> {
  yield* ask(
    'UPDATE device_sessions SET expires_at = ?, revoked_at = ? WHERE session_token = ?',
    expiresAt,
    revokedAt,
    session,
  )
}

function* putEnrolment({ runnerId, nodeId, at }: Enrolment): Conversation<void> {
  yield* ask(
    `INSERT INTO node_runners (runner_id, node_id, enrolled_at) VALUES (?, ?, ?)
     ON CONFLICT (runner_id) DO UPDATE SET node_id = excluded.node_id, enrolled_at = excluded.enrolled_at`,
    runnerId,
    nodeId,
    at,
  )
}

function* putJoinKey(key: JoinKey): Conversation<void> {
  yield* ask(
    `INSERT INTO join_keys
       (join_key, name, tags, is_reusable, created_at, expires_at, use_count, last_used_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (join_key) DO UPDATE SET use_count = excluded.use_count, last_used_at = excluded.last_used_at,
       revoked_at = excluded.revoked_at`,
    key.key,
    key.name,
    JSON.stringify(key.tags),
    key.isReusable ? 1 : 0,
    key.createdAt,
    key.expiresAt,
    key.useCount,
    key.lastUsedAt,
    key.revokedAt,
  )
}

function* putWatcher({ id, endpoint, label, createdAt }: Watcher): Conversation<void> {
  yield* ask(
    `INSERT INTO notice_watchers (id, endpoint, label, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET label = excluded.label`,
    id,
    endpoint,
    label,
    createdAt,
  )
}

function* dropWatcher(id: string): Conversation<void> {
  yield* ask('DELETE FROM notice_watchers WHERE id = ?', id)
}

function* putNoticeTable({ on }: NoticeTable): Conversation<void> {
  yield* ask(
    `INSERT INTO notice_table (id, kinds) VALUES ('', ?) ON CONFLICT (id) DO UPDATE SET kinds = excluded.kinds`,
    JSON.stringify(on),
  )
}

function* dropEnrolment(runnerId: string): Conversation<void> {
  yield* ask('DELETE FROM node_runners WHERE runner_id = ?', runnerId)
}

function* putPairing(state: PairingState, now: Instant): Conversation<void> {
  const open = isOpen(state)
  const asking =
    state.status === 'DeviceConnected' && state.claim.method === 'consent' ? state.claim.userCode : null
  yield* ask(
    `INSERT INTO pairing_states
       (token, state, version, method, user_code, deadline, ended_at, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (token) DO UPDATE SET state = excluded.state, version = excluded.version, method = excluded.method,
       user_code = excluded.user_code, deadline = excluded.deadline, ended_at = excluded.ended_at,
       updated_at = excluded.updated_at`,
    state.token,
    JSON.stringify(state),
    state.version,
    open ? methodOf(state) : null,
    asking,
    open ? state.expiresAt : null,
    open ? null : now,
    now,
    now,
  )
}

function* remember(event: PairingEvent): Conversation<void> {
  yield* ask(
    'INSERT INTO pairing_events (token, node_id, event, lasting, created_at) VALUES (?, ?, ?, ?, ?)',
    tokenOf(event),
    deviceOf(event),
    JSON.stringify(event),
    isLasting(event) ? 1 : 0,
    event.at,
  )
  const told = webhookOf(event, `msg_${randomBytes(16).toString('hex')}`)
  if (told !== null) yield* appendEvent(told)
}
