import { createHash } from 'node:crypto'

/**
 * Compares what was read and writes, for several transactions in a row; nothing else. A record's version is the end of its
 * text. Whoever sends the same batch again, not knowing what became of it, hears what became of it; one that comes later
 * than it was decided for does nothing, so that what a caller was told is lost never happens afterwards.
 *
 * KEYS: the batch's own key. The others are among the arguments: a cluster, which wants them here, is refused anyway.
 * ARGV: decided at, how far behind and ahead of the server that may be, how long to remember (all ms), a version's length;
 * then for each transaction: reads (count, keys, versions), commands (count, then for each how many words, words).
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
local at, last = 6, #ARGV
while at <= last do
  local reads = tonumber(ARGV[at])
  local fresh = true
  if reads > 0 then
    local texts = redis.call('MGET', unpack(ARGV, at + 1, at + reads))
    for read = 1, reads do
      local text = texts[read]
      if (text and string.sub(text, tail) or '') ~= ARGV[at + reads + read] then fresh = false end
    end
  end
  if not fresh then
    for read = 1, reads do stale[ARGV[at + read]] = true end
  end
  at = at + 2 * reads + 1
  local commands = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, commands do
    local words = tonumber(ARGV[at])
    if fresh then
      local reply = redis.pcall(unpack(ARGV, at + 1, at + words))
      if type(reply) == 'table' and reply.err then
        -- Somebody else's value under a founding key gives way; anything else is the server's own trouble.
        if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
        redis.call('DEL', ARGV[at + 2])
        redis.call(unpack(ARGV, at + 1, at + words))
      end
      wrote = true
    end
    at = at + words + 1
  end
  states[#states + 1] = fresh and '1' or '0'
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
