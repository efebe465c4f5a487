import type { ProvedApp, RunnerPolicy } from '@latchkey/e2ee/runner-steps'
import type { FleetBook } from '../fleet/fleet-book.ts'
import type { ShareBook } from '../sharing/share-book.ts'
import { type AdmittedApp, admittedGuest } from './admitted-app.ts'
import type { AppBook } from './app-book.ts'
import type { AppRecord } from './app-file.ts'
import { LOOK, narrowed, permsOf, type Rights, rightsOf } from './rights.ts'

export interface OtherWaysOptions {
  readonly shares: ShareBook | null
  readonly fleet: FleetBook | null
  readonly book: AppBook
  readonly viewOnly: boolean
  readonly randomBytes: (byteCount: number) => Uint8Array
}

/** A device that came by the word of its owner, whose rights are others now; null: it is out. */
export interface ChangedDevice {
  readonly appId: string
  readonly rights: Rights | null
}

const KEY_BYTES = 32

/** The ways in beside code, pairing URL and return: share links, and the word of this machine's owner. */
export class OtherWays {
  readonly #options: OtherWaysOptions

  constructor(options: OtherWaysOptions) {
    this.#options = options
  }

  get policy(): Pick<RunnerPolicy, 'shareSecret' | 'fleetSecret' | 'knownApp'> {
    const { shares, fleet, book } = this.#options
    return {
      shareSecret: (shareId) => shares?.secretOf(shareId) ?? null,
      fleetSecret: () => fleet?.secret() ?? null,
      knownApp: (appId) => {
        const known = book.known(appId)
        const record = book.get(Buffer.from(appId).toString('hex'))
        if (known === null || record === null || !record.fleet) return known
        return this.#rightsOf(record) === null ? { ...known, standing: 'revoked' } : known
      },
    }
  }

  /** From each of them a route ticket is derived. */
  get secrets(): readonly Uint8Array[] {
    const { shares, fleet } = this.#options
    const ofFleet = fleet?.secret() ?? null
    return [...(ofFleet === null ? [] : [ofFleet]), ...(shares?.secrets ?? [])]
  }

  /** Whether this app, or this guest, is let in now. */
  isWelcome(appId: string): boolean {
    const { shares, book } = this.#options
    return book.get(appId)?.standing === 'welcome' || shares?.isWelcome(appId) === true
  }

  /** @param cap the most that the operator's word leaves; null: no word */
  async guest(app: ProvedApp, cap: Rights | null): Promise<AdmittedApp | 'expired' | 'replayed'> {
    const { shares, viewOnly, randomBytes, book } = this.#options
    const guest = (await shares?.admit(app)) ?? 'expired'
    if (typeof guest === 'string') return guest
    return admittedGuest(guest, {
      viewOnly: viewOnly || cap?.type === false,
      revocationRev: book.revocationRev,
      resumeKey: randomBytes(KEY_BYTES),
    })
  }

  /** A device with its owner's certificate is known here from now on, for as long as the owner's list names it. */
  async device(app: ProvedApp): Promise<AppRecord | 'revoked' | 'replayed'> {
    const { fleet, book, viewOnly } = this.#options
    const rights = (await fleet?.admit(app)) ?? null
    if (rights === null) return 'revoked'
    const before = book.apps.find(({ appKey }) => Buffer.from(appKey).equals(app.appKey))
    if (before !== undefined && app.greetedAtMs <= before.greetedAtMs) return 'replayed'
    return book.admit(app, permsOf(viewOnly ? LOOK : rights), true)
  }

  /** The operator's word takes rights away for good: an app that comes back another way has no more of them. */
  async capped(record: AppRecord, cap: Rights | null): Promise<AppRecord> {
    const perms = permsOf(narrowed(rightsOf(record.perms, false), cap))
    if (cap === null || perms === record.perms) return record
    await this.#options.book.permit(record.appId, perms)
    return { ...record, perms }
  }

  /** The devices for which the owner's list, or what it allows here, has changed. */
  changed(): readonly ChangedDevice[] {
    return this.#options.book.apps.flatMap((record) => {
      if (!record.fleet) return []
      // A right that was taken here, or by the operator, is not given back by the owner's list: the device comes anew for that.
      const given = this.#rightsOf(record)
      const rights = given === null ? null : narrowed(rightsOf(record.perms, false), given)
      const isSame = rights !== null && permsOf(rights) === record.perms
      return isSame ? [] : [{ appId: record.appId, rights }]
    })
  }

  #rightsOf({ appKey }: AppRecord): Rights | null {
    const { fleet, viewOnly } = this.#options
    const rights = fleet?.rightsOf(appKey) ?? null
    return rights !== null && viewOnly ? LOOK : rights
  }
}
