import { createHmac } from 'node:crypto'
import { maskCode } from '@latchkey/domain/runner-pairing/code'

/** Codes as logs and history may have them: equal ones look equal, none can be guessed back without this broker's key. */
export function codeMask(signingKey: Buffer): (code: string | undefined) => string {
  const key = createHmac('sha256', signingKey).update('code-mask').digest()
  return (code) => maskCode(code === undefined ? null : createHmac('sha256', key).update(code).digest('hex'))
}
