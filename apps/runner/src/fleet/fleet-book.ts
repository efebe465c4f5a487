import { join } from 'node:path'
import {
  type FleetCertificate,
  type FleetRights,
  type FleetStanding,
  judgeDevice,
  judgeList,
  type ListRefusal,
  NO_FLEET,
  rightsNow,
} from '@latchkey/domain/fleet/fleet'
import { fleetSecret, openCertificate, openFleetList } from '@latchkey/e2ee/fleet-list'
import { KEY_BYTES, type Primitives } from '@latchkey/e2ee/primitives'
import type { ProvedApp } from '@latchkey/e2ee/runner-steps'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { z } from 'zod'
import { KeptFile } from '../kept-file.ts'

/** Says in a sentence for the owner why the file cannot be used. */
export class UnusableFleet extends Error {}

export interface FleetBookOptions {
  /** null: the owner is forgotten with this process */
  readonly folder: string | null
  readonly primitives: Pick<Primitives, 'verify'>
  readonly nowMs: () => number
  /** the route tickets, or the devices that are let in, are others now */
  readonly onChanged: () => void
}

const rights = z.object({ type: z.boolean(), approve: z.boolean(), send: z.boolean() })
const fleetFile = z.object({
  version: z.literal(1),
  owner: z.string().nullable(),
  allowed: rights.nullable(),
  list: z.string().nullable(),
})

/** What this machine knows of its owner: the owner's key, what the owner's devices may do here, and the newest list seen. */
export class FleetBook {
  readonly #options: FleetBookOptions
  readonly #file: KeptFile | null
  readonly #listeners = new Set<() => void>()
  #standing: FleetStanding = NO_FLEET
  #bytes: Uint8Array | null = null

  private constructor(options: FleetBookOptions) {
    this.#options = options
    this.#file = options.folder === null ? null : new KeptFile(join(options.folder, 'fleet.json'))
  }

  /** Reads the file. Throws `UnusableFleet`: a guess could take an older list for the newest. */
  static async open(options: FleetBookOptions): Promise<FleetBook> {
    const book = new FleetBook(options)
    const text = book.#file?.read()?.toString('utf8') ?? null
    if (text === null) return book
    const read = fleetFile.safeParse(jsonOf(text))
    const bytes = read.data?.list == null ? null : fromBase64url(read.data.list)
    const opened = bytes === null ? null : await openFleetList(bytes, options.primitives)
    const isWhole = read.success && (read.data.list === null || opened?.list.owner === read.data.owner)
    if (!isWhole)
      throw new UnusableFleet(
        `${options.folder}/fleet.json cannot be read. Move it away: devices of the owner then need a PIN.`,
      )
    book.#standing = { owner: read.data.owner, allowed: read.data.allowed, list: opened?.list ?? null }
    book.#bytes = bytes
    return book
  }

  get standing(): FleetStanding {
    return this.#standing
  }

  /** the newest list as its owner signed it; null before the first */
  get bytes(): Uint8Array | null {
    return this.#bytes
  }

  /** Calls `listener` whenever the owner, the list or the allowed rights have changed. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** An app has become known here: the owner may want to add it. */
  stirred(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Takes an owner. False where there is another one: that one has to be left at the machine first. */
  async adopt(owner: string, allowed: FleetRights): Promise<boolean> {
    if (fromBase64url(owner)?.length !== KEY_BYTES) return false
    if (this.#standing.owner !== null) return this.#standing.owner === owner
    await this.#become({ owner, allowed, list: null }, null)
    return true
  }

  /** What the owner's devices may do here; null: they need a PIN. False where there is no owner. */
  async allow(allowed: FleetRights | null): Promise<boolean> {
    if (this.#standing.owner === null) return false
    await this.#become({ ...this.#standing, allowed }, this.#bytes)
    return true
  }

  /** Belongs to no fleet from now on. */
  async leave(): Promise<boolean> {
    if (this.#standing.owner === null) return false
    await this.#become(NO_FLEET, null)
    return true
  }

  /** A list of any app. Null when it took the place of the one before; else why not. */
  async offered(bytes: Uint8Array): Promise<ListRefusal | 'not-signed' | null> {
    const { primitives, nowMs } = this.#options
    const opened = await openFleetList(bytes, primitives)
    if (opened === null) return 'not-signed'
    const judged = judgeList(this.#standing.list, opened.list, this.#standing.owner, nowMs())
    if (!judged.ok) return judged.refusal
    await this.#become({ ...this.#standing, list: judged.value }, Uint8Array.from(bytes))
    return null
  }

  /** For handshakes and the route ticket; null where the owner's devices need a PIN. */
  secret(): Uint8Array | null {
    const { owner, allowed } = this.#standing
    const key = owner === null || allowed === null ? null : fromBase64url(owner)
    return key === null ? null : fleetSecret(key)
  }

  /** The rights of a device that has proved its key and shows a certificate; null: it is not let in. */
  async admit({ appKey, certificate }: ProvedApp): Promise<FleetRights | null> {
    const { primitives, nowMs } = this.#options
    const shown: FleetCertificate | null =
      certificate === null ? null : await openCertificate(certificate, appKey, primitives)
    const judged = shown === null ? null : judgeDevice(this.#standing, shown, nowMs())
    return judged?.ok === true ? judged.value : null
  }

  /** What a device that came earlier may do now; null when it is out. */
  rightsOf(appKey: Uint8Array): FleetRights | null {
    return rightsNow(this.#standing, base64url(appKey), this.#options.nowMs())
  }

  /** Whether the newest list names this key. */
  names(appKey: Uint8Array): boolean {
    const key = base64url(appKey)
    return this.#standing.list?.devices.some((device) => device.key === key) === true
  }

  /** In effect at once, and resolves when it is written down. */
  async #become(standing: FleetStanding, bytes: Uint8Array | null): Promise<void> {
    this.#standing = standing
    this.#bytes = bytes
    this.#options.onChanged()
    this.stirred()
    await this.#file?.write(fileOf(standing, bytes))
  }
}

const fileOf = ({ owner, allowed }: FleetStanding, bytes: Uint8Array | null): string =>
  `${JSON.stringify({ version: 1, owner, allowed, list: bytes && base64url(bytes) })}\n`

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
