import {
  type AppSessionId,
  parseAppSessionId,
  parseRunnerId,
  type RunnerId,
} from '@latchkey/domain/runner-pairing/records'
import { PairingError } from './pairing-error.ts'

/**
 * An app session's id as a founding service was given it. Throws INVALID_FORMAT for text that is none: sessions without a name
 * of their own would share one budget.
 */
export function appOf(text: string): AppSessionId {
  const app = parseAppSessionId(text)
  if (app === null)
    throw new PairingError('INVALID_FORMAT', 'an app session id has 1 to 200 printable characters')
  return app
}

/** A runner's id as a founding service was given it. Throws INVALID_FORMAT for text that is none. */
export function runnerOf(text: string): RunnerId {
  const runnerId = parseRunnerId(text)
  if (runnerId === null)
    throw new PairingError('INVALID_FORMAT', 'a runner id has 1 to 200 printable characters')
  return runnerId
}
