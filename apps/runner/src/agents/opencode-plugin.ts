import { z } from 'zod'
import { AdapterClient, type AskedQuestion } from '../questions/adapter-client.ts'
import {
  ADAPTER_SOCKET_VARIABLE,
  type AdapterQuestion,
  TERMINAL_MARK_VARIABLE,
} from '../questions/adapter-wire.ts'

/**
 * opencode, as a plugin in its own process, so that its terminal is the one in its environment. Facts, seen with opencode 1.18.33:
 *
 * - The event `permission.asked` brings the request; the desk shows its prompt at the same time.
 * - `POST /permission/ID/reply` with `once` or `reject` answers. 200: this answer was taken; 404: another one was first.
 *   The event `permission.replied` comes before that response, and does not say who replied.
 * - `reject` ends the turn. `always` covers patterns for the rest of the session: it is not offered.
 * - `message.part.updated` of the same call says what came of it: `completed` with an exit code, or `error`.
 */

/** The part of opencode's own HTTP client that is used; it reaches the server without a port. */
interface OpencodeClient {
  readonly _client: {
    post(request: {
      readonly url: string
      readonly body: Readonly<Record<string, string>>
      readonly headers: Readonly<Record<string, string>>
    }): Promise<{ readonly response?: { readonly status: number } }>
  }
}
export interface OpencodeContext {
  readonly client: OpencodeClient
  readonly directory: string
}
interface OpencodeHooks {
  readonly event?: (input: { readonly event: unknown }) => Promise<void>
}

const asked = z.object({
  type: z.literal('permission.asked'),
  properties: z.object({
    id: z.string().max(128),
    sessionID: z.string().max(128),
    permission: z.string().max(64),
    patterns: z.array(z.string()).default([]),
    metadata: z
      .object({
        command: z.string().optional(),
        diff: z.string().optional(),
        filepath: z.string().optional(),
      })
      .optional(),
    tool: z.object({ messageID: z.string().max(128), callID: z.string().max(128) }).optional(),
  }),
})
const replied = z.object({
  type: z.literal('permission.replied'),
  properties: z.object({ requestID: z.string(), reply: z.string() }),
})
const part = z.object({
  type: z.literal('message.part.updated'),
  properties: z.object({
    part: z.object({
      callID: z.string(),
      state: z.object({
        status: z.string(),
        metadata: z.object({ exit: z.number().int().nullish() }).optional(),
      }),
    }),
  }),
})
const idle = z.object({ type: z.literal('session.idle'), properties: z.object({ sessionID: z.string() }) })
const event = z.union([asked, replied, part, idle])

type Asked = z.output<typeof asked>['properties']

interface Waiting {
  readonly sessionId: string
  readonly callId: string | null
  readonly question: AskedQuestion
  /** an answer of ours is on its way: its response says whether it was taken */
  answering: boolean
  /** the reply that opencode says it took */
  reply: string | null
}

const CHOICES: AdapterQuestion['choices'] = [
  { id: 'once', label: 'Allow', covers: 'this request, once', effect: 'allow' },
  { id: 'reject', label: 'Deny and stop', covers: 'this request; opencode ends its turn', effect: 'stop' },
]

/** The plugin's function: opencode calls it at its start. Outside a terminal of a runner it does nothing. */
export async function latchkey(
  context: OpencodeContext,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OpencodeHooks> {
  const [path, mark] = [env[ADAPTER_SOCKET_VARIABLE] ?? '', env[TERMINAL_MARK_VARIABLE] ?? '']
  if (path === '' || mark === '') return {}
  const adapter = new OpencodeAdapter(context, new AdapterClient({ path, mark }))
  return { event: async ({ event }) => adapter.hear(event) }
}

class OpencodeAdapter {
  readonly #context: OpencodeContext
  readonly #asker: AdapterClient
  readonly #waiting = new Map<string, Waiting>()

  constructor(context: OpencodeContext, asker: AdapterClient) {
    this.#context = context
    this.#asker = asker
  }

  hear(told: unknown): void {
    const heard = event.safeParse(told).data
    switch (heard?.type) {
      case 'permission.asked':
        return this.#asked(heard.properties)
      case 'permission.replied': {
        const waiting = this.#waiting.get(heard.properties.requestID)
        if (waiting === undefined) return
        waiting.reply = heard.properties.reply
        if (!waiting.answering) this.#decided(waiting, 'desk')
        return
      }
      case 'message.part.updated':
        return this.#updated(heard.properties.part)
      case 'session.idle':
        return this.#idle(heard.properties.sessionID)
      case undefined:
    }
  }

  #asked({ id, sessionID, permission, patterns, metadata, tool }: Asked): void {
    const { command, diff, filepath } = metadata ?? {}
    const isCommand = permission === 'bash' && command !== undefined
    const question: AdapterQuestion = {
      agent: 'opencode',
      kind: isCommand ? 'command' : permission === 'edit' ? 'edit' : 'tool',
      title: `opencode wants to use ${permission}`,
      text: isCommand ? command : (filepath ?? patterns.join('\n')),
      folder: this.#context.directory,
      files: filepath === undefined ? [] : [filepath],
      ...(diff === undefined ? {} : { diff }),
      choices: CHOICES,
      lastsMs: null,
      binding: `opencode ${sessionID} ${tool?.messageID ?? ''} ${tool?.callID ?? ''} ${id}`,
    }
    this.#waiting.set(id, {
      ...{ sessionId: sessionID, callId: tool?.callID ?? null, answering: false, reply: null },
      question: this.#asker.ask(question, {
        answer: (choice) => void this.#answer(id, choice),
        withdrawn: () => void this.#waiting.delete(id),
      }),
    })
  }

  async #answer(id: string, choice: string): Promise<void> {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    waiting.answering = true
    const status = await this.#reply(id, choice)
    if (status === null) return waiting.question.over()
    waiting.question.sent()
    this.#decided(waiting, status === 200 ? 'answer' : 'desk')
  }

  /** The status of the response; null when there was none. */
  async #reply(id: string, reply: string): Promise<number | null> {
    try {
      const { response } = await this.#context.client._client.post({
        url: `/permission/${encodeURIComponent(id)}/reply`,
        body: { reply },
        headers: { 'content-type': 'application/json' },
      })
      return response?.status ?? null
    } catch {
      return null
    }
  }

  #decided({ question, reply }: Waiting, decider: 'answer' | 'desk'): void {
    question.decided(decider, CHOICES.find(({ id }) => id === reply)?.id)
  }

  #updated({ callID, state }: z.output<typeof part>['properties']['part']): void {
    if (state.status !== 'completed' && state.status !== 'error') return
    for (const [id, { callId, question, reply }] of this.#waiting) {
      if (callId !== callID) continue
      this.#waiting.delete(id)
      const exit = state.metadata?.exit ?? undefined
      if (reply === 'reject') question.ended({ outcome: 'declined' })
      else
        question.ended({
          outcome: state.status === 'completed' ? 'ran' : 'failed',
          ...(exit === undefined ? {} : { exit }),
        })
    }
  }

  /** A request of a turn that is over has nothing to come. */
  #idle(session: string): void {
    for (const [id, { sessionId, question }] of this.#waiting) {
      if (sessionId !== session) continue
      this.#waiting.delete(id)
      question.over()
    }
  }
}
