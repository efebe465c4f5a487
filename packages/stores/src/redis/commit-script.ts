import { createHash } from 'node:crypto'

/**
 * Compares what was read and writes, for several transactions in a row; nothing else. A record's version is the end of its
 * text. Whoever sends the same batch again, not knowing what became of it, hears what became of it; one that comes later
 * than it was decided for does nothing, so that what a caller was told is lost never happens afterwards.
 *
 * KEYS: the batch's own key, then every key it names.
 * ARGV: decided at, how far behind and ahead of the server that may be, how long to remember (all ms), a version's length;
 * then for each transaction: reads (count, then key number and version), commands (count, then how many arguments follow
 * the key, name, key number, arguments).
 * Answers: the server's time (ms); a digit for each transaction, 1 for committed, or nothing when it came too late;
 * then key number and text of every record that was not as read.
 */
export const COMMIT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = redis.call('GET', KEYS[1])
if before then return { now, before } end

local late = now - ARGV[1]
if late > tonumber(ARGV[2]) or -late > tonumber(ARGV[3]) then return { now, '' } end

local function versionOf(key)
  local text = redis.pcall('GETRANGE', key, -ARGV[5], -1)
  if type(text) == 'string' then return text end
  return ''
end

local function run(...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then return end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
  redis.call('DEL', (select(2, ...)))
  redis.call(...)
end

local states, stale, wrote = {}, {}, false
local at, last = 6, #ARGV
while at <= last do
  local fresh = true
  local reads = at + 2 * ARGV[at]
  for read = at + 1, reads, 2 do
    local key = tonumber(ARGV[read])
    if versionOf(KEYS[key]) ~= ARGV[read + 1] then
      fresh = false
      stale[key] = true
    end
  end
  at = reads + 2
  for _ = 1, ARGV[reads + 1] do
    local following = tonumber(ARGV[at])
    if fresh then
      run(ARGV[at + 1], KEYS[tonumber(ARGV[at + 2])], unpack(ARGV, at + 3, at + 2 + following))
      wrote = true
    end
    at = at + 3 + following
  end
  states[#states + 1] = fresh and '1' or '0'
end

local answer = { now, table.concat(states) }
if wrote then redis.call('SET', KEYS[1], answer[2], 'PX', ARGV[4]) end
for key in pairs(stale) do
  local text = redis.pcall('GET', KEYS[key])
  answer[#answer + 1] = key
  answer[#answer + 1] = type(text) == 'string' and text or ''
end
return answer
`

export const COMMIT_SCRIPT_SHA1 = createHash('sha1').update(COMMIT_SCRIPT).digest('hex')
