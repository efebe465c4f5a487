import { type Grant, KNOWS_RIGHTS } from '@latchkey/e2ee/grant'
import type { RunnerHandshake } from '@latchkey/e2ee/runner-handshake'
import type { AppRecord } from './app-file.ts'
import { type Rights, rightsOf } from './rights.ts'

/** One try to come in, as the door keeps track of it. */
export interface TrackedHandshake {
  readonly handshake: RunnerHandshake
  /** whether the QR code that was shown when it began has not been used meanwhile */
  readonly isSecretGood: () => boolean
}

/** An app that may come in, and what it is given. */
export interface AdmittedApp {
  readonly record: AppRecord
  /** enforced here, whatever the app can read of its grant */
  readonly rights: Rights
  readonly grant: Grant
}

/**
 * @param how.viewOnly no app types on this machine; earlier grants do not count
 * @param how.capabilities of the app's greeting: an older release refuses a grant with bits that it does not know
 */
export function admittedApp(
  record: AppRecord,
  how: { readonly viewOnly: boolean; readonly revocationRev: number; readonly capabilities: number },
): AdmittedApp {
  const { keys, perms } = record
  const rights = rightsOf(perms, how.viewOnly)
  const readsMore = (how.capabilities & KNOWS_RIGHTS) !== 0
  const { revocationRev } = how
  return {
    record,
    rights,
    grant: {
      appId: Uint8Array.from(Buffer.from(record.appId, 'hex')),
      // A copy, since the grant is wiped after it was sent.
      resumeKey: Uint8Array.from(keys.offered ?? keys.confirmed),
      permissions: {
        view: true,
        input: rights.type,
        admin: false,
        approve: readsMore && rights.approve,
        send: readsMore && rights.send,
      },
      expiresAtMs: null,
      revocationRev,
    },
  }
}
