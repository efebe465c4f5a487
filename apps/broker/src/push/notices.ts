import { createHash } from 'node:crypto'
import type { PairingEvent } from '@latchkey/domain/device-pairing/events'
import {
  addWatcher,
  chooseNotices,
  dropWatcher,
  noticeOf,
  readNotices,
} from '@latchkey/domain/device-pairing/notices'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { NoticeKind, Watcher } from '@latchkey/domain/device-pairing/records'
import * as wire from '@latchkey/protocol/notices'
import type { PushOutcome } from '@latchkey/protocol/push'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'
import { failureFields, type Log } from '../log/log.ts'
import { printable } from '../shell/label.ts'
import type { PushUseCases } from './push.use-cases.ts'

/** Many of one kind are one call: the console has the rest. */
const CALLED_AGAIN_MS = 60_000

interface Parts {
  readonly devices: PairingRepository
  readonly push: Pick<PushUseCases, 'ring' | 'publicKey'>
  readonly clock: () => number
  readonly log: Log
}

/** Calls the operator's browsers when something happened that the table of notices names. The message has no content. */
export class Notices {
  readonly #calledAtMs = new Map<NoticeKind, number>()

  constructor(private readonly parts: Parts) {}

  /** Events of devices that this broker instance wrote. */
  heard(events: readonly PairingEvent[]): void {
    for (const event of events) {
      const kind = noticeOf(event)
      if (kind !== null) this.happened(kind)
    }
  }

  happened(kind: NoticeKind): void {
    const nowMs = this.parts.clock()
    if (nowMs - (this.#calledAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < CALLED_AGAIN_MS) return
    this.#calledAtMs.set(kind, nowMs)
    this.#tell(kind).catch((problem: unknown) =>
      this.parts.log.error('notice.not-sent', failureFields(problem)),
    )
  }

  async view(): Promise<wire.NoticesReply> {
    const [{ on }, watchers] = await Promise.all([
      this.parts.devices.run(readNotices()),
      this.parts.devices.listWatchers(),
    ])
    const browsers = watchers.map(({ id, label, createdAt }) => ({ id, label, since: createdAt }))
    return { on: [...on], browsers, pushKey: this.parts.push.publicKey }
  }

  async choose(body: unknown): Promise<wire.NoticesReply> {
    const { on } = read(wire.noticesRequest, body)
    await this.parts.devices.run(chooseNotices({ on: [...new Set(on)] }))
    return this.view()
  }

  async watch(body: unknown): Promise<wire.NoticesReply> {
    const { endpoint, label } = read(wire.watchRequest, body)
    const id = createHash('sha256').update(endpoint).digest('hex')
    const added = await this.parts.devices.run(
      addWatcher({ id, endpoint, label: printable(label) || 'Browser' }),
    )
    if (!added.ok)
      throw new HttpProblem(
        409,
        added.refusal.code,
        `${added.refusal.max} browsers are called already: take one out`,
      )
    return this.view()
  }

  async unwatch(id: string): Promise<wire.NoticesReply> {
    await this.parts.devices.run(dropWatcher({ id }))
    return this.view()
  }

  async test(): Promise<z.input<typeof wire.noticesTestReply>> {
    return { called: await this.#ringAll() }
  }

  async #tell(kind: NoticeKind): Promise<void> {
    if (this.parts.push.publicKey === null) return
    const { on } = await this.parts.devices.run(readNotices())
    if (!on.includes(kind)) return
    const called = await this.#ringAll()
    if (called.length > 0) this.parts.log.info('notice.sent', { reason: kind, count: called.length })
  }

  async #ringAll(): Promise<{ readonly id: string; readonly outcome: PushOutcome }[]> {
    const watchers = await this.parts.devices.listWatchers()
    return Promise.all(watchers.map((watcher) => this.#ring(watcher)))
  }

  /** A browser whose subscription has ended is called no more. */
  async #ring({ id, endpoint }: Watcher): Promise<{ readonly id: string; readonly outcome: PushOutcome }> {
    const outcome = await this.parts.push.ring(endpoint)
    if (outcome === 'gone') await this.parts.devices.run(dropWatcher({ id }))
    return { id, outcome }
  }
}

/** The same repository, telling of the events that it wrote. */
export const telling = (
  repository: PairingRepository,
  tell: (events: readonly PairingEvent[]) => void,
): PairingRepository => ({
  ...repository,
  async run({ keys, decide }) {
    let written: readonly PairingEvent[] = []
    const answer = await repository.run({
      keys,
      decide: (view, now) => {
        const outcome = decide(view, now)
        written = 'need' in outcome ? [] : (outcome.events ?? [])
        return outcome
      },
    })
    if (written.length > 0) tell(written)
    return answer
  },
})

function read<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  throw new HttpProblem(422, 'MALFORMED_REQUEST', 'the request does not look as it should')
}
