import { readFileSync } from 'node:fs'
import { accept, assertNever, type Decision, refuse } from '@latchkey/domain/kernel'
import { base64url } from '@latchkey/protocol/bytes'
import { problem } from '@latchkey/protocol/console'
import { JOIN_KEY_PREFIX, joinMessage, keyedReply, secretHash } from '@latchkey/protocol/device-pairing'
import { printable } from '@latchkey/protocol/printable'
import type { Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { forgetJoining, joinUrlDigest, keepMembership, peerTokenFor } from './memberships.ts'
import { sayJoined } from './say-joined.ts'

const ANSWER_WITHIN_MS = 10_000
const KEY = /^ljk_[A-Za-z0-9_-]{43}$/

/**
 * The join key that was given by file or environment; null when none was. A key is never an argument: every user of the machine can
 * read arguments.
 */
export function joinKeyOf(call: Invocation): Decision<string | null, string> {
  const file = call.text('key-file') ?? call.env['LATCHKEY_JOIN_KEY_FILE']
  const given = file === undefined ? accept(call.env['LATCHKEY_JOIN_KEY'] ?? '') : readKeyFile(file)
  if (!given.ok) return given
  const key = given.value.trim().replace(/^LATCHKEY_JOIN_KEY=/, '')
  if (key === '')
    return file === undefined ? accept(null) : refuse(`${file} is empty: it should hold a join key.`)
  return KEY.test(key)
    ? accept(key)
    : refuse(`This is no join key. One begins with ${JOIN_KEY_PREFIX} and is shown once, in the console.`)
}

export interface KeyedJoin {
  readonly brokerUrl: string
  readonly key: string
  readonly name: string
  readonly dataDir: string
  /** the machine's own Ed25519 key */
  readonly identity: {
    readonly publicKey: Uint8Array
    readonly sign: (message: Uint8Array) => Uint8Array
  }
}

/** Joins without a person at the console, and keeps the peer token. */
export async function joinByKey(call: Invocation, request: KeyedJoin): Promise<ExitCode> {
  const { brokerUrl, dataDir, key } = request
  let answer = await asked(request, peerTokenFor(dataDir, brokerUrl, key))
  if (answer.status === 'refused' && answer.code === 'SECRET_USED') {
    // This machine joined with this key before, and was revoked since: it joins anew, with a secret of its own.
    forgetJoining(dataDir, brokerUrl)
    answer = await asked(request, peerTokenFor(dataDir, brokerUrl, key, { isNew: true }))
  }
  switch (answer.status) {
    case 'joined': {
      const { peerToken, nodeId, name, host } = answer
      const member = { brokerUrl, nodeId, name, host, peerToken, sessionSecret: null }
      keepMembership(dataDir, { ...member, joinedAtMs: Date.now(), joinedWith: joinUrlDigest(key) })
      forgetJoining(dataDir, brokerUrl)
      sayJoined(call, { ...member, joinedAtMs: Date.now() })
      return EXIT.ended
    }
    case 'unreachable':
      call.emit({ event: 'unreachable', url: brokerUrl })
      call.complain(`The broker at ${brokerUrl} cannot be reached. Nothing was changed; try again.`)
      return EXIT.brokerUnreachable
    case 'refused':
      call.emit({ event: 'refused', reason: answer.code })
      call.complain(`The broker refused: ${printable(answer.detail, 300)}.`)
      return EXIT.refused
    default:
      return assertNever(answer)
  }
}

type Answer =
  | {
      readonly status: 'joined'
      readonly peerToken: string
      readonly nodeId: string
      readonly name: string
      readonly host: string
    }
  | { readonly status: 'refused'; readonly code: string; readonly detail: string }
  | { readonly status: 'unreachable' }

async function asked({ brokerUrl, key, name, identity }: KeyedJoin, peerToken: string): Promise<Answer> {
  const publicKey = base64url(identity.publicKey)
  const said = { publicKey, name, peerHash: secretHash(peerToken) }
  const proof = base64url(identity.sign(joinMessage({ ...said, token: key, sessionHash: '' })))
  try {
    const answer = await fetch(new URL('pairing/key', `${brokerUrl}/`), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...said, key, proof }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    const told: unknown = await answer.json()
    const yes = keyedReply.safeParse(told)
    if (answer.ok && yes.success) return { status: 'joined', peerToken, ...yes.data }
    const no = problem.safeParse(told).data
    const detail = no?.detail ?? 'this broker takes no join keys: update it'
    return { status: 'refused', code: no?.code ?? 'failed', detail }
  } catch {
    return { status: 'unreachable' }
  }
}

function readKeyFile(file: string): Decision<string, string> {
  try {
    return accept(readFileSync(file, 'utf8'))
  } catch {
    return refuse(`--key-file: ${file} cannot be read.`)
  }
}
