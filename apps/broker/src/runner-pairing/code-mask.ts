import { maskCode } from '@latchkey/domain/runner-pairing/code'
import { macFor } from '../secrets/purpose-key.ts'

/** Codes as logs and history may have them: equal ones look equal, none can be guessed back without this broker's key. */
export function codeMask(signingKey: Buffer): (code: string | undefined) => string {
  const macOf = macFor(signingKey, 'code-mask')
  return (code) => maskCode(code === undefined ? null : macOf(code).toString('hex'))
}
