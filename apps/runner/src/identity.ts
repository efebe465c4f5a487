import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { z } from 'zod'

/** A runner's keys: X25519 to be reached, Ed25519 to sign. A copy of the file can pose as this runner. */
const identityFile = z.object({ version: z.literal(1), reach: z.string(), sign: z.string() })

export interface RunnerIdentity {
  readonly runnerId: string
  /** X25519 ‖ Ed25519, 64 bytes */
  readonly publicKey: Uint8Array
  /** Ed25519 */
  readonly sign: (message: Uint8Array) => Uint8Array
  /** the X25519 secret, 32 bytes. The caller gets a copy and wipes it */
  readonly reachSecret: () => Uint8Array
}

/** Says in a sentence for the owner why the file cannot be used. */
export class UnusableIdentity extends Error {}

const KEPT_FOR_OWNER = 0o600
const FOLDER_FOR_OWNER = 0o700
const OTHERS = 0o077

/** The identity in `path`, made at the first start. Throws `UnusableIdentity`. */
export function loadIdentity(path: string): RunnerIdentity {
  const text = readKept(path) ?? makeKept(path)
  const keys = parse(text)
  if (keys === null)
    throw new UnusableIdentity(
      `${path} does not hold a runner's keys. Move it away and start again: this machine then has a new identity, and its apps pair anew.`,
    )
  const publicKey = Uint8Array.from([...rawPublic(keys.reach), ...rawPublic(keys.sign)])
  return {
    runnerId: runnerFingerprint({ reach: publicKey.subarray(0, 32), sign: publicKey.subarray(32) }),
    publicKey,
    sign: (message) => sign(null, message, keys.sign),
    reachSecret: () => rawSecret(keys.reach),
  }
}

/** The file's text, or null when there is none. */
function readKept(path: string): string | null {
  try {
    const mode = statSync(path).mode
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new UnusableIdentity(
        `${path} holds this machine's secret keys and can be read by others. Make it yours alone: chmod 600 ${path}`,
      )
    return readFileSync(path, 'utf8')
  } catch (problem) {
    if (problem instanceof UnusableIdentity) throw problem
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null
    throw new UnusableIdentity(
      `${path} cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`,
    )
  }
}

/** Written whole under another name, then linked: two first starts at once end with one identity, and none is half. */
function makeKept(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_FOR_OWNER })
  const text = `${JSON.stringify({ version: 1, reach: newSecret('x25519'), sign: newSecret('ed25519') })}\n`
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: KEPT_FOR_OWNER, flag: 'wx' })
  chmodSync(draft, KEPT_FOR_OWNER)
  try {
    linkSync(draft, path)
    return text
  } catch (problem) {
    const other = readKept(path)
    if (other === null) throw problem
    return other
  } finally {
    rmSync(draft, { force: true })
  }
}

const newSecret = (kind: 'x25519' | 'ed25519'): string => {
  const { privateKey } = kind === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url')
}

function parse(text: string): { readonly reach: KeyObject; readonly sign: KeyObject } | null {
  try {
    const { reach, sign } = identityFile.parse(JSON.parse(text))
    const keys = { reach: privateKeyOf(reach), sign: privateKeyOf(sign) }
    return keys.reach.asymmetricKeyType === 'x25519' && keys.sign.asymmetricKeyType === 'ed25519'
      ? keys
      : null
  } catch {
    return null
  }
}

const privateKeyOf = (text: string): KeyObject =>
  createPrivateKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'pkcs8' })

function rawSecret(privateKey: KeyObject): Uint8Array {
  const bytes = fromBase64url(privateKey.export({ format: 'jwk' }).d ?? '')
  if (bytes?.length !== 32) throw new UnusableIdentity('a key of an unexpected length')
  return bytes
}

/** The 32 bytes of an X25519 or Ed25519 public key. */
function rawPublic(privateKey: KeyObject): Uint8Array {
  const bytes = fromBase64url(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '')
  if (bytes?.length !== 32) throw new UnusableIdentity('a key of an unexpected length')
  return bytes
}
