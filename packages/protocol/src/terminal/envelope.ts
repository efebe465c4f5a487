/**
 * The one seam for sealing. A terminal connection hands every plaintext to `seal` and every payload to `open`; today's
 * envelope is the identity, the sealed one of PROTOCOL rp1 replaces it without another line changing.
 */
export interface Envelope {
  seal(plaintext: Uint8Array): Uint8Array
  /** The plaintext, or null when the payload is not authentic: the channel ends. */
  open(payload: Uint8Array): Uint8Array | null
}

/** Terminal bytes as they are. What a broker could read; the pages and the command line say "Not sealed". */
export const unsealed: Envelope = {
  seal: (plaintext) => plaintext,
  open: (payload) => payload,
}
