import { join } from 'node:path'
import { BoundedSet } from '@latchkey/domain/bounded'
import { pushWantedFields } from '@latchkey/protocol/terminal/push'
import { z } from 'zod'
import { KeptFile } from '../kept-file.ts'

const record = z.object({ app: z.string().regex(/^[0-9a-f]{32}$/), ...pushWantedFields }).extend({
  subscription: pushWantedFields.subscription.unwrap(),
})
/** How one app wants to be called. */
export type PushRecord = z.output<typeof record>

const file = z.object({ version: z.literal(1), apps: z.array(record) })

/** Not more than the apps that the machine knows. */
const APPS_MAX = 256

/** The apps that want to be called. What they said outlives the process, in a file for the owner of the machine alone. */
export class PushBook {
  readonly #records = new Map<string, PushRecord>()
  /** subscriptions that have ended, though their browsers may not know it */
  readonly #ended = new BoundedSet<string>(APPS_MAX)
  readonly #file: KeptFile | null
  readonly #isKnown: (app: string) => boolean

  /**
   * @param folder null: nothing outlives the process
   * @param isKnown whether the machine still knows this app: the subscriptions of others are neither used nor kept
   */
  constructor(
    folder: string | null,
    isKnown: (app: string) => boolean,
    onTrouble: (message: string) => void,
  ) {
    this.#isKnown = isKnown
    this.#file = folder === null ? null : new KeptFile(join(folder, 'push.json'))
    const text = this.#file?.read()?.toString('utf8') ?? null
    const kept = text === null ? [] : recordsIn(text)
    if (kept === null)
      onTrouble(`${folder}/push.json cannot be read: apps are called again once they were opened.`)
    for (const each of kept ?? []) this.#records.set(each.app, each)
  }

  /** Those that the machine knows still. */
  get all(): readonly PushRecord[] {
    return [...this.#records.values()].filter(({ app }) => this.#isKnown(app))
  }

  get(app: string): PushRecord | null {
    return this.#isKnown(app) ? (this.#records.get(app) ?? null) : null
  }

  /** Resolves once it was written down. The same browser may have been another app before: it is called once. */
  async put(wanted: PushRecord): Promise<void> {
    const before = this.#records.get(wanted.app)
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(wanted)) return
    for (const each of this.#records.values())
      if (each.subscription.endpoint === wanted.subscription.endpoint) this.#records.delete(each.app)
    this.#records.delete(wanted.app)
    this.#records.set(wanted.app, wanted)
    await this.#save()
  }

  /** The push service says that this subscription has ended. */
  async end({ app, subscription }: PushRecord): Promise<void> {
    this.#ended.add(subscription.endpoint)
    await this.drop(app)
  }

  hasEnded(endpoint: string): boolean {
    return this.#ended.has(endpoint)
  }

  async drop(app: string): Promise<void> {
    if (this.#records.delete(app)) await this.#save()
  }

  /** Resolves after all that was asked for has been written. */
  async settled(): Promise<void> {
    await this.#file?.settled()
  }

  async #save(): Promise<void> {
    const apps = this.all.slice(-APPS_MAX)
    this.#records.clear()
    for (const each of apps) this.#records.set(each.app, each)
    await this.#file?.write(`${JSON.stringify({ version: 1, apps })}\n`)
  }
}

function recordsIn(text: string): readonly PushRecord[] | null {
  try {
    return file.parse(JSON.parse(text)).apps
  } catch {
    return null
  }
}
