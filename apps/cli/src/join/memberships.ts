import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type JoiningSecrets, makeJoiningSecrets } from '@latchkey/connection/device-pairing/joining-secrets'
import { z } from 'zod'
import { readJson, readJsonFiles, writePrivately } from '../private-files.ts'

/** This machine as a device of a broker's mesh, with its credentials. */
const membership = z.object({
  brokerUrl: z.url(),
  nodeId: z.string(),
  name: z.string(),
  host: z.string(),
  peerToken: z.string(),
  /** null where it joined by approval */
  sessionSecret: z.string().nullable(),
  joinedAtMs: z.number(),
  /** SHA-256 in hex of the join URL's token or of the join key; absent where it joined by approval */
  joinedWith: z.string().optional(),
})
export type Membership = z.output<typeof membership>

const joining = z.object({ token: z.string(), peerToken: z.string(), sessionSecret: z.string() })

const folderIn = (dataDir: string): string => join(dataDir, 'joined')
const nameOf = (brokerUrl: string): string =>
  createHash('sha256').update(new URL(brokerUrl).origin).digest('hex').slice(0, 32)

/** The one joined last comes first. A file that cannot be read is left out. */
export const memberships = (dataDir: string): readonly Membership[] =>
  readJsonFiles(folderIn(dataDir), membership).toSorted((one, other) => other.joinedAtMs - one.joinedAtMs)

/** How this machine belongs to the broker at `brokerUrl`; null when it does not. */
export const membershipAt = (dataDir: string, brokerUrl: string): Membership | null =>
  memberships(dataDir).find((one) => new URL(one.brokerUrl).origin === new URL(brokerUrl).origin) ?? null

export function keepMembership(dataDir: string, member: Membership): void {
  write(dataDir, `${nameOf(member.brokerUrl)}.json`, member)
}

/** Names a join URL's token where it is kept for good. */
export const joinUrlDigest = (token: string): string => createHash('sha256').update(token).digest('hex')

/**
 * The secrets to join with `token`: made once and kept before the broker is asked, so that a process that dies right after
 * the PIN matched has not lost them. A join URL that has let this machine in already goes with the secrets that it was let in by.
 */
export function secretsFor(dataDir: string, brokerUrl: string, token: string): JoiningSecrets {
  const joined = membershipAt(dataDir, brokerUrl)
  if (joined?.joinedWith === joinUrlDigest(token) && joined.sessionSecret !== null)
    return { peerToken: joined.peerToken, sessionSecret: joined.sessionSecret }
  const file = `${nameOf(brokerUrl)}.attempt`
  const had = readJson(join(folderIn(dataDir), file), joining)
  if (had?.token === token) return had
  const made = makeJoiningSecrets((byteCount) => randomBytes(byteCount))
  write(dataDir, file, { token, ...made })
  return made
}

/**
 * The peer token to join with a join key: kept before the broker is asked, so that one that joined and lost the answer joins by the
 * same. A key that has let this machine in already goes with the token that it was let in by.
 */
export function peerTokenFor(
  dataDir: string,
  brokerUrl: string,
  key: string,
  { isNew = false }: { readonly isNew?: boolean } = {},
): string {
  const joined = membershipAt(dataDir, brokerUrl)
  if (!isNew && joined?.joinedWith === joinUrlDigest(key)) return joined.peerToken
  const file = `${nameOf(brokerUrl)}.attempt`
  const token = joinUrlDigest(key)
  const had = readJson(join(folderIn(dataDir), file), joining)
  if (had?.token === token) return had.peerToken
  const made = makeJoiningSecrets((byteCount) => randomBytes(byteCount))
  write(dataDir, file, { token, ...made })
  return made.peerToken
}

/** This machine belongs to that broker no longer. */
export const forgetMembership = (dataDir: string, brokerUrl: string): void =>
  rmSync(join(folderIn(dataDir), `${nameOf(brokerUrl)}.json`), { force: true })

export const forgetJoining = (dataDir: string, brokerUrl: string): void =>
  rmSync(join(folderIn(dataDir), `${nameOf(brokerUrl)}.attempt`), { force: true })

const write = (dataDir: string, file: string, value: object): void =>
  writePrivately(join(folderIn(dataDir), file), `${JSON.stringify(value)}\n`)
