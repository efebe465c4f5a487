/** A key pair that the browser made and holds: IndexedDB keeps it whole, and no script ever reads its secret bytes. */
export interface HeldPair {
  /** not extractable */
  readonly privateKey: CryptoKey
  readonly publicKey: Uint8Array
}

/** Makes a pair of `algorithm`. Rejects where the browser withholds protected keys or lacks the curve. */
export async function madePair(
  algorithm: 'X25519' | 'Ed25519',
  usages: readonly KeyUsage[],
): Promise<HeldPair> {
  const made = await crypto.subtle.generateKey({ name: algorithm }, false, [...usages])
  if (!('privateKey' in made)) throw new Error(`invariant: ${algorithm} makes pairs`)
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey))
  return { privateKey: made.privateKey, publicKey }
}
