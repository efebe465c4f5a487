import type { Redis } from 'ioredis'
import { MissingRights } from '../missing-rights.ts'
import { HEARTBEAT_PLACE, RUNNER_APPS_PLACE, RUNNER_CODE_PLACE } from './founding-keys.ts'
import { recordPlaces } from './record-text.ts'
import { HISTORY_PLACE } from './write-commands.ts'

/*
 * All rights that a user of Redis needs, in one place. A broker asks for them when it starts: a refusal in the middle
 * of its work would be found by people who pair, and a forbidden channel would not be found at all.
 */

/** Under which names brokers on one database tell each other things: the `key` of Socket.IO's adapter. */
export const channelPrefix = (database: number): string => `latchkey-${database}`

/** Batches are remembered under keys that begin so. */
export const BATCH_PLACE = 'latchkey:batch:'

type Sample = readonly [command: string, ...args: string[]]

/** One need: what the user is told, and calls that stand for it. */
interface Need {
  /** as Redis's ACL writes it: `~pattern` of keys, `&pattern` of channels; null for a command that names none */
  readonly place: string | null
  readonly samples: readonly Sample[]
}

const RECORDS = ['SET', 'DEL', 'MGET', 'PEXPIRE']
/** The commands for each beginning of a key. */
const KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ...recordPlaces.map((place) => [place, RECORDS] as const),
  [BATCH_PLACE, ['GET', 'SET', 'EVAL', 'EVALSHA']],
  [HISTORY_PLACE, ['LPUSH', 'LTRIM', 'LRANGE', 'PEXPIRE']],
  [RUNNER_CODE_PLACE, ['SET', 'DEL', 'PEXPIRE']],
  [RUNNER_APPS_PLACE, ['SADD', 'SREM', 'DEL', 'PEXPIRE']],
  [HEARTBEAT_PLACE, ['SET', 'DEL']],
])
const WITHOUT_KEY: readonly Sample[] = [['TIME'], ['SCAN', '0'], ['INFO'], ['PING']]

/** Arguments as a call of the command has them: a wrong number of them would be refused for another reason. */
function sampleOf(command: string, place: string): Sample {
  const key = `${place}x`
  switch (command) {
    case 'EVAL':
    case 'EVALSHA':
      return [command, 'return 1', '1', key]
    case 'LTRIM':
    case 'LRANGE':
      return [command, key, '0', '1']
    case 'GET':
    case 'DEL':
    case 'MGET':
      return [command, key]
    default:
      return [command, key, '1']
  }
}

function needs(database: number, namespaces: readonly string[]): readonly Need[] {
  const ofKeys = [...KEYS].map(([place, commands]) => ({
    place: `~${place}*`,
    samples: commands.map((command) => sampleOf(command, place)),
  }))
  const prefix = channelPrefix(database)
  const ofChannels = namespaces.flatMap((namespace): readonly Need[] => {
    const [rooms, requests, responses] = [
      `${prefix}#${namespace}#*`,
      `${prefix}-request#${namespace}#*`,
      `${prefix}-response#${namespace}#*`,
    ]
    const both = (pattern: string): readonly Sample[] => [
      ['SUBSCRIBE', pattern.replace('*', 'x')],
      ['PUBLISH', pattern.replace('*', 'x'), 'x'],
    ]
    return [
      // A pattern may be subscribed to only where it is allowed by the letter.
      { place: `&${rooms}`, samples: [['PSUBSCRIBE', rooms], ...both(rooms)] },
      { place: `&${requests}`, samples: both(requests) },
      { place: `&${responses}`, samples: both(responses) },
    ]
  })
  const plain: Need = {
    place: null,
    samples: [...WITHOUT_KEY, ...(database === 0 ? [] : [['SELECT', String(database)] as const])],
  }
  // By their names alone, so that a command that is missing is told from a channel that is.
  const subscribing: Need = {
    place: null,
    samples: ['SUBSCRIBE', 'PSUBSCRIBE', 'PUBLISH', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'PUBSUB'].map(
      (name) => [name] as const,
    ),
  }
  return [...ofKeys, plain, ...ofChannels, ...(namespaces.length === 0 ? [] : [subscribing])]
}

/** Answers a digit for each call: whether the user may make it. Nothing where the server cannot tell (before Redis 7). */
const ASK = `
if not redis.acl_check_cmd then return '' end
local may = {}
for number, call in ipairs(cjson.decode(ARGV[1])) do
  may[number] = redis.acl_check_cmd(unpack(call)) and '1' or '0'
end
return table.concat(may)
`

const NO_PERMISSION = /NOPERM|can't run this command/

/**
 * Rejects with MissingRights, which names all missing rights, when the user of this connection may not do the work of
 * stores and brokers. A server before Redis 7 cannot be asked, and passes.
 * @param namespaces Socket.IO’s, over which broker instances tell each other things; none for a single instance
 */
export async function demandRights(redis: Redis, namespaces: readonly string[]): Promise<void> {
  const database = redis.options.db ?? 0
  const user = redis.options.username ?? 'default'
  const needed = needs(database, namespaces)
  const samples = needed.flatMap((need) => need.samples)
  const missing = (names: readonly string[]) =>
    new MissingRights(
      `its user "${user}" may not use ${names.join(', ')}. Allow all that is needed: ${remedyFor(user, needed)}`,
    )
  let answer: string
  try {
    answer = String(await redis.eval(ASK, 0, JSON.stringify(samples)))
  } catch (problem) {
    if (!(problem instanceof Error && NO_PERMISSION.test(problem.message))) throw problem
    // Without scripts nothing can be asked, and nothing can be kept either.
    throw missing(['the command EVAL'])
  }
  if (answer === '') return
  const denied = new Set(samples.filter((_, index) => answer[index] === '0'))
  if (denied.size > 0) throw missing(namesOf(needed, denied))
}

/** A command that is denied wherever it is needed is missing itself; what else is denied lacks its keys or channels. */
function namesOf(needed: readonly Need[], denied: ReadonlySet<Sample>): readonly string[] {
  const all = needed.flatMap(({ samples }) => samples)
  const commands = new Set(all.map(([command]) => command))
  const places = needed.filter(
    ({ place, samples }) => place !== null && samples.every((one) => denied.has(one)),
  )
  const inPlaces = new Set(places.flatMap(({ samples }) => samples))
  const lost = [...commands].filter((command) => {
    const calls = all.filter(([name]) => name === command)
    const bare = calls.find(({ length }) => length === 1)
    if (bare !== undefined) return denied.has(bare)
    // Where every call is denied for its place already, the command may be allowed.
    return calls.every((call) => denied.has(call)) && !calls.every((call) => inPlaces.has(call))
  })
  const rest = needed.filter(
    ({ place, samples }) =>
      place !== null &&
      samples.some((one) => denied.has(one) && !lost.includes(one[0]) && !inPlaces.has(one)),
  )
  const named = (sign: string) =>
    [...places, ...rest].flatMap(({ place }) => (place?.startsWith(sign) ? [place] : []))
  const part = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what} ${names.join(' ')}`]
  return [...part('the commands', lost), ...part('the keys', named('~')), ...part('the channels', named('&'))]
}

function remedyFor(user: string, needed: readonly Need[]): string {
  const places = needed.flatMap(({ place }) => (place === null ? [] : [place]))
  const commands = new Set(
    needed.flatMap(({ samples }) => samples.map(([command]) => `+${command.toLowerCase()}`)),
  )
  return ['ACL SETUSER', user, ...places, ...commands].join(' ')
}
