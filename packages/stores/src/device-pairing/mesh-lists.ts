import type { ListedPairing, PairingRepository, RememberedEvent } from '@latchkey/domain/device-pairing/ports'
import type {
  Device,
  DeviceSession,
  Enrolment,
  JoinKey,
  PeerToken,
  Watcher,
} from '@latchkey/domain/device-pairing/records'
import { ask, type Conversation } from '../conversation.ts'
import {
  deviceIn,
  enrolmentIn,
  eventIn,
  joinKeyIn,
  listedIn,
  sessionIn,
  tokenIn,
  watcherIn,
} from './mesh-rows.ts'

/** The lists that a database is asked for: one statement each. */

export function* listDevices(): Conversation<readonly Device[]> {
  const rows = yield* ask('SELECT * FROM mesh_nodes WHERE revoked_at IS NULL ORDER BY created_at, id')
  return rows.map(deviceIn)
}

export function* listPairings(limit: number): Conversation<readonly ListedPairing[]> {
  const rows = yield* ask(
    'SELECT state, created_at FROM pairing_states ORDER BY created_at DESC, token LIMIT ?',
    limit,
  )
  return rows.map(listedIn)
}

export function* listTokens(limit: number): Conversation<readonly PeerToken[]> {
  const rows = yield* ask('SELECT * FROM issued_tokens ORDER BY created_at DESC, token LIMIT ?', limit)
  return rows.map(tokenIn)
}

export function* listSessions(limit: number): Conversation<readonly DeviceSession[]> {
  const rows = yield* ask(
    'SELECT * FROM device_sessions ORDER BY created_at DESC, session_token LIMIT ?',
    limit,
  )
  return rows.map(sessionIn)
}

export function* listEnrolments(): Conversation<readonly Enrolment[]> {
  const rows = yield* ask('SELECT * FROM node_runners ORDER BY enrolled_at, runner_id')
  return rows.map(enrolmentIn)
}

export function* listJoinKeys(limit: number): Conversation<readonly JoinKey[]> {
  const rows = yield* ask('SELECT * FROM join_keys ORDER BY created_at DESC, join_key LIMIT ?', limit)
  return rows.map(joinKeyIn)
}

export function* listWatchers(): Conversation<readonly Watcher[]> {
  const rows = yield* ask('SELECT * FROM notice_watchers ORDER BY created_at, id')
  return rows.map(watcherIn)
}

export function* listEvents(
  query: Parameters<PairingRepository['listEvents']>[0],
): Conversation<readonly RememberedEvent[]> {
  const { limit, nodeId, token } = query
  const wanted: string[] = []
  const values: string[] = []
  if (nodeId !== undefined) {
    wanted.push('node_id = ?')
    values.push(nodeId)
  }
  if (token !== undefined) {
    wanted.push('token = ?')
    values.push(token)
  }
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`
  const text = `SELECT id, event FROM pairing_events ${where} ORDER BY id DESC LIMIT ?`
  const rows = yield* ask(text, ...values, Math.max(1, limit))
  return rows.map(eventIn)
}
