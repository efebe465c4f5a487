import { z } from 'zod'
import type { AskedQuestion, Asker } from '../questions/adapter-client.ts'
import type { AdapterQuestion } from '../questions/adapter-wire.ts'

/**
 * Any agent that speaks the Agent Client Protocol on its standard streams, by standing between it and its editor. Facts of the
 * protocol, one JSON-RPC message a line:
 *
 * - The agent asks by the request `session/request_permission`; the response names the option, or says `cancelled`.
 * - A request is answered once. A response that comes later is not passed on, so that the agent hears one.
 * - `session/update` with a `tool_call_update` of the same `toolCallId` says `completed` or `failed`.
 * - Options of the kinds `…_always` cover more than one request: they are left to the editor.
 */
const id = z.union([z.number(), z.string().max(128)])
const option = z.object({ optionId: z.string().max(64), name: z.string(), kind: z.string() })
const asking = z.object({
  id,
  method: z.literal('session/request_permission'),
  params: z.object({
    sessionId: z.string().max(128),
    toolCall: z.object({
      toolCallId: z.string().max(128),
      title: z.string().nullish(),
      kind: z.string().nullish(),
      rawInput: z.unknown().optional(),
      locations: z.array(z.object({ path: z.string() })).nullish(),
    }),
    options: z.array(option).max(64),
  }),
})
const update = z.object({
  method: z.literal('session/update'),
  params: z.object({
    update: z.object({
      sessionUpdate: z.enum(['tool_call', 'tool_call_update']),
      toolCallId: z.string(),
      status: z.string().nullish(),
    }),
  }),
})
const response = z.object({ id, result: z.unknown().optional(), error: z.unknown().optional() })
const selected = z.object({ outcome: z.object({ outcome: z.literal('selected'), optionId: z.string() }) })

type Asking = z.output<typeof asking>
type Id = z.output<typeof id>

interface Waiting {
  readonly callId: string
  readonly question: AskedQuestion
  /** the kind of the option that was taken; null while none was */
  taken: string | null
}

export interface AcpEnds {
  toAgent(line: string): void
  toEditor(line: string): void
}

/** Passes every line on, and asks the apps what the agent asks its editor. The first answer is the agent's. */
export class AcpRelay {
  readonly #asker: Asker
  readonly #ends: AcpEnds
  readonly #name: string
  readonly #waiting = new Map<Id, Waiting>()
  /** requests that an app answered, whose response of the editor is dropped */
  readonly #answered = new Set<Id>()

  /** @param name how the agent is called on a phone */
  constructor(name: string, asker: Asker, ends: AcpEnds) {
    this.#name = name
    this.#asker = asker
    this.#ends = ends
  }

  fromAgent(line: string): void {
    const message = parsed(line)
    const asked = asking.safeParse(message).data
    if (asked !== undefined) this.#ask(asked)
    const updated = update.safeParse(message).data
    if (updated !== undefined) this.#updated(updated.params.update)
    this.#ends.toEditor(line)
  }

  fromEditor(line: string): void {
    const message = response.safeParse(parsed(line)).data
    const isResponse = message?.result !== undefined || message?.error !== undefined
    if (message !== undefined && isResponse) {
      if (this.#answered.delete(message.id)) return
      this.#desk(message.id, message.result)
    }
    this.#ends.toAgent(line)
  }

  /** The agent has ended. */
  end(): void {
    for (const { question } of this.#waiting.values()) question.over()
    this.#waiting.clear()
  }

  #ask({ id: request, params: { sessionId, toolCall, options } }: Asking): void {
    if (this.#waiting.has(request)) return
    const { toolCallId, title, kind, rawInput, locations } = toolCall
    const once = options.filter((one) => one.kind === 'allow_once' || one.kind === 'reject_once')
    const question: AdapterQuestion = {
      agent: this.#name,
      kind: kind === 'execute' ? 'command' : kind === 'edit' ? 'edit' : 'tool',
      title: title ?? `${this.#name} asks for permission`,
      text: rawInput === undefined ? (title ?? '') : JSON.stringify(rawInput, null, 2),
      files: (locations ?? []).map(({ path }) => path).slice(0, 32),
      choices: once.slice(0, 8).map(({ optionId, name, kind: means }) => ({
        ...{ id: optionId, label: name.slice(0, 128), covers: 'this request, once' },
        effect: means === 'allow_once' ? 'allow' : 'deny',
      })),
      ...{ lastsMs: null, binding: `acp ${sessionId} ${toolCallId} ${request}` },
      ...(once.length === 0
        ? { deskOnly: 'This has no choice for one time. Answer it at the machine.' }
        : {}),
    }
    const asked = this.#asker.ask(question, {
      answer: (optionId) => this.#answer(request, optionId, once),
      withdrawn: () => void this.#waiting.delete(request),
    })
    this.#waiting.set(request, { callId: toolCallId, question: asked, taken: null })
  }

  #answer(request: Id, optionId: string, options: readonly z.output<typeof option>[]): void {
    const waiting = this.#waiting.get(request)
    if (waiting === undefined || waiting.taken !== null) return
    waiting.taken = options.find((one) => one.optionId === optionId)?.kind ?? ''
    this.#answered.add(request)
    const result = { outcome: { outcome: 'selected', optionId } }
    this.#ends.toAgent(JSON.stringify({ jsonrpc: '2.0', id: request, result }))
    waiting.question.sent()
    waiting.question.decided('answer', optionId)
    if (waiting.taken === 'reject_once') this.#end(request, waiting)
  }

  #desk(request: Id, result: unknown): void {
    const waiting = this.#waiting.get(request)
    if (waiting === undefined || waiting.taken !== null) return
    const choice = selected.safeParse(result).data?.outcome.optionId
    waiting.taken = 'desk'
    waiting.question.decided('desk', choice)
  }

  #updated({ toolCallId, status }: z.output<typeof update>['params']['update']): void {
    if (status !== 'completed' && status !== 'failed') return
    for (const [request, { callId, question, taken }] of this.#waiting) {
      if (callId !== toolCallId || taken === null) continue
      this.#waiting.delete(request)
      // A refused call is reported as failed as well: at the desk it is not known which it was.
      if (status === 'completed') question.ended({ outcome: 'ran' })
      else if (taken === 'allow_once') question.ended({ outcome: 'failed' })
      else question.over()
    }
  }

  #end(request: Id, { question }: Waiting): void {
    this.#waiting.delete(request)
    question.ended({ outcome: 'declined' })
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
