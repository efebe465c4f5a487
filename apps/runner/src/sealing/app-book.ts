import { join } from 'node:path'
import { cleanLabel } from '@latchkey/e2ee/label'
import { firstResumeKeys, renewResumeKeys } from '@latchkey/e2ee/resume-keys'
import {
  openRevocationList,
  REVOCATIONS_MAX,
  type RevocationList,
  signRevocationList,
} from '@latchkey/e2ee/revocation-list'
import type { KnownApp, ProvedApp } from '@latchkey/e2ee/runner-steps'
import { KeptFile } from '../kept-file.ts'
import { type AppRecord, decodeApps, encodeApps } from './app-file.ts'
import { primitives } from './primitives.ts'

/** Signs the list of revoked apps. */
export interface BookOwner {
  readonly runnerId: string
  readonly reach: Uint8Array
  readonly sign: { readonly publicKey: Uint8Array; sign(message: Uint8Array): Promise<Uint8Array> }
}

/** Says in a sentence for the owner why the files cannot be used. */
export class UnusableAppBook extends Error {}

/** Beyond this the app that was away longest is forgotten: it needs a PIN again. */
const APPS_MAX = 256

export interface AppBookOptions {
  /** null: nothing outlives the process */
  readonly folder: string | null
  readonly owner: BookOwner
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly nowMs: () => number
}

/** The apps that this machine knows, and the keys that it refuses for ever. What it answers has been written down. */
export class AppBook {
  readonly #options: AppBookOptions
  readonly #apps = new Map<string, AppRecord>()
  readonly #appFile: KeptFile | null
  readonly #listFile: KeptFile | null
  #revoked: RevocationList = { rev: 0, entries: [] }

  private constructor(options: AppBookOptions) {
    const { folder } = options
    this.#options = options
    this.#appFile = folder === null ? null : new KeptFile(join(folder, 'apps.json'))
    this.#listFile = folder === null ? null : new KeptFile(join(folder, 'revoked'))
  }

  /** Reads the files. Throws `UnusableAppBook`: a guess could admit a revoked app. */
  static async open(options: AppBookOptions): Promise<AppBook> {
    const book = new AppBook(options)
    const list = book.#listFile?.read() ?? null
    if (list !== null) {
      const opened = await openRevocationList(list, options.owner.runnerId, primitives)
      if (opened === null)
        throw new UnusableAppBook(`${options.folder}/revoked is not the list that this machine has signed.`)
      book.#revoked = opened
    }
    const text = book.#appFile?.read()?.toString('utf8') ?? null
    const apps = text === null ? [] : decodeApps(text)
    if (apps === null)
      throw new UnusableAppBook(
        `${options.folder}/apps.json cannot be read. Move it away and start again: apps then pair anew.`,
      )
    // A revocation is written before the app is taken out: what lies between a loss of power ends here.
    for (const app of apps) if (!book.isRevoked(app.appKey)) book.#apps.set(app.appId, app)
    return book
  }

