/** Makes ciphers for single messages. `later` runs something when no message is on its way. */
export interface CipherMaker<Cipher> {
  readonly make: (key: Uint8Array, counter: number) => Cipher
  readonly later: (run: () => void) => void
}

/**
 * The cipher of the next frame, made in idle time: on a processor that has just woken up, setting one up takes twice as long
 * as sealing a key press with it. Each is for one counter under one key, and given out once, so that no nonce is
 * ever used twice.
 */
export class NextCipher<Cipher> {
  readonly #maker: CipherMaker<Cipher>
  #made: { readonly counter: number; readonly cipher: Cipher } | null = null
  #wanted: { readonly key: Uint8Array; readonly counter: number } | null = null
  #asked = false

  constructor(maker: CipherMaker<Cipher>) {
    this.#maker = maker
  }

  /** The cipher for `counter`; null when it is not made, and then never will be. */
  take(counter: number): Cipher | null {
    const made = this.#made
    this.#made = null
    this.#wanted = null
    return made?.counter === counter ? made.cipher : null
  }

  /** That one is next. The key is used in place: `forget` before it is wiped. */
  want(key: Uint8Array, counter: number): void {
    this.#made = null
    this.#wanted = { key, counter }
    if (this.#asked) return
    this.#asked = true
    this.#maker.later(() => this.#make())
  }

  /** Key or direction are over. */
  forget(): void {
    this.#made = null
    this.#wanted = null
  }

  #make(): void {
    this.#asked = false
    const wanted = this.#wanted
    this.#wanted = null
    if (wanted !== null)
      this.#made = { counter: wanted.counter, cipher: this.#maker.make(wanted.key, wanted.counter) }
  }
}
