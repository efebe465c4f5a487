import { type CompanyTokenClaims, companyTokenClaims } from '@latchkey/protocol/accounts'
import { jwtVerify, SignJWT } from 'jose'

const LIFE_SECONDS = 24 * 60 * 60
const ALGORITHM = 'HS256'

/** Why a connection is not let in, as the handshake is answered. */
export type TokenRefusal = 'TOKEN_MISSING' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED'

/** Makes and reads the tokens that let a company's page in: HS256 with a secret of their own, a day long. */
export class CompanyTokens {
  readonly #key: Uint8Array
  readonly #clock: () => number

  /** @param clock milliseconds since the epoch */
  constructor(secret: string, clock: () => number) {
    this.#key = new TextEncoder().encode(secret)
    this.#clock = clock
  }

  async mint(claims: CompanyTokenClaims): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const issuedAt = Math.floor(this.#clock() / 1_000)
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFE_SECONDS)
      .sign(this.#key)
    return { token, expiresAt: (issuedAt + LIFE_SECONDS) * 1_000 }
  }

  /** What a token says, and until when it holds; why it says nothing otherwise. */
  async read(
    token: string,
  ): Promise<
    | { readonly ok: true; readonly claims: CompanyTokenClaims; readonly expiresAt: number }
    | { readonly ok: false; readonly code: Exclude<TokenRefusal, 'TOKEN_MISSING'> }
  > {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        requiredClaims: ['exp'],
        currentDate: new Date(this.#clock()),
      })
      const claims = companyTokenClaims.safeParse(payload)
      if (!claims.success) return { ok: false, code: 'TOKEN_INVALID' }
      return { ok: true, claims: claims.data, expiresAt: (payload.exp ?? 0) * 1_000 }
    } catch (problem) {
      const isOld = problem instanceof Error && 'code' in problem && problem.code === 'ERR_JWT_EXPIRED'
      return { ok: false, code: isOld ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID' }
    }
  }
}
