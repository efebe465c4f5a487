import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

/**
 * A stand-in for a model provider on loopback, so that real agents run offline. It does what the prompt says:
 * a line "RUN: <command>" makes the model ask for its shell tool with that command; anything else is answered by "done". Once
 * the outputs of the tools are in the request, it answers "fake model saw: <output>".
 *
 * `POST /v1/responses` has the Responses shape (codex), `POST /v1/chat/completions` the Chat Completions shape (opencode).
 */
export interface ModelServer {
  readonly url: string
  stop(): Promise<void>
}

const tool = z.object({ name: z.string().optional(), function: z.object({ name: z.string() }).optional() })
const part = z.object({ text: z.string().optional(), output: z.string().optional() })
const content = z.union([z.string(), z.array(part), z.null()]).optional()
const entry = z.object({ role: z.string().optional(), type: z.string().optional(), content, output: content })
const body = z.object({
  input: z.union([z.string(), z.array(entry)]).optional(),
  messages: z.array(entry).optional(),
  tools: z.array(tool).optional(),
  model: z.string().optional(),
  stream: z.boolean().optional(),
})
type Entry = z.output<typeof entry>

export async function startModelServer(): Promise<ModelServer> {
  let counter = 0
  const nextId = (prefix: string) => `${prefix}_${String(++counter).padStart(4, '0')}`
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const path = new URL(request.url ?? '/', 'http://model').pathname
    const said = body.safeParse(text === '' ? {} : JSON.parse(text)).data ?? {}
    if (path.endsWith('/responses')) answerResponses(said, nextId, response)
    else if (path.endsWith('/chat/completions')) answerChat(said, nextId, response)
    else if (path.endsWith('/models'))
      json(response, { object: 'list', data: [{ id: 'fake-model', object: 'model' }] })
    else response.writeHead(404).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

type Said = z.output<typeof body>
type NextId = (prefix: string) => string

const textIn = (said: z.output<typeof content>): string =>
  typeof said === 'string' ? said : (said ?? []).map((one) => one.text ?? one.output ?? '').join('\n')

const commandsIn = (text: string) =>
  [...text.matchAll(/^\s*RUN: (.+)$/gm)].map(([, command = '']) => command.trim())

/** The commands still to ask for, or the closing words. */
function decided(entries: readonly Entry[], isOutput: (one: Entry) => boolean) {
  const lastUser = entries.findLastIndex(({ role }) => role === 'user')
  const outputs = entries
    .slice(lastUser + 1)
    .filter(isOutput)
    .map((one) => textIn(one.output ?? one.content))
  const commands = outputs.length > 0 ? [] : commandsIn(textIn(entries[lastUser]?.content))
  return {
    commands,
    words: outputs.length > 0 ? `fake model saw: ${outputs.join(' | ').slice(0, 200)}` : 'done',
  }
}

/** The shell tool among those that the agent offers, with its arguments in the form that it takes; null for none. */
function shellCall(tools: Said['tools'], command: string) {
  const why = 'a test wants it'
  const escalated = { sandbox_permissions: 'require_escalated', justification: why }
  const forms: Readonly<Record<string, object>> = {
    exec_command: { cmd: command, ...escalated },
    shell_command: { command, ...escalated },
    shell: { command: ['bash', '-lc', command], ...escalated },
    bash: { command, description: why },
  }
  const names = (tools ?? []).map((one) => one.name ?? one.function?.name ?? '')
  const name = Object.keys(forms).find((known) => names.includes(known))
  return name === undefined ? null : { name, arguments: JSON.stringify(forms[name]) }
}

const json = (response: ServerResponse, value: object) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))

const events = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })

function answerResponses(said: Said, nextId: NextId, response: ServerResponse): void {
  const input = typeof said.input === 'string' ? [{ role: 'user', content: said.input }] : (said.input ?? [])
  const { commands, words } = decided(input, ({ type }) => type === 'function_call_output')
  const calls = commands.flatMap((command) => shellCall(said.tools, command) ?? [])
  const id = nextId('resp')
  const items =
    calls.length > 0
      ? calls.map((one) => ({
          ...{ type: 'function_call', id: nextId('fc'), call_id: nextId('call'), status: 'completed' },
          ...one,
        }))
      : [
          {
            ...{ type: 'message', id: nextId('msg'), role: 'assistant', status: 'completed' },
            content: [{ type: 'output_text', text: words, annotations: [] }],
          },
        ]
  events(response)
  const send = (type: string, more: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
  send('response.created', { response: { id, object: 'response', status: 'in_progress', output: [] } })
  items.forEach((item, output_index) => {
    send('response.output_item.added', { output_index, item: { ...item, status: 'in_progress' } })
    send('response.output_item.done', { output_index, item })
  })
  const usage = {
    ...{ input_tokens: 1, input_tokens_details: { cached_tokens: 0 }, output_tokens: 1, total_tokens: 2 },
    output_tokens_details: { reasoning_tokens: 0 },
  }
  send('response.completed', {
    response: { id, object: 'response', status: 'completed', output: items, usage },
  })
  response.end()
}

function answerChat(said: Said, nextId: NextId, response: ServerResponse): void {
  const { commands, words } = decided(said.messages ?? [], ({ role }) => role === 'tool')
  const calls = commands.flatMap((command, index) => {
    const made = shellCall(said.tools, command)
    return made === null ? [] : [{ index, id: nextId('call'), type: 'function', function: made }]
  })
  const message =
    calls.length > 0
      ? { role: 'assistant', content: null, tool_calls: calls }
      : { role: 'assistant', content: words }
  const finish_reason = calls.length > 0 ? 'tool_calls' : 'stop'
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  const head = { id: nextId('chat'), created: 1, model: said.model ?? 'fake-model' }
  if (said.stream !== true)
    return void json(response, {
      ...{ ...head, object: 'chat.completion', usage },
      choices: [{ index: 0, message, finish_reason }],
    })
  events(response)
  const send = (choices: readonly object[], more = {}) =>
    response.write(
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`,
    )
  send([{ index: 0, delta: message, finish_reason: null }])
  send([{ index: 0, delta: {}, finish_reason }])
  send([], { usage })
  response.end('data: [DONE]\n\n')
}
