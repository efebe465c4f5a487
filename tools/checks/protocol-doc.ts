import { z } from 'zod'
import { calls, facts, values } from '../../packages/protocol/fixtures/schemas.ts'
import { accountCalls, accountFacts, MARKETPLACE } from '../../packages/protocol/src/accounts.ts'
import { runnerAsks } from '../../packages/protocol/src/runner-apps.ts'
import { CloseReason, DATA_BYTES_MAX, FrameType } from '../../packages/protocol/src/terminal/frames.ts'
import {
  APP_TYPES,
  appMessage,
  RUNNER_TYPES,
  runnerMessage,
} from '../../packages/protocol/src/terminal/messages.ts'
import { Stream } from '../../packages/protocol/src/terminal/streams.ts'
import { PROTOCOL_VERSION } from '../../packages/protocol/src/version.ts'

/** What `z.toJSONSchema` answers, as far as the tables need it. */
interface Shape {
  readonly type?: string | undefined
  readonly properties?: Readonly<Record<string, Shape>> | undefined
  readonly required?: readonly string[] | undefined
  readonly items?: Shape | undefined
  readonly anyOf?: readonly Shape[] | undefined
  readonly oneOf?: readonly Shape[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown
  readonly pattern?: string | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly maxItems?: number | undefined
}

// Through text: the library's own type of its answer knows every draft of JSON Schema, these tables need one.
const shapeOf = (schema: z.ZodType): Shape =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })))
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

/** A field's type in words: `text ≤ 64`, `integer 1–1000`, `list of …`. */
function words(shape: Shape): string {
  const either = shape.anyOf ?? shape.oneOf
  if (either !== undefined) return either.map(words).join(' or ')
  if (shape.const !== undefined) return code(JSON.stringify(shape.const))
  if (shape.enum !== undefined) return shape.enum.map((each) => code(String(each))).join(', ')
  switch (shape.type ?? 'anything') {
    case 'string':
      return `text${between(shape.minLength, shape.maxLength)}${shape.pattern === undefined ? '' : ` ${code(shape.pattern)}`}`
    case 'integer':
    case 'number':
      return `${shape.type}${between(safe(shape.minimum), safe(shape.maximum))}`
    case 'array':
      return `list of ${shape.items === undefined ? 'anything' : words(shape.items)}${between(undefined, shape.maxItems)}`
    case 'object':
      return `{ ${fields(shape).replaceAll('<br>', ', ')} }`
    default:
      return shape.type ?? 'anything'
  }
}

const safe = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound

function between(min: number | undefined, max: number | undefined): string {
  if (min === undefined && max === undefined) return ''
  if (max === undefined) return ` ≥ ${min}`
  return min === undefined || min === 0 ? ` ≤ ${max}` : ` ${min}–${max}`
}

/** `{ name: type, optional?: type }` */
function fields(shape: Shape, without: readonly string[] = []): string {
  const each = Object.entries(shape.properties ?? {})
    .filter(([name]) => !without.includes(name))
    .map(([name, field]) => `${name}${shape.required?.includes(name) === true ? '' : '?'}: ${words(field)}`)
  return each.length === 0 ? '–' : each.join('<br>')
}

/** A value's fields, one alternative under the other. */
function whole(schema: z.ZodType, without: readonly string[] = []): string {
  const shape = shapeOf(schema)
  const either = shape.anyOf ?? shape.oneOf
  return either === undefined
    ? fields(shape, without)
    : either.map((each) => fields(each, without)).join('<br>or<br>')
}

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const numbers = (names: Readonly<Record<string, number>>): string =>
  table(
    ['number', 'name'],
    Object.entries(names).map(([name, value]) => [String(value), code(name)]),
  )

function messages(
  union: typeof appMessage | typeof runnerMessage,
  types: Readonly<Record<string, number>>,
): string {
  const json = new Map(
    union.options.map((option) => [String([...option.shape.type.values][0]), whole(option, ['type'])]),
  )
  const binary: Readonly<Record<string, string>> = {
    credit: 'binary: terminal u16, upTo u64',
    applied: 'binary: terminal u16, upTo u64',
    gap: 'binary: terminal u16, from u64, to u64',
  }
  return table(
    ['number', 'message', 'body'],
    Object.entries(types).map(([name, value]) => [
      String(value),
      code(name),
      json.get(name) ?? binary[name] ?? 'unknown',
    ]),
  )
}

