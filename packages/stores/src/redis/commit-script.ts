import { createHash } from 'node:crypto'

/**
 * Compares what was read and writes, for several transactions in a row; nothing else. A record's version is the end of its
 * text. Whoever sends the same batch again, not knowing what became of it, hears what became of it; one that comes later
 * than it was decided for does nothing, so that what a caller was told is lost never happens afterwards.
 *
 * KEYS: the batch's own key. The others are among the arguments: a cluster, which wants them here, is refused anyway.
 * ARGV: decided at, how far behind and ahead of the server that may be, how long to remember (all ms), a version's length;
 * then, as one JSON text, for each transaction: keys read, their versions, commands.
 * Answers: the server's time (ms); a digit for each transaction, 1 for committed, or nothing when it came too late; then
 * key and text of every record that a refused transaction had read, as they stand after the batch.
 */
export const COMMIT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('GET', KEYS[1])
if before then return { now, before } end

local late = now - ARGV[1]
if late > tonumber(ARGV[2]) or -late > tonumber(ARGV[3]) then return { now, '' } end

local tail = -ARGV[5]
local states, stale, wrote = {}, {}, false
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
    for _, command in ipairs(commands) do
      local reply = redis.pcall(unpack(command))
      if type(reply) == 'table' and reply.err then
        -- Somebody else's value under a founding key gives way; anything else is the server's own trouble.
        if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
        redis.call('DEL', command[2])
        redis.call(unpack(command))
      end
      wrote = true
    end
  else
    for _, key in ipairs(keys) do stale[key] = true end
  end
  states[number] = fresh and '1' or '0'
end

local answer = { now, table.concat(states) }
if wrote then redis.call('SET', KEYS[1], answer[2], 'PX', ARGV[4]) end
for key in pairs(stale) do
  local text = redis.call('MGET', key)[1]
  answer[#answer + 1] = key
  answer[#answer + 1] = text or ''
end
return answer
`

export const COMMIT_SCRIPT_SHA1 = createHash('sha1').update(COMMIT_SCRIPT).digest('hex')
