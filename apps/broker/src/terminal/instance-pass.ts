import { z } from 'zod'
import { type Signed, signed } from '../secrets/signed.ts'

/** The header in which one broker shows another that it is one. */
export const INSTANCE_PASS_HEADER = 'latchkey-node'
/** Long enough for clocks that agree as brokers' do. */
const PASS_LIFE_MS = 30_000

const written = z.object({ expiresAt: z.number() })

/**
 * What a broker shows to another when it brings a client's terminal there: such connections all come from one address, without a
 * browser's Origin, and are counted where the client is. Admits to nothing else: whom they carry, the ticket says.
 */
export class InstancePass {
  readonly #clock: () => number
  readonly #signed: Signed<typeof written>

  constructor(parts: { signingKey: Buffer; clock: () => number }) {
    this.#clock = parts.clock
    this.#signed = signed(parts.signingKey, 'node-pass', written)
  }

  issue(): string {
    return this.#signed.write({ expiresAt: this.#clock() + PASS_LIFE_MS })
  }

  isShownBy(header: string | readonly string[] | undefined): boolean {
    if (typeof header !== 'string') return false
    const said = this.#signed.read(header)
    return said !== null && this.#clock() < said.expiresAt
  }
}