/** docs/protocol.md, made from the schemas alone: they are the only source of the wire. */
export const protocolDocument = (): string => `# The wire

Version ${PROTOCOL_VERSION}. Generated from \`packages/protocol/src\` by \`npm run fix\`: change the schemas, not this file. How the parts
play together is in [ARCHITECTURE.md](../ARCHITECTURE.md); \`packages/protocol/fixtures/v1\` has an example of every
message, with its bytes. A \`?\` marks a field that may be absent. Unknown fields are ignored; fields may be added, a
meaning never changes.

${[control(), linking(), terminals(), http()].join('\n\n')}
`

const control = (): string => `## Control: Socket.IO, default namespace

A call is answered by its acknowledgement, if the caller gave one, and always by the event under *succeeds* or *fails*,
with the same object. A refusal is ${code('success: false')} with the same code as ${code('error')} and ${code('code')}, a ${code('message')} for people and, with ${code('RATE_LIMITED')},
${code('remainingBanTime')} in seconds. Codes: ${values.refusal.shape.code.options.map(code).join(', ')}.

${table(
  ['call', 'request', 'reply', 'succeeds', 'fails'],
  Object.entries(calls)
    .filter(([name]) => !(name in runnerAsks) && !(name in accountCalls))
    .map(([name, call]) => [
      code(name),
      whole(call.request),
      whole(call.reply, ['success']),
      call.succeeds === null ? '–' : code(call.succeeds),
      call.fails === null ? '–' : code(call.fails),
    ]),
)}

Questions of the broker to a runner, answered by acknowledgement alone:

${table(
  ['question', 'request', 'reply'],
  Object.entries(runnerAsks).map(([name, asked]) => [code(name), whole(asked.request), whole(asked.reply)]),
)}

Facts that the broker tells:

${table(
  ['fact', 'fields'],
  Object.entries(facts)
    .filter(([name]) => !(name in accountFacts))
    .map(([name, fact]) => [code(name), whole(fact)]),
)}

In the handshake a client says: ${fields(shapeOf(values['handshake-auth'])).replaceAll('<br>', ', ')}.`

const linking = (): string => `## WhatsApp linking: Socket.IO, namespace \`${MARKETPLACE}\`

Only where linking is switched on. The handshake carries a link token, \`Authorization: Bearer\` or \`auth.token\`: ${fields(shapeOf(values['link-token-claims'])).replaceAll('<br>', ', ')}.
A refused request for a code is told by \`pairing-code-error\`, all other refusals by \`error\`. \`link-state\` is told on every connect and after
every change; the other facts are the founding ones.

${table(
  ['call', 'request', 'reply', 'fails'],
  Object.entries(accountCalls).map(([name, each]) => [
    code(name),
    whole(each.request),
    whole(each.reply, ['success']),
    code(String(each.fails)),
  ]),
)}

${table(
  ['fact', 'fields'],
  Object.entries(accountFacts).map(([name, fact]) => [code(name), whole(fact)]),
)}`

const terminals = (): string => `## Terminals: \`GET /terminal\`, a WebSocket, binary

One message is one frame: \`type u8 ‖ channel u32 ‖ payload\`, big-endian. The broker reads these five bytes and nothing
else of a \`data\` frame. A payload carries at most ${DATA_BYTES_MAX.toLocaleString('en')} bytes of plaintext. The first frame of a client is \`data\`
on channel 0 with its ticket. \`open\` and \`opened\` carry ${fields(shapeOf(values['channel-opening'])).replaceAll('<br>', ', ')}.

${numbers(FrameType)}

\`close\` carries one byte, the reason:

${numbers(CloseReason)}

Inside \`data\`, past the envelope (\`packages/protocol/src/terminal/envelope.ts\`: sealed as PROTOCOL rp1 says, or the identity where a runner lets unsealed apps in):
\`stream u8 ‖ seq u64 ‖ bytes\`; on streams 1 to 4 the bytes begin with the terminal's number, u16.

${numbers(Stream)}

Stream 0 is a list of messages, each \`type u8 ‖ length u16 ‖ body\`. Bodies are JSON but where it says binary.

From app to runner:

${messages(appMessage, APP_TYPES)}

From runner to app:

${messages(runnerMessage, RUNNER_TYPES)}`

const http = (): string => `## HTTP

${table(
  ['value', 'fields'],
  Object.entries(values)
    .filter(([name]) => !['refusal', 'handshake-auth', 'channel-opening'].includes(name))
    .map(([name, schema]) => [name, whole(schema)]),
)}`
