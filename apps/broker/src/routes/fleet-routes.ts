import { auditExportQuery, auditQuery, auditReply } from '@latchkey/protocol/audit'
import * as deviceWire from '@latchkey/protocol/device-pairing'
import { noticesReply, noticesRequest, noticesTestReply, watchRequest } from '@latchkey/protocol/notices'
import { table } from './route.ts'

/** Machines that join by themselves, the trail of all access, and calls to the operator. */

export const joinKeys = table('devices', {
  'post /pairing/key': {
    summary: 'A machine joins with a join key: it is a device when this answers.',
    by: 'anybody',
    body: deviceWire.keyedRequest,
    reply: deviceWire.keyedReply,
    problems: [
      'MALFORMED_REQUEST',
      'MALFORMED_KEY',
      'WRONG_PROOF',
      'JOIN_KEY_UNKNOWN',
      'JOIN_KEY_ENDED',
      'JOIN_KEY_SPENT',
      'DEVICE_LIMIT',
      'IP_CONFLICT',
      'SECRET_USED',
      'RATE_LIMITED',
    ],
  },
  'get /operator/join-keys': {
    summary: 'The keys with which machines join: those that are good, and those that ended within a month.',
    by: 'operator',
    reply: deviceWire.joinKeysReply,
  },
  'post /operator/join-keys': {
    summary: 'Makes a join key. The answer is the only place that has its text.',
    by: 'operator',
    body: deviceWire.joinKeyRequest,
    reply: deviceWire.joinKeyReply,
    problems: ['MALFORMED_REQUEST', 'TOO_MANY_JOIN_KEYS'],
  },
  'delete /operator/join-keys/{id}': {
    summary: 'Revokes a join key. Devices that joined with it stay.',
    by: 'operator',
    reply: deviceWire.joinKeyRevoked,
    problems: ['JOIN_KEY_UNKNOWN'],
  },
})

export const audit = table('operator', {
  'get /operator/audit': {
    summary: 'Who gave or took access, of apps, devices and the operator, page by page, the newest first.',
    by: 'operator',
    scope: 'history:read',
    query: auditQuery,
    reply: auditReply,
  },
  'get /operator/audit/export': {
    summary: 'The same as a file: JSON lines, or CSV in which no cell is a formula. 100,000 entries at most.',
    by: 'operator',
    scope: 'history:read',
    query: auditExportQuery,
    reply: 'text',
  },
})

export const notices = table('operator', {
  'get /operator/notices': {
    summary: 'What the operator is called for, and the browsers that are called.',
    by: 'operator',
    reply: noticesReply,
  },
  'patch /operator/notices': {
    summary: 'Chooses what the operator is called for.',
    by: 'operator',
    act: 'notices-changed',
    body: noticesRequest,
    reply: noticesReply,
    problems: ['MALFORMED_REQUEST'],
  },
  'post /operator/notices/browsers': {
    summary: 'Calls one more browser of the operator. The message has no content.',
    by: 'operator',
    act: 'notices-changed',
    body: watchRequest,
    reply: noticesReply,
    problems: ['MALFORMED_REQUEST', 'TOO_MANY_BROWSERS'],
  },
  'delete /operator/notices/browsers/{id}': {
    summary: 'Calls a browser no more.',
    by: 'operator',
    act: 'notices-changed',
    reply: noticesReply,
  },
  'post /operator/notices/test': {
    summary: 'Calls every browser now, and says what each push service answered.',
    by: 'operator',
    reply: noticesTestReply,
  },
})
