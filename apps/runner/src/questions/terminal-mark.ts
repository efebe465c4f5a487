import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const NONCE_BYTES = 8
const MARK = /^(\d{1,5})\.([0-9a-f]{16})\.([0-9a-f]{64})$/

/**
 * Says which terminal a process is in, to the runner that opened the terminal or a later one of the same machine: a number
 * that only the holder of the machine's key can make. It is in the environment of the terminal's shell, so every program in
 * there has it, and no other program of another terminal is given it.
 */
export class TerminalMarks {
  readonly #key: Buffer
  readonly #randomBytes: (byteCount: number) => Uint8Array

  /** @param secret of the machine; not kept */
  constructor(secret: Uint8Array, randomBytes: (byteCount: number) => Uint8Array) {
    this.#key = createHash('sha256').update('latchkey terminal mark').update(secret).digest()
    this.#randomBytes = randomBytes
  }

  /** A mark for a terminal that is being opened. */
  make(terminal: number): string {
    const nonce = Buffer.from(this.#randomBytes(NONCE_BYTES)).toString('hex')
    return `${terminal}.${nonce}.${this.#proof(terminal, nonce).toString('hex')}`
  }

  /** The number of the terminal; null when this machine did not make the mark. */
  read(mark: string): number | null {
    const [, number = '', nonce = '', proof = ''] = MARK.exec(mark) ?? []
    if (number === '') return null
    const terminal = Number(number)
    return timingSafeEqual(Buffer.from(proof, 'hex'), this.#proof(terminal, nonce)) ? terminal : null
  }

  #proof(terminal: number, nonce: string): Buffer {
    return createHmac('sha256', this.#key).update(`${terminal}.${nonce}`).digest()
  }
}
