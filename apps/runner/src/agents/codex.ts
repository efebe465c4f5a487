import { BoundedMap, BoundedSet } from '@latchkey/domain/bounded'
import { z } from 'zod'
import type { AskedQuestion, Asker } from '../questions/adapter-client.ts'
import type { AdapterQuestion } from '../questions/adapter-wire.ts'
import type { Outcome } from '../questions/question-book.ts'
import { CodexConnection, type RequestId } from './codex-connection.ts'

/**
 * codex, through its app-server. Facts, seen with codex 0.171.0:
 *
 * - A request `item/commandExecution/requestApproval` or `item/fileChange/requestApproval` goes to all clients that have joined
 *   the thread by `thread/resume`, and again to a client that joins later.
 * - The first response is taken; a later one is ignored in silence. `serverRequest/resolved` follows, and does not say who
 *   responded.
 * - `decline` lets the turn go on, `cancel` ends it.
 * - `item/completed` of the same item says what came of it: `completed` or `failed` with an exit code, or `declined`.
 * - A thread cannot be joined before its first turn. Clients that have not joined hear `thread/status/changed` all the same.
 * - Which terminal asks cannot be told from a server that several share: this adapter is for a server of one terminal.
 */

const threadStatus = z.object({ threadId: z.string(), status: z.object({ type: z.string() }) })
const loaded = z.object({ data: z.array(z.string()).max(1_000) })
const about = { threadId: z.string().max(128), turnId: z.string().max(128), itemId: z.string().max(128) }
const commandRequest = z.object({
  ...about,
  approvalId: z.string().max(128).nullish(),
  reason: z.string().nullish(),
  command: z.string().nullish(),
  cwd: z.string().nullish(),
  networkApprovalContext: z.unknown().optional(),
  additionalPermissions: z.unknown().optional(),
})
const fileRequest = z.object({ ...about, reason: z.string().nullish(), grantRoot: z.string().nullish() })
const resolved = z.object({ requestId: z.union([z.number(), z.string()]) })
const change = z.object({ path: z.string(), diff: z.string() })
const item = z.object({
  threadId: z.string(),
  item: z.object({
    id: z.string(),
    status: z.string().optional(),
    exitCode: z.number().int().nullish(),
    changes: z.array(change).optional(),
  }),
})
const turn = z.object({ threadId: z.string(), turn: z.object({ id: z.string() }) })

type Item = z.output<typeof item>['item']

/** More threads of one terminal are not followed at a time. */
const THREADS_MAX = 64
/** Ten seconds: a slow disk needs a tenth of it. */
const JOIN_TRIES = 50
const JOIN_AGAIN_MS = 200
/** File changes that were begun, for the request that may follow each. */
const CHANGES_MAX = 64

const once = (what: string): AdapterQuestion['choices'] => [
  { id: 'accept', label: 'Allow', covers: `${what}, once`, effect: 'allow' },
  { id: 'decline', label: 'Deny', covers: `${what}; codex goes on without it`, effect: 'deny' },
  { id: 'cancel', label: 'Deny and stop', covers: `${what}; codex ends its turn`, effect: 'stop' },
]
const MORE_THAN_A_COMMAND = 'This asks for more than one command. Read and answer it at the machine.'
const WHOLE_FOLDER = 'This asks for all writes in a folder. Read and answer it at the machine.'

interface Waiting {
  readonly threadId: string
  readonly turnId: string
  readonly itemId: string
  readonly question: AskedQuestion
  /** the answer that was given to the server before it said that the request is resolved; null for none */
  decision: string | null
  resolved: boolean
}

/** Brings the questions of one app-server to the runner, and answers to the server. */
export class CodexAdapter {
  readonly #asker: Asker
  readonly #waiting = new Map<RequestId, Waiting>()
  readonly #joined = new BoundedSet<string>(THREADS_MAX)
  readonly #joining = new Set<string>()
  readonly #changes = new BoundedMap<string, readonly z.output<typeof change>[]>(CHANGES_MAX)
  #connection: CodexConnection | null = null
  readonly #onClosed: () => void
  #isClosed = false

  private constructor(asker: Asker, onClosed: () => void) {
    this.#asker = asker
    this.#onClosed = onClosed
  }

