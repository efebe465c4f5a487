/**
 * The one seam for sealing. A terminal connection hands every plaintext to `seal` and every payload to `open`: a
 * `SealedChannel` of the e2ee package, or the identity where a runner lets an app in unsealed. Nothing else knows which.
 */
export interface Envelope {
  seal(plaintext: Uint8Array): Uint8Array
  /** The plaintext, or null when the payload is not authentic: the channel ends. */
  open(payload: Uint8Array): Uint8Array | null
}

/** Terminal bytes as they are, for a runner that was started with `--allow-unsealed`; pages and command line say "Not sealed". */
export const unsealed: Envelope = {
  seal: (plaintext) => plaintext,
  open: (payload) => payload,
}
