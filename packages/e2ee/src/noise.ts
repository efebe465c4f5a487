import { concatenated } from '@latchkey/protocol/bytes'
import { SymmetricState } from './noise-symmetric.ts'
import { type Aead, type AgreementKey, KEY_BYTES, TAG_BYTES } from './primitives.ts'
import { wipe } from './secret-bytes.ts'

/**
 * The Noise Protocol Framework, revision 34, with 25519, ChaChaPoly and SHA256. Names and order follow its chapter 5, so
 * that the two can be read side by side. rp1 uses one pattern (3.4); the table has those with which others' test vectors
 * are checked as well.
 */
export type NoiseToken = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk'

export interface NoisePattern {
  readonly name: string
  /** one list of tokens a message, the initiator's first; all these patterns have `<- s` before them */
  readonly messages: readonly (readonly NoiseToken[])[]
}

/** `<- s … -> e, es, s, ss, psk  <- e, ee, se`: the one pattern of rp1. */
export const IK_PSK1: NoisePattern = {
  name: 'IKpsk1',
  messages: [
    ['e', 'es', 's', 'ss', 'psk'],
    ['e', 'ee', 'se'],
  ],
}

export interface NoiseOptions {
  readonly aead: Aead
  readonly role: 'initiator' | 'responder'
  readonly pattern: NoisePattern
  readonly prologue: Uint8Array
  /** copied, and wiped at the end; null for a pattern without */
  readonly psk: Uint8Array | null
  /** this end's static key; null for a pattern in which it has none */
  readonly staticKey: AgreementKey | null
  /** this end's one-time key, made and forgotten by the caller, so that nothing here draws random numbers */
  readonly ephemeralKey: AgreementKey
  /** the initiator knows it beforehand */
  readonly responderStatic: Uint8Array
}

/** The outcome of a handshake (5.2, `Split`): one key a direction, and the hash of all that was said. */
export interface NoiseKeys {
  readonly fromInitiator: Uint8Array
  readonly fromResponder: Uint8Array
  readonly handshakeHash: Uint8Array
}

/** One end of one handshake. After a null it is spoiled: throw it away. */
export class NoiseHandshake {
  readonly #options: NoiseOptions
  readonly #symmetric: SymmetricState
  readonly #psk: Uint8Array | null
  readonly #remote: { e: Uint8Array | null; s: Uint8Array | null } = { e: null, s: null }
  #messagesDone = 0

  constructor(options: NoiseOptions) {
    this.#options = options
    this.#psk = options.psk === null ? null : Uint8Array.from(options.psk)
    this.#symmetric = new SymmetricState(
      options.aead,
      `Noise_${options.pattern.name}_25519_ChaChaPoly_SHA256`,
    )
    this.#symmetric.mixHash(options.prologue)
    this.#symmetric.mixHash(options.responderStatic)
    if (options.role === 'initiator') this.#remote.s = options.responderStatic
  }

  /** The other end's static key, known and proved once a message holding it was read. */
  get remoteStatic(): Uint8Array | null {
    return this.#remote.s
  }

  /** The next message, its payload as sealed as the pattern has it by now. Null when a key agreement is impossible. */
  async write(payload: Uint8Array): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = []
    for (const token of this.#nextTokens()) {
      if (token === 'e') {
        parts.push(this.#options.ephemeralKey.publicKey)
        this.#mixEphemeral(this.#options.ephemeralKey.publicKey)
      } else if (token === 's') {
        parts.push(this.#symmetric.encryptAndHash(this.#ownStatic().publicKey))
      } else if (!(await this.#mixSecret(token))) return null
    }
    parts.push(this.#symmetric.encryptAndHash(payload))
    return concatenated(...parts)
  }

  /** The payload of the other end's next message, or null when anything about it is not as it must be. */
  async read(message: Uint8Array): Promise<Uint8Array | null> {
    let rest = message
    const take = (byteCount: number): Uint8Array | null => {
      if (rest.length < byteCount) return null
      const taken = Uint8Array.from(rest.subarray(0, byteCount))
      rest = rest.subarray(byteCount)
      return taken
    }
    for (const token of this.#nextTokens()) {
      if (token === 'e') {
        this.#remote.e = take(KEY_BYTES)
        if (this.#remote.e === null) return null
        this.#mixEphemeral(this.#remote.e)
      } else if (token === 's') {
        const sealed = take(KEY_BYTES + (this.#symmetric.hasKey ? TAG_BYTES : 0))
        this.#remote.s = sealed && this.#symmetric.decryptAndHash(sealed)
        if (this.#remote.s === null) return null
      } else if (!(await this.#mixSecret(token))) return null
    }
    return this.#symmetric.decryptAndHash(rest)
  }

  /** After the last message: the channel's keys. Everything else of the handshake is forgotten. */
  finish(): NoiseKeys {
    const [fromInitiator, fromResponder] = this.#symmetric.split()
    const handshakeHash = this.#symmetric.hash
    this.forget()
    return { fromInitiator, fromResponder, handshakeHash }
  }

  /** Wipes the secrets. The handshake is of no more use. */
  forget(): void {
    this.#symmetric.forget()
    wipe(this.#psk)
  }

  #nextTokens(): readonly NoiseToken[] {
    const tokens = this.#options.pattern.messages[this.#messagesDone++]
    if (tokens === undefined) throw new Error('invariant: this pattern has no further message')
    return tokens
  }

  #ownStatic(): AgreementKey {
    if (this.#options.staticKey === null) throw new Error('invariant: this pattern needs a static key')
    return this.#options.staticKey
  }

  /** In a pattern with a PSK the ephemeral key is mixed into the key as well (9.2), so that nonces never meet again. */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey)
    if (this.#psk !== null) this.#symmetric.mixKey(publicKey)
  }

  async #mixSecret(token: Exclude<NoiseToken, 'e' | 's'>): Promise<boolean> {
    if (token === 'psk') {
      if (this.#psk === null) throw new Error('invariant: this pattern needs a PSK')
      this.#symmetric.mixKeyAndHash(this.#psk)
      return true
    }
    // The first letter names the initiator's key, the second the responder's.
    const [own, theirs] = this.#options.role === 'initiator' ? [token[0], token[1]] : [token[1], token[0]]
    const ownKey = own === 'e' ? this.#options.ephemeralKey : this.#ownStatic()
    const theirKey = theirs === 'e' ? this.#remote.e : this.#remote.s
    const secret = theirKey && (await ownKey.agree(theirKey))
    if (secret === null) return false
    this.#symmetric.mixKey(secret)
    wipe(secret)
    return true
  }
}
