import type { RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'

/** A record as this process saw it last. Only a guess: the server compares the version before anything is written. */
export interface Known<K extends RecordKind> {
  /** undefined where the key holds nothing that this store wrote */
  readonly value: Records[K] | undefined
  /** written by a newer release, which this one must not guess at */
  readonly newer: boolean
  readonly version: string
  /** of its text; bounds the memory */
  readonly chars: number
}

type Shelves = { readonly [K in RecordKind]: Map<string, Known<K>> }

/** Of all records of one kind: six thousand runners, or a few big lists. A record as an object takes some times its text. */
export const KNOWN_CHARS_MAX = 4 * 1024 * 1024

/** What a record costs besides its text. */
const RECORD_CHARS = 256

/** The records used last, so that most decisions need not ask for them first. */
export class KnownRecords {
  readonly #shelves: Shelves = {
    runner: new Map(),
    code: new Map(),
    session: new Map(),
    apps: new Map(),
    budget: new Map(),
    node: new Map(),
    operator: new Map(),
  }
  readonly #chars = new Map<RecordKind, number>()

  get<K extends RecordKind>(kind: K, id: string): Known<K> | undefined {
    const shelf: Map<string, Known<K>> = this.#shelves[kind]
    const known = shelf.get(id)
    if (known) {
      // Used last, forgotten last.
      shelf.delete(id)
      shelf.set(id, known)
    }
    return known
  }

  set<K extends RecordKind>(kind: K, id: string, known: Known<K>): void {
    this.forget(kind, id)
    const shelf: Map<string, Known<K>> = this.#shelves[kind]
    shelf.set(id, known)
    let chars = (this.#chars.get(kind) ?? 0) + known.chars + RECORD_CHARS
    for (const [oldest, { chars: freed }] of shelf) {
      if (chars <= KNOWN_CHARS_MAX || oldest === id) break
      shelf.delete(oldest)
      chars -= freed + RECORD_CHARS
    }
    this.#chars.set(kind, chars)
  }

  forget(kind: RecordKind, id: string): void {
    const known = this.#shelves[kind].get(id)
    if (!known) return
    this.#shelves[kind].delete(id)
    this.#chars.set(kind, (this.#chars.get(kind) ?? 0) - known.chars - RECORD_CHARS)
  }
}
