import type { Grant } from '@latchkey/e2ee/grant'
import type { RunnerHandshake } from '@latchkey/e2ee/runner-handshake'
import { type AppRecord, MAY_TYPE } from './app-file.ts'

/** One try to come in, as the door keeps track of it. */
export interface TrackedHandshake {
  readonly handshake: RunnerHandshake
  /** whether the QR code that was shown when it began has not been used meanwhile */
  readonly isSecretGood: () => boolean
}

/** An app that may come in, and what it is given. */
export interface AdmittedApp {
  readonly record: AppRecord
  readonly grant: Grant
}

/** @param viewOnly no app types on this machine; earlier grants do not count */
export function admittedApp(record: AppRecord, viewOnly: boolean, revocationRev: number): AdmittedApp {
  const { keys, perms } = record
  return {
    record,
    grant: {
      appId: Uint8Array.from(Buffer.from(record.appId, 'hex')),
      // A copy, since the grant is wiped after it was sent.
      resumeKey: Uint8Array.from(keys.offered ?? keys.confirmed),
      permissions: { view: true, input: (perms & MAY_TYPE) !== 0 && !viewOnly, admin: false },
      expiresAtMs: null,
      revocationRev,
    },
  }
}
