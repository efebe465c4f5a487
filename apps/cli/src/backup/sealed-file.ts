import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * A file sealed with a passphrase: a header, then chunks of ChaCha20-Poly1305 with a counter and a mark of the last one in the
 * nonce (STREAM, as in age): nothing can be changed, left out, repeated or cut off without being noticed. The header is part of
 * what each chunk authenticates. The key is fresh for each file, since its salt is.
 */

const MAGIC = Buffer.from('LKSEAL1\n')
const SALT_BYTES = 16
const KEY_BYTES = 32
const TAG_BYTES = 16
const NONCE_BYTES = 12
const CHUNK_BYTES = 64 * 1024
const HEADER_BYTES = MAGIC.length + 1 + SALT_BYTES
/** scrypt with 128 MiB: about half a second for one guess. */
const COST_LOG2 = 17
/** A forged header must not take all memory: 256 MiB at most. */
const COST_LOG2_MAX = 18
const BLOCK_SIZE = 8
/** At half a second a guess, ten random letters or four words of a list last for centuries; shorter ones do not. */
export const PASSPHRASE_CHARACTERS_MIN = 12

/** Why a sealed file cannot be opened, as a sentence; null when it was. */
export type SealedOutcome = string | null

/** Whether the file begins as a sealed one does. False also for a file that cannot be read. */
export function isSealed(path: string): boolean {
  try {
    return withFile(path, 'r', (file) => {
      const begin = Buffer.alloc(MAGIC.length)
      readSync(file, begin, 0, begin.length, 0)
      return begin.equals(MAGIC)
    })
  } catch {
    return false
  }
}

/**
 * Seals `from` into `to`, which must not be there; only this user can read it. Throws what the file system says.
 * @param costLog2 of scrypt; the file says it
 */
export function sealFile(from: string, to: string, passphrase: string, costLog2 = COST_LOG2): void {
  const header = Buffer.concat([MAGIC, Buffer.from([costLog2]), randomBytes(SALT_BYTES)])
  const key = keyOf(passphrase, header)
  withFile(from, 'r', (source) =>
    withFile(to, 'wx', (target) => {
      writeSync(target, header)
      const bytes = fstatSync(source).size
      const chunks = Math.max(1, Math.ceil(bytes / CHUNK_BYTES))
      for (let at = 0; at < chunks; at++) {
        const plain = readAt(source, at * CHUNK_BYTES, Math.min(CHUNK_BYTES, bytes - at * CHUNK_BYTES))
        const cipher = createCipheriv('chacha20-poly1305', key, nonceOf(at, at === chunks - 1), {
          authTagLength: TAG_BYTES,
        })
        cipher.setAAD(header, { plaintextLength: plain.length })
        writeSync(target, Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
      }
    }),
  )
}

/** Opens `from` into `to`, which must not be there. After a refusal the caller removes `to`. */
export function openFile(from: string, to: string, passphrase: string): SealedOutcome {
  return withFile(from, 'r', (source) =>
    withFile(to, 'wx', (target) => {
      const { size } = fstatSync(source)
      const sealedBytes = size - HEADER_BYTES
      if (sealedBytes < TAG_BYTES) return 'it is cut off: copy it again'
      const header = readAt(source, 0, HEADER_BYTES)
      if ((header[MAGIC.length] ?? 0) > COST_LOG2_MAX) return 'it is of a newer release'
      const key = keyOf(passphrase, header)
      const chunks = Math.ceil(sealedBytes / (CHUNK_BYTES + TAG_BYTES))
      for (let at = 0; at < chunks; at++) {
        const from = at * (CHUNK_BYTES + TAG_BYTES)
        const length = Math.min(CHUNK_BYTES + TAG_BYTES, sealedBytes - from)
        const chunk = readAt(source, HEADER_BYTES + from, length)
        const plain = opened(chunk, { key, header, nonce: nonceOf(at, at === chunks - 1) })
        if (plain === null)
          return at === 0
            ? 'the passphrase is wrong, or the file was changed'
            : 'it was changed or cut off: take another copy'
        writeSync(target, plain)
      }
      return null
    }),
  )
}

function opened(
  chunk: Buffer,
  { key, header, nonce }: { readonly key: Buffer; readonly header: Buffer; readonly nonce: Buffer },
): Buffer | null {
  if (chunk.length < TAG_BYTES) return null
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES })
  const text = chunk.subarray(0, -TAG_BYTES)
  decipher.setAAD(header, { plaintextLength: text.length })
  decipher.setAuthTag(chunk.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch {
    return null
  }
}

/** @param passphrase in any of Unicode's forms: keyboards differ */
function keyOf(passphrase: string, header: Buffer): Buffer {
  const costLog2 = header[MAGIC.length] ?? COST_LOG2
  const N = 2 ** costLog2
  return scryptSync(passphrase.normalize('NFKC'), header.subarray(MAGIC.length + 1), KEY_BYTES, {
    N,
    r: BLOCK_SIZE,
    p: 1,
    maxmem: 2 * 128 * N * BLOCK_SIZE,
  })
}

function nonceOf(chunk: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUIntBE(chunk, NONCE_BYTES - 7, 6)
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0
  return nonce
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let read = 0
  while (read < length) {
    const more = readSync(file, bytes, read, length - read, position + read)
    if (more === 0) break
    read += more
  }
  return bytes.subarray(0, read)
}

function withFile<T>(path: string, flags: 'r' | 'wx', use: (file: number) => T): T {
  const file = openSync(path, flags, 0o600)
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}
