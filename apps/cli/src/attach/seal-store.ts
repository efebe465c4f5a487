import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import type { SealedRunner, SealStore } from '@latchkey/connection/app/sealer'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { z } from 'zod'
import { readJson } from '../private-files.ts'

const KEY_BYTES = 32
/** A handshake takes seconds at most. An older lock belongs to a process that died. */
const LOCK_STALE_MS = 15_000
const LOCK_LOOK_MS = 50

const bytes = z.string().transform((text, context) => {
  const read = fromBase64url(text)
  if (read !== null) return read
  context.addIssue('no base64url')
  return z.NEVER
})
const sealedRunner = z.object({
  runnerId: z.string(),
  label: z.string(),
  reach: bytes,
  appId: bytes,
  resumeKey: bytes,
  permissions: z.object({ view: z.boolean(), input: z.boolean(), admin: z.boolean() }),
  greetedAtMs: z.number(),
  pairingName: z.string().optional(),
})

/** The sealing keys of this user's `attach`, in files that this user alone can read. */
export class SealFiles implements SealStore {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'attach', 'sealed')
  }

  /** The 32 secret bytes of this app's key for a machine: one of its own where it has one, else the one for all. */
  secretFor(runnerId: string): Uint8Array {
    return secretIn(this.#keyFileOf(runnerId)) ?? this.#ownSecret()
  }

  /** Keeps a key for this machine alone, in place of any other. */
  keepSecretFor(runnerId: string, secret: Uint8Array): void {
    const path = this.#keyFileOf(runnerId)
    renameSync(this.#write(path, base64url(secret)), path)
  }

  /** Made at first use. Two that make it at once agree on one. */
  #ownSecret(): Uint8Array {
    const path = join(this.#folder, 'app-key')
    const read = secretIn(path)
    if (read !== null) return read
    const unfinished = this.#write(path, base64url(randomBytes(KEY_BYTES)))
    try {
      linkSync(unfinished, path)
    } catch {
      // Somebody was first: theirs is the key.
    }
    rmSync(unfinished, { force: true })
    const made = secretIn(path)
    if (made === null) throw new Error(`${path} is no key: remove it and pair anew`)
    return made
  }

  async read(runnerId: string): Promise<SealedRunner | null> {
    const read = readJson(this.#fileOf(runnerId), sealedRunner)
    return read?.runnerId === runnerId ? read : null
  }

  async keep({ reach, appId, resumeKey, ...rest }: SealedRunner): Promise<void> {
    const path = this.#fileOf(rest.runnerId)
    const record = {
      ...rest,
      reach: base64url(reach),
      appId: base64url(appId),
      resumeKey: base64url(resumeKey),
    }
    renameSync(this.#write(path, JSON.stringify(record)), path)
  }

  /** One process at a time returns to one machine. */
  async exclusively<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const lock = `${this.#fileOf(name)}.lock`
    while (!taken(lock)) await after(LOCK_LOOK_MS)
    try {
      return await run()
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }

  #keyFileOf(runnerId: string): string {
    return this.#fileOf(runnerId).replace(/json$/, 'key')
  }

  /** A foreign machine's id is free text, so it is not a file name. */
  #fileOf(runnerId: string): string {
    const digest = createHash('sha256').update(runnerId).digest('hex')
    return join(this.#folder, `${digest.slice(0, 32)}.json`)
  }

  /** On the disk, and not yet in its place. */
  #write(path: string, text: string): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    chmodSync(this.#folder, 0o700)
    const unfinished = `${path}.${process.pid}`
    const file = openSync(unfinished, 'w', 0o600)
    writeFileSync(file, `${text}\n`)
    fsyncSync(file)
    closeSync(file)
    return unfinished
  }
}

function secretIn(path: string): Uint8Array | null {
  try {
    const read = fromBase64url(readFileSync(path, 'utf8').trim())
    return read?.length === KEY_BYTES ? read : null
  } catch {
    return null
  }
}

function taken(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    if (isStale(lock)) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function isStale(lock: string): boolean {
  try {
    return Date.now() - statSync(lock).mtimeMs > LOCK_STALE_MS
  } catch {
    return false
  }
}
