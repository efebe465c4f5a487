/**
 * The few things done to byte strings that may be secret. Copies are made with `Uint8Array.from`, never with `slice`,
 * which for a Node Buffer is a view.
 */

/** Whether two byte strings are equal, in a time that depends on their length alone (SECURITY C17). */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a[at]! ^ b[at]!
  return difference === 0
}

/**
 * Overwrites secrets that have served. A garbage-collected runtime may hold other copies (of texts, of big integers):
 * this shortens their life, it does not promise their end.
 */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}

/** The secrets of one handshake, wiped together whichever way it ends. */
export class Secrets {
  #kept: (Uint8Array | { forget(): void })[] = []

  /** Takes note of `secret` and gives it back. */
  keep<Secret extends Uint8Array | { forget(): void }>(secret: Secret): Secret {
    this.#kept.push(secret)
    return secret
  }

  wipe(): void {
    for (const secret of this.#kept) {
      if (secret instanceof Uint8Array) wipe(secret)
      else secret.forget()
    }
    this.#kept = []
  }
}
