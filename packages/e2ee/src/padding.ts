/**
 * Padding of input (PROTOCOL rp1 3.5), so that lengths tell less: a u16 length first, then the bytes, then zeros
 * up to a multiple of 32.
 */
const PADDED_TO_BYTES = 32
const LENGTH_BYTES = 2
const UNPADDED_BYTES_MAX = 0xffff

/** Null when it is too long for its length to be told: such a plaintext goes as it is. */
export function padded(plaintext: Uint8Array): Uint8Array | null {
  if (plaintext.length > UNPADDED_BYTES_MAX) return null
  const blocks = Math.ceil((LENGTH_BYTES + plaintext.length) / PADDED_TO_BYTES)
  const out = new Uint8Array(blocks * PADDED_TO_BYTES)
  new DataView(out.buffer).setUint16(0, plaintext.length)
  out.set(plaintext, LENGTH_BYTES)
  return out
}

/** Null when it was not padded in this way. */
export function unpadded(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length === 0 || bytes.length % PADDED_TO_BYTES !== 0) return null
  const end = LENGTH_BYTES + ((bytes[0]! << 8) | bytes[1]!)
  const fits = end <= bytes.length && bytes.length - end < PADDED_TO_BYTES
  return fits && bytes.subarray(end).every((byte) => byte === 0) ? bytes.subarray(LENGTH_BYTES, end) : null
}
