import { createHash } from 'node:crypto'

/** What became of one transaction. */
export const State = {
  committed: '1',
  /** something it had read was written by somebody else */
  stale: '0',
  /** the server refused a command, and nothing was written */
  refused: 'n',
  /** the server refused a command when others had been carried out */
  halfDone: 'u',
} as const

/**
 * Compares the records that were read, and writes, for several transactions in a row; nothing else. A record’s version
 * is the end of its text. A batch that is sent again, after a lost answer, is answered with its earlier outcome. A
 * batch that comes too late for its decision does nothing, so that a loss that was reported stays one.
 *
 * KEYS: the batch’s own key. The others are among the arguments: a cluster, which wants them here, is refused anyway.
 * ARGV: decided at, how far behind and ahead of the server that may be, how long to remember (all ms), a version’s
 * length; then, as one JSON text, for each transaction: keys read, their versions, commands.
 * Answers: the server’s time (ms); a letter for each transaction, or nothing when it came too late; the server’s own
 * words about the first command that failed, or nothing; then key and text of every record that a stale transaction had
 * read, as they stand after the batch.
 *
 * A failing command is the server’s trouble and never looks like a lost race: missing rights are found before the first
 * command (Redis 7), and a transaction whose later command fails all the same is carried out as far as it goes.
 */
export const COMMIT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('GET', KEYS[1])
if before then return { now, before, '' } end

local late = now - ARGV[1]
if late > tonumber(ARGV[2]) or -late > tonumber(ARGV[3]) then return { now, '', '' } end

local tail = -ARGV[5]
local states, stale, wrote, trouble = {}, {}, false, ''
local mayRun = redis.acl_check_cmd or function() return true end

local function run(command)
  local reply = redis.pcall(unpack(command))
  if type(reply) ~= 'table' or not reply.err then return nil end
  -- Somebody else's value under a founding key gives way; anything else is the server's own trouble.
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then return reply.err end
  redis.pcall('DEL', command[2])
  reply = redis.pcall(unpack(command))
  return type(reply) == 'table' and reply.err or nil
end

local function carryOut(commands)
  for _, command in ipairs(commands) do
    if not mayRun(unpack(command)) then
      return '${State.refused}', 'NOPERM no permission for ' .. command[1] .. ' on ' .. string.match(command[2], '^%a+:%a+') .. ':*'
    end
  end
  local done, failed = 0, nil
  for _, command in ipairs(commands) do
    local err = run(command)
    if err then failed = failed or err else done = done + 1 end
    if failed and done == 0 then return '${State.refused}', failed end
  end
  if done > 0 then wrote = true end
  return failed and '${State.halfDone}' or '${State.committed}', failed
end

for number, transaction in ipairs(cjson.decode(ARGV[6])) do
  local keys, versions, commands = transaction[1], transaction[2], transaction[3]
  local fresh = true
  if #keys > 0 then
    local texts = redis.call('MGET', unpack(keys))
    for index, version in ipairs(versions) do
      local text = texts[index]
      if (text and string.sub(text, tail) or '') ~= version then fresh = false end
    end
  end
  if fresh then
    local state, failed = carryOut(commands)
    states[number] = state
    if trouble == '' and failed then trouble = failed end
  else
    for _, key in ipairs(keys) do stale[key] = true end
    states[number] = '${State.stale}'
  end
end

local answer = { now, table.concat(states), trouble }
if wrote then redis.call('SET', KEYS[1], answer[2], 'PX', ARGV[4]) end
for key in pairs(stale) do
  local text = redis.call('MGET', key)[1]
  answer[#answer + 1] = key
  answer[#answer + 1] = text or ''
end
return answer
`

export const COMMIT_SCRIPT_SHA1 = createHash('sha1').update(COMMIT_SCRIPT).digest('hex')
