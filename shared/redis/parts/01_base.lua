local function n2s(n)
    return string.format('%.0f', n)
end

-- The only clock: milliseconds since 1970.
local function now_ms()
    local t = redis.call('TIME')
    local ms = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
    if TEST_CLOCK then
        ms = ms + (tonumber(redis.call('GET', P .. 'test:offset') or '0') or 0)
    end
    return ms
end

local function ok(...)
    return { 'OK', ... }
end

local function refuse(code, text, ...)
    return { code, text, ... }
end

local function bad_call(text)
    return { 'BAD_CALL', text }
end

-- Whole number in decimal, at most 15 digits; nil for anything else.
local function int(s)
    if type(s) ~= 'string' or #s > 16 or not string.find(s, '^-?%d+$') then
        return nil
    end
    return tonumber(s)
end

local function given(s)
    return s ~= nil and s ~= '' and s ~= '-'
end

local function words(s)
    local t = {}
    for w in string.gmatch(s or '', '%S+') do
        t[#t + 1] = w
    end
    return t
end

-- HMGET as a table by name; a missing field is ''.
local function fields(key, names)
    local v = redis.call('HMGET', key, unpack(names))
    local t = {}
    for i = 1, #names do
        t[names[i]] = v[i] or ''
    end
    return t
end

-- HSET of a table; '' removes a field.  Long tables are cut.
local function hset(key, t)
    local set, del = {}, {}
    for k, v in pairs(t) do
        if v == '' then
            del[#del + 1] = k
        else
            set[#set + 1] = k
            set[#set + 1] = v
        end
    end
    for i = 1, #set, 1000 do
        redis.call('HSET', key, unpack(set, i, math.min(i + 999, #set)))
    end
    for i = 1, #del, 1000 do
        redis.call('HDEL', key, unpack(del, i, math.min(i + 999, #del)))
    end
end

-- command key member member ... for a list of any length
local function many(cmd, key, list)
    for i = 1, #list, 1000 do
        redis.call(cmd, key, unpack(list, i, math.min(i + 999, #list)))
    end
end

-- Text of people as it may stand in JSON: bytes that are no UTF-8 become '?'.
local function clean(s)
    local out, i, n = {}, 1, #s
    while i <= n do
        local c = string.byte(s, i)
        local len = c < 0x80 and 1 or c >= 0xc2 and c < 0xe0 and 2
            or c >= 0xe0 and c < 0xf0 and 3 or c >= 0xf0 and c < 0xf5 and 4
            or 0
        local good = len > 0 and i + len - 1 <= n
        for k = 1, len - 1 do
            local b = good and string.byte(s, i + k) or 0
            good = good and b >= 0x80 and b < 0xc0
            if good and k == 1 then
                good = not (c == 0xe0 and b < 0xa0 or c == 0xed and b > 0x9f
                    or c == 0xf0 and b < 0x90 or c == 0xf4 and b > 0x8f)
            end
        end
        out[#out + 1] = good and string.sub(s, i, i + len - 1) or '?'
        i = i + (good and len or 1)
    end
    return table.concat(out)
end

local function js(s)
    return cjson.encode(clean(s))
end

-- "2026-01-31T23:59:59.123Z"
local function iso(ms)
    local days = math.floor(ms / 86400000)
    local rest = ms - days * 86400000
    local z = days + 719468
    local era = math.floor(z / 146097)
    local doe = z - era * 146097
    local yoe = math.floor((doe - math.floor(doe / 1460)
        + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + math.floor(yoe / 4)
        - math.floor(yoe / 100))
    local mp = math.floor((5 * doy + 2) / 153)
    local d = doy - math.floor((153 * mp + 2) / 5) + 1
    local m = mp < 10 and mp + 3 or mp - 9
    local y = yoe + era * 400 + (m <= 2 and 1 or 0)
    local s = math.floor(rest / 1000)
    return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', y, m, d,
        math.floor(s / 3600), math.floor(s / 60) % 60, s % 60, rest % 1000)
end

-- Name of an actor for people; the document itself is only looked at.
local function actor_name(actor)
    local good, t = pcall(cjson.decode, actor)
    if good and type(t) == 'table' then
        for _, k in ipairs({ 'username', 'email', 'userId', 'type' }) do
            if type(t[k]) == 'string' and t[k] ~= '' then
                return t[k]
            end
        end
    end
    return 'unknown'
end

local function uuid()
    local t = redis.call('TIME')
    local seq = redis.call('HINCRBY', P .. 'meta', 'seq', 1)
    local h = redis.sha1hex(P .. t[1] .. '.' .. t[2] .. '.' .. n2s(seq) .. '.'
        .. tostring(math.random()))
    local v = string.sub('89ab', tonumber(string.sub(h, 17, 17), 16) % 4 + 1)
    return string.sub(h, 1, 8) .. '-' .. string.sub(h, 9, 12) .. '-4'
        .. string.sub(h, 13, 15) .. '-' .. string.sub(v, 1, 1)
        .. string.sub(h, 18, 20) .. '-' .. string.sub(h, 21, 32)
end

-- Event JSON to the global stream, to that of the run, and live.
local function emit(exec, json)
    if not given(json) then
        return
    end
    local eid = '-'
    if exec then
        eid = redis.call('XADD', P .. 'exec:' .. exec .. ':ev', '*', 'e', json)
    end
    local gid = redis.call('XADD', P .. 'events', 'MAXLEN', '~', '10000', '*',
        'e', json)
    redis.call('PUBLISH', P .. 'live', gid .. ' ' .. eid .. ' '
        .. (exec or '-') .. ' ' .. json)
end

local function audit(json)
    if given(json) then
        redis.call('XADD', P .. 'audit:in', '*', 'a', json)
    end
end

-- Refusal when the caller's deadline is over: it was told that nothing happens.
local function too_late(deadline)
    local d = int(deadline or '0') or 0
    if d > 0 and now_ms() >= d then
        return refuse('DEADLINE_PASSED',
            'the request was given up before it could be done')
    end
end
