import { received } from '@latchkey/protocol/call'
import { type AppsAnswer, type AppsOrder, runnerAsks } from '@latchkey/protocol/runner-apps'
import type { Log } from '../log/log.ts'
import type { PairingNotifier } from './pairing.notifier.ts'

/** A runner writes to its disk before it answers; the console waits no longer than this. */
const ANSWER_WITHIN_MS = 8_000

export type OrderOutcome =
  | { readonly status: 'done'; readonly answer: Extract<AppsAnswer, { readonly ok: true }> }
  | { readonly status: 'no-such-app' }
  /** no connection speaks for the runner: nothing was done */
  | { readonly status: 'offline' }
  /** it may or may not have been done */
  | { readonly status: 'silent' }
  | { readonly status: 'failed' }

interface Parts {
  readonly notifier: PairingNotifier
  readonly log: Log
}

/** Passes on what the operator wants of a runner's apps. The runner knows them and decides; nothing of it is kept here. */
export class RunnerOrders {
  constructor(private readonly parts: Parts) {}

  async give(runnerId: string, order: AppsOrder): Promise<OrderOutcome> {
    const asked = await this.parts.notifier.ask(runnerId, 'runner:apps', order, ANSWER_WITHIN_MS)
    if (order.command !== 'apps')
      this.parts.log.info('runner.ordered', { runnerId, reason: order.command, code: asked.status })
    if (asked.status === 'not-connected') return { status: 'offline' }
    if (asked.status === 'silent') return { status: 'silent' }
    const answer = received(runnerAsks['runner:apps'].reply, asked.answer)
    if (answer === null) return { status: 'failed' }
    if (answer.ok) return { status: 'done', answer }
    return { status: answer.code === 'NO_SUCH_APP' ? 'no-such-app' : 'failed' }
  }
}
