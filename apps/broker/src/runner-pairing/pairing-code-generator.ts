import { randomBytes } from 'node:crypto'
import {
  type CodeAlphabet,
  generatePairingCode,
  parsePairingCode,
} from '@latchkey/domain/runner-pairing/code'
import { Inject, Injectable } from '@nestjs/common'
import { CODE_ALPHABET } from '../wiring.ts'

/** Makes pairing codes `XXX-XXX-XXX` from the platform's random source, every one equally likely. */
@Injectable()
export class PairingCodeGenerator {
  readonly #alphabet: CodeAlphabet

  constructor(@Inject(CODE_ALPHABET) alphabet: CodeAlphabet = 'crockford') {
    this.#alphabet = alphabet
  }

  generate(): string {
    return generatePairingCode((byteCount) => randomBytes(byteCount), this.#alphabet)
  }

  /** Whether a code has the form, whatever its alphabet. */
  validate(code: string): boolean {
    return parsePairingCode(code) !== null
  }
}
