import { type Grant, KNOWS_RIGHTS } from '@latchkey/e2ee/grant'
import type { RunnerHandshake } from '@latchkey/e2ee/runner-handshake'
import type { AdmittedGuest } from '../sharing/share-book.ts'
import type { AppRecord } from './app-file.ts'
import { type Rights, rightsOf } from './rights.ts'

/** One try to come in, as the door keeps track of it. */
export interface TrackedHandshake {
  readonly handshake: RunnerHandshake
  /** whether the QR code that was shown when it began has not been used meanwhile */
  readonly isSecretGood: () => boolean
  /** the most that the operator lets it do; null: nothing is taken away */
  readonly cap: Rights | null
}

/** An app that may come in, and what it is given. */
export interface AdmittedApp {
  readonly record: Pick<AppRecord, 'appId' | 'label' | 'createdAtMs'>
  /** the one terminal of a share link; null for an app that this machine knows */
  readonly only: number | null
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
    only: null,
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

/** @param resumeKey opens nothing: a guest comes by its link each time, and a grant has the field */
export function admittedGuest(
  { app, label, terminal, type, knownSinceMs, endsAtMs }: AdmittedGuest,
  how: { readonly viewOnly: boolean; readonly revocationRev: number; readonly resumeKey: Uint8Array },
): AdmittedApp {
  const input = type && !how.viewOnly
  return {
    record: { appId: app, label, createdAtMs: knownSinceMs },
    only: terminal,
    rights: { type: input, approve: false, send: false },
    grant: {
      appId: Uint8Array.from(Buffer.from(app, 'hex')),
      resumeKey: how.resumeKey,
      permissions: { view: true, input, admin: false, approve: false, send: false },
      expiresAtMs: endsAtMs,
      revocationRev: how.revocationRev,
    },
  }
}