  /** The one seen last comes first. */
  get apps(): readonly AppRecord[] {
    return [...this.#apps.values()].sort((a, b) => b.lastSeenAtMs - a.lastSeenAtMs)
  }

  get revocationRev(): number {
    return this.#revoked.rev
  }

  get(appId: string): AppRecord | null {
    return this.#apps.get(appId) ?? null
  }

  known(appId: Uint8Array): KnownApp | null {
    return this.get(hex(appId))
  }

  isRevoked(appKey: Uint8Array): boolean {
    return this.#revoked.entries.some((entry) => sameBytes(entry.appKey, appKey))
  }

  /** A new app, or one that proves itself anew: it gets a new key, and every old one is worthless. */
  async admit(app: ProvedApp, perms: number, fleet = false): Promise<AppRecord> {
    const { randomBytes, nowMs } = this.#options
    const before = this.apps.find(({ appKey }) => sameBytes(appKey, app.appKey))
    const now = nowMs()
    const record: AppRecord = {
      appId: before?.appId ?? hex(randomBytes(16)),
      appKey: app.appKey,
      label: app.label || before?.label || 'app',
      perms,
      createdAtMs: before?.createdAtMs ?? now,
      lastSeenAtMs: now,
      // Nothing that was greeted with under an old key can be read with the new one.
      greetedAtMs: app.greetedAtMs,
      keys: firstResumeKeys(randomBytes(32)),
      standing: 'welcome',
      deviceId: before?.deviceId ?? null,
      fleet,
    }
    this.#apps.set(record.appId, record)
    for (const { appId } of this.apps.slice(APPS_MAX)) this.#apps.delete(appId)
    await this.#save()
    return record
  }

  /**
   * An app that came back: when it greeted is remembered, and it is offered a new key. `revoked`: it is gone since it
   * began. `replayed`: the same greeting came over two channels at once, and the other was first (SECURITY C44).
   * `cloned`: another one came at the same time, and its key was replaced meanwhile (SECURITY C46).
   */
  async welcomeBack(app: ProvedApp): Promise<AppRecord | 'replayed' | 'revoked' | 'cloned'> {
    const { randomBytes, nowMs } = this.#options
    const before = app.appId && this.get(hex(app.appId))
    if (before === null || before.standing !== 'welcome' || app.resumeKey === null) return 'revoked'
    if (app.greetedAtMs <= before.greetedAtMs) return 'replayed'
    const keys = renewResumeKeys(before.keys, app.resumeKey, randomBytes(32))
    if (keys === null) return 'cloned'
    const { greetedAtMs } = app
    this.#apps.set(before.appId, { ...before, lastSeenAtMs: nowMs(), greetedAtMs, keys })
    await this.#save()
    return this.get(before.appId) ?? 'revoked'
  }

  hold(appId: string): Promise<void> {
    return this.#change(appId, (app) => ({ ...app, standing: 'held' }))
  }

  /** The app signed in as that device. It stays the device's, also where it comes as a stranger later. */
  async cameAs(appId: string, deviceId: string): Promise<void> {
    if (this.get(appId)?.deviceId !== deviceId) await this.#change(appId, (app) => ({ ...app, deviceId }))
  }

  /** Its keys open nothing any more; it may come anew. */
  async forget(appId: string): Promise<void> {
    if (this.#apps.delete(appId)) await this.#save()
  }

  /** Its rights are these from now on, also when it comes back. */
  permit(appId: string, perms: number): Promise<void> {
    return this.#change(appId, (app) => ({ ...app, perms }))
  }

  rename(appId: string, label: string): Promise<void> {
    return this.#change(appId, (app) => ({ ...app, label: cleanLabel(label) || app.label }))
  }

  /** Refuses the key of this app for ever. Rejects when that could not be written down; ask again then. */
  async revoke(appId: string, reason: string): Promise<AppRecord | null> {
    const app = this.get(appId)
    if (app === null) return null
    const { nowMs, owner } = this.#options
    const entry = {
      appId: Uint8Array.from(Buffer.from(appId, 'hex')),
      appKey: app.appKey,
      revokedAtMs: nowMs(),
      reason,
    }
    this.#revoked = {
      rev: this.#revoked.rev + 1,
      entries: [...this.#revoked.entries, entry].slice(-REVOCATIONS_MAX),
    }
    this.#apps.delete(appId)
    try {
      const signed = await signRevocationList(this.#revoked, owner)
      await this.#listFile?.write(signed)
      await this.#save()
    } catch (problem) {
      // Refused from now on, but nothing on the disk says so: it stays in the list, so that it can be said again.
      this.#apps.set(appId, { ...app, standing: 'held' })
      throw problem
    }
    return app
  }

  async #change(appId: string, change: (app: AppRecord) => AppRecord): Promise<void> {
    const app = this.get(appId)
    if (app === null) return
    this.#apps.set(appId, change(app))
    await this.#save()
  }

  async #save(): Promise<void> {
    await this.#appFile?.write(encodeApps(this.#apps.values()))
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
/** For public keys alone: it tells by its time where they differ. */
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
