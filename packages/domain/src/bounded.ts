/** A map with a bound: beyond it the entries that were added first go. Setting a key that is there keeps its place. */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #entriesMax: number

  constructor(entriesMax: number) {
    super()
    this.#entriesMax = entriesMax
  }

  override set(key: K, value: V): this {
    super.set(key, value)
    dropOldest(this, this.#entriesMax)
    return this
  }

  /** Sets a key and makes it the last to go. */
  renew(key: K, value: V): void {
    this.delete(key)
    this.set(key, value)
  }
}

/** A set with a bound: beyond it the values that were added first go. Adding a value that is there keeps its place. */
export class BoundedSet<T> extends Set<T> {
  readonly #valuesMax: number

  constructor(valuesMax: number) {
    super()
    this.#valuesMax = valuesMax
  }

  override add(value: T): this {
    super.add(value)
    dropOldest(this, this.#valuesMax)
    return this
  }
}

function dropOldest<K>(
  kept: { readonly size: number; keys(): Iterable<K>; delete(key: K): boolean },
  max: number,
): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= max) return
    kept.delete(oldest)
  }
}