  /** Null when no app-server listens at `path`. */
  static async join(
    path: string,
    asker: Asker,
    onClosed: () => void = () => {},
  ): Promise<CodexAdapter | null> {
    const adapter = new CodexAdapter(asker, onClosed)
    adapter.#connection = await CodexConnection.open(path, {
      told: (method, params, request) => adapter.#told(method, params, request),
      closed: () => adapter.#closed(),
    })
    if (adapter.#connection === null) return null
    const threads =
      loaded.safeParse(await adapter.#connection.call('thread/loaded/list', {})).data?.data ?? []
    for (const thread of threads) void adapter.#join(thread)
    return adapter
  }

  close(): void {
    this.#connection?.close()
  }

  /** @param tries a thread that became active can be joined a moment later, when its first turn is on disk */
  async #join(threadId: string, tries = 1): Promise<void> {
    if (this.#joined.has(threadId) || this.#joining.has(threadId)) return
    this.#joining.add(threadId)
    for (let left = tries; left > 0 && !this.#isClosed; left--) {
      const thread = await this.#connection?.call('thread/resume', { threadId, excludeTurns: true })
      if (thread !== null && thread !== undefined) {
        this.#joined.add(threadId)
        break
      }
      if (left > 1) await new Promise((resolve) => setTimeout(resolve, JOIN_AGAIN_MS))
    }
    this.#joining.delete(threadId)
  }

  #told(method: string, params: unknown, request: RequestId | null): void {
    switch (method) {
      case 'thread/status/changed': {
        const changed = threadStatus.safeParse(params).data
        if (changed?.status.type === 'active') void this.#join(changed.threadId, JOIN_TRIES)
        return
      }
      case 'item/commandExecution/requestApproval':
        if (request !== null) this.#asksCommand(params, request)
        return
      case 'item/fileChange/requestApproval':
        if (request !== null) this.#asksFiles(params, request)
        return
      case 'serverRequest/resolved':
        return this.#resolved(params)
      case 'item/started': {
        const started = item.safeParse(params).data?.item
        if (started?.changes !== undefined) this.#changes.set(started.id, started.changes)
        return
      }
      case 'item/completed': {
        const completed = item.safeParse(params).data
        if (completed !== undefined) this.#completed(completed.threadId, completed.item)
        return
      }
      case 'turn/completed': {
        const completed = turn.safeParse(params).data
        if (completed !== undefined) this.#turnCompleted(completed.threadId, completed.turn.id)
        return
      }
      // Other requests are for the desk, other notifications tell nothing of a question.
      default:
    }
  }

  #asksCommand(params: unknown, request: RequestId): void {
    const asked = commandRequest.safeParse(params).data
    if (asked === undefined) return
    const { command, cwd, reason, approvalId, networkApprovalContext, additionalPermissions } = asked
    const isMore = (networkApprovalContext ?? additionalPermissions ?? null) !== null
    this.#ask(asked, request, {
      ...{ agent: 'codex', kind: 'command', title: reason || 'codex wants to run a command', files: [] },
      text: command ?? '',
      ...(cwd ? { folder: cwd } : {}),
      choices: once('this command'),
      ...{ lastsMs: null, binding: bindingOf(asked, approvalId ?? '') },
      ...(isMore || !command ? { deskOnly: MORE_THAN_A_COMMAND } : {}),
    })
  }

  #asksFiles(params: unknown, request: RequestId): void {
    const asked = fileRequest.safeParse(params).data
    if (asked === undefined) return
    const { reason, grantRoot } = asked
    const changes = this.#changes.get(asked.itemId) ?? []
    const isMore = changes.length === 0 || (grantRoot ?? '') !== ''
    this.#ask(asked, request, {
      ...{ agent: 'codex', kind: 'edit', title: reason || 'codex wants to change files' },
      text: changes.map(({ path }) => path).join('\n'),
      files: changes.map(({ path }) => path),
      diff: changes.map(({ path, diff }) => `--- ${path}\n+++ ${path}\n${diff}`).join('\n'),
      choices: once('these changes'),
      ...{ lastsMs: null, binding: bindingOf(asked, '') },
      ...(isMore ? { deskOnly: WHOLE_FOLDER } : {}),
    })
  }

  #ask(asked: z.output<typeof fileRequest>, request: RequestId, question: AdapterQuestion): void {
    if (this.#waiting.has(request)) return
    const { threadId, turnId, itemId } = asked
    const waiting: Waiting = {
      ...{ threadId, turnId, itemId, decision: null, resolved: false },
      question: this.#asker.ask(question, {
        answer: (decision) => this.#answer(request, decision),
        withdrawn: () => void this.#waiting.delete(request),
      }),
    }
    this.#waiting.set(request, waiting)
  }

  #answer(request: RequestId, decision: string): void {
    const waiting = this.#waiting.get(request)
    // The desk was first: the server would ignore it in silence.
    if (waiting === undefined || waiting.resolved) return
    if (this.#connection?.respond(request, { decision }) !== true) return
    waiting.decision = decision
    waiting.question.sent()
  }

  #resolved(params: unknown): void {
    const waiting = this.#waiting.get(resolved.safeParse(params).data?.requestId ?? '')
    if (waiting === undefined) return
    waiting.resolved = true
    // Where an answer of ours was on its way, the server does not say whose was first.
    waiting.question.decided(waiting.decision === null ? 'desk' : 'unknown')
  }

  #completed(threadId: string, { id, status, exitCode }: Item): void {
    for (const [request, waiting] of this.#waiting) {
      if (waiting.threadId !== threadId || waiting.itemId !== id) continue
      this.#waiting.delete(request)
      const outcome = outcomeOf(status, exitCode ?? undefined)
      if (outcome === null) waiting.question.over()
      else waiting.question.ended(outcome)
    }
  }

  /** A turn that was interrupted tells no outcome of its request: an allowed command did not report its end. */
  #turnCompleted(threadId: string, turnId: string): void {
    for (const [request, waiting] of this.#waiting) {
      if (waiting.threadId !== threadId || waiting.turnId !== turnId) continue
      this.#waiting.delete(request)
      if (waiting.decision === null) waiting.question.over()
      else waiting.question.ended({ outcome: waiting.decision === 'accept' ? 'failed' : 'declined' })
    }
  }

  #closed(): void {
    this.#isClosed = true
    for (const { question } of this.#waiting.values()) question.over()
    this.#waiting.clear()
    this.#onClosed()
  }
}

const bindingOf = ({ threadId, turnId, itemId }: z.output<typeof fileRequest>, approvalId: string): string =>
  `codex ${threadId} ${turnId} ${itemId} ${approvalId}`

function outcomeOf(status: string | undefined, exit: number | undefined): Outcome | null {
  if (status === 'declined') return { outcome: 'declined' }
  if (status !== 'completed' && status !== 'failed') return null
  return { outcome: status === 'completed' ? 'ran' : 'failed', ...(exit === undefined ? {} : { exit }) }
}
