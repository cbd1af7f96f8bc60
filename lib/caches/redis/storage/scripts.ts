import { createHash } from 'node:crypto';

/** A script, and the name by which a server knows it that has run it before. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

/** Milliseconds that nobody's note is needed for. */
const NOTES = 30 * 24 * 3_600_000;
/** Milliseconds. No fence of ours is so far ahead of the server's clock; one that somebody planted must not use up the numbers. */
const AHEAD = 10 * 365 * 24 * 3_600_000;
/** Milliseconds that clocks differ by. */
const SKEW = 5_000;
/** Bytes. No entry is larger (see the disk's); what is must not fill the memory of all who look. */
const LARGEST = 48 * 1024 * 1024;
/** Milliseconds. No turn of ours lasts so long: who can write here must not keep all others from the source. */
const LONGEST_TURN = 60_000;

/** Foreign keys of another type are nothing to us: they must not fail a whole script. */
const READ = `
local function read(key)
  local length = redis.pcall('STRLEN', key)
  if type(length) == 'number' and length > ${LARGEST} then return '' end
  local value = redis.pcall('GET', key)
  if type(value) == 'string' then return value end
  return ''
end
`;

const NOW = `
local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function lastFence(key)
  local last = tonumber(read(key))
  if last and last < now() + ${AHEAD} then return last end
  return 0
end
`;

/** What was read out of turn, by a clock that is ahead, keeps nothing off. An entry is stored as \`fence at sealed\`; the fence is empty where there is none. */
const ORDER = `${READ}${NOW}
local function orderOf(stored)
  return string.match(stored, '^(%d*) ([%d%.]+) ')
end
local function headOf(stored)
  return string.match(stored, '^%d* [%d%.]+ ') or stored
end
local function isAsNew(fence, at, stored)
  local storedFence, storedAt = orderOf(stored)
  if not storedAt then return true end
  local a, b = tonumber(fence), tonumber(storedFence)
  if b and not a then return false end
  if a and b and a ~= b then return a > b end
  local other = tonumber(storedAt) or 0
  if not b and other > now() + ${SKEW} then return true end
  return tonumber(at) >= other
end
`;

/** Each note has a number: who misses one, as pub/sub forgets, sees it in the next, or by asking for the last. */
const NOTE = `
local function note(key, channel, message)
  local number = redis.pcall('INCR', key)
  if type(number) ~= 'number' or number < 1 or number > 9007199254740991 then
    redis.call('SET', key, '1')
    number = 1
  end
  redis.call('PEXPIRE', key, ${NOTES})
  redis.call('PUBLISH', channel, string.format('%.0f ', number) .. message)
end
`;

/** KEYS: entries. */
export const GET = script(`${READ}
local found = {}
for i = 1, #KEYS do found[i] = read(KEYS[i]) end
return found
`);

/** KEYS: the number of notes; of each entry its key, and those that it may be under yet. ARGV: channel, message; of each entry how many keys, fence, at, milliseconds to live, text. */
export const PUT = script(`${ORDER}${NOTE}
local taken, key, any = {}, 2, false
for i = 3, #ARGV, 5 do
  local count, fence, at = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local isNewest = true
  for k = key, key + count - 1 do
    if not isAsNew(fence, at, read(KEYS[k])) then isNewest = false end
  end
  if isNewest then
    redis.call('SET', KEYS[key], ARGV[i + 4], 'PX', ARGV[i + 3])
    for k = key + 1, key + count - 1 do redis.call('DEL', KEYS[k]) end
    any = true
  end
  taken[#taken + 1] = isNewest and '1' or '0'
  key = key + count
end
if any then note(KEYS[1], ARGV[1], ARGV[2]) end
return taken
`);

/** KEYS: the number of notes; entries. ARGV: channel, message. */
export const REMOVE = script(`${NOTE}
local removed = 0
for i = 2, #KEYS do removed = removed + redis.call('DEL', KEYS[i]) end
if removed > 0 then note(KEYS[1], ARGV[1], ARGV[2]) end
return removed
`);

/** KEYS: an entry. ARGV: what it was found to be. */
export const DROP = script(`${READ}
if read(KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

/** KEYS: the number of notes. ARGV: channel, message. */
export const TELL = script(`${NOTE}
note(KEYS[1], ARGV[1], ARGV[2])
return 1
`);

/** KEYS: the fence; numbers of notes. Gives first what no fence is higher than until now, and each is that is given from now on. */
export const COUNT = script(`${READ}${NOW}
local numbers = { string.format('%.0f', math.max(now(), lastFence(KEYS[1]))) }
for i = 2, #KEYS do
  local number = read(KEYS[i])
  numbers[i] = number == '' and '0' or number
end
return numbers
`);

/**
 * KEYS: the fence; the places where turns are noted; entries. ARGV: holder, milliseconds, a fence that has been seen, '1' to take it from others, how many
 * turns; of each entry the head that it is known to have, or '*'.
 * The fence grows past the server's own clock, so that it goes on growing where all that is stored is lost (FLUSHALL, an empty replica).
 */
export const TAKE = script(`${ORDER}
local holder, lease, seen, force, count = ARGV[1], ARGV[2], tonumber(ARGV[3]) or 0, ARGV[4], tonumber(ARGV[5])
if force ~= '1' then
  local left = 0
  for i = 2, count + 1 do
    if read(KEYS[i]) ~= '' then
      local lives = redis.call('PTTL', KEYS[i])
      if lives > left and lives <= ${LONGEST_TURN} then left = lives end
    end
  end
  if left > 0 then return { 'held', string.format('%.0f', left) } end
  for i = count + 2, #KEYS do
    local known = ARGV[4 + i - count]
    if known ~= '*' and headOf(read(KEYS[i])) ~= known then return { 'newer', '0' } end
  end
end
local fence = math.max(lastFence(KEYS[1]) + 1, seen + 1, now())
if not (fence < 9007199254740991) then fence = now() end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], text)
for i = 2, count + 1 do redis.call('SET', KEYS[i], holder, 'PX', lease) end
return { 'won', text }
`);

/** KEYS: turns. ARGV: holder, milliseconds. */
export const EXTEND = script(`${READ}
local kept = 0
for i = 1, #KEYS do
  if read(KEYS[i]) == ARGV[1] then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
    kept = kept + 1
  end
end
return kept
`);

/** KEYS: turns. ARGV: holder. */
export const RELEASE = script(`${READ}
local released = 0
for i = 1, #KEYS do
  if read(KEYS[i]) == ARGV[1] then released = released + redis.call('DEL', KEYS[i]) end
end
return released
`);
