-- The audit trail (docs/audit.md): raw entries wait in audit:in, the sealing
-- task of the workers moves them into the chain `audit`.

local AUDIT_FIELDS = { 'u', 'm', 'a', 't', 'r', 'o', 'c' }

-- Filter -> fields of an entry that it looks at.
local AUDIT_FILTERS = { actor = { 'u', 'm' }, action = { 'a' }, type = { 't' },
    resource = { 'r' }, outcome = { 'o' }, correlation = { 'c' } }

-- Fields with an index, and its name.  Most entries have the outcome
-- `succeeded`: that one is looked at entry by entry, as the types are.
local AUDIT_INDEX = { u = 'actor', m = 'actor', a = 'action', r = 'resource',
    c = 'correlation', o = 'outcome' }

local function audit_index(field, value)
    local name = AUDIT_INDEX[field]
    if not name or value == '' or field == 'o' and value == 'succeeded' then
        return nil
    end
    if name == 'actor' then
        value = string.lower(value)
    end
    if #value > 128 then
        value = redis.sha1hex(value)
    end
    return P .. 'audit:by:' .. name .. ':' .. value
end

-- Nobody removes younger entries, whoever asks.
local AUDIT_KEEP_MS = 400 * 86400000

local function audit_seq(id)
    local ms, seq = string.match(id, '^(%d+)%-(%d+)$')
    return tonumber(seq), tonumber(ms)
end

-- expected seq, expected hash or '-' | n (raw id, id, hash, json, user, mail,
-- action, type, resource, outcome, correlation)...
function F.drs_audit_seal(a)
    local n = int(a[3])
    if not n or n < 1 or #a ~= 3 + n * 11 then
        return bad_call('drs_audit_seal: seq, hash, n, entries')
    end
    local head = fields(P .. 'audit:head', { 'seq', 'hash' })
    local seq = int(head.seq) or 0
    local hash = head.hash == '' and '-' or head.hash
    if a[1] ~= n2s(seq) or a[2] ~= hash then
        return refuse('AUDIT_HEAD_MOVED', 'the last entry is ' .. n2s(seq)
            .. ', not ' .. a[1], 'seq', n2s(seq), 'hash', hash)
    end
    for i = 0, n - 1 do
        local at = 4 + i * 11
        if audit_seq(a[at + 1]) ~= seq + i + 1 or a[at + 3] == '' then
            return bad_call('drs_audit_seal: entry ' .. n2s(i + 1))
        end
    end
    local raw, last = {}, 0
    for i = 0, n - 1 do
        local at = 4 + i * 11
        local id = a[at + 1]
        local args = { 'e', a[at + 3], 'h', a[at + 2] }
        local keys = {}
        for k, f in ipairs(AUDIT_FIELDS) do
            local v = given(a[at + 3 + k]) and a[at + 3 + k] or ''
            args[#args + 1] = f
            args[#args + 1] = v
            keys[#keys + 1] = audit_index(f, v)
        end
        local added = redis.pcall('XADD', P .. 'audit', id, unpack(args))
        if type(added) == 'table' and added.err then
            -- only the first one can be refused: the ids rise
            return refuse('AUDIT_STREAM_AHEAD', 'the stream refuses ' .. id
                .. ': ' .. added.err)
        end
        for _, key in ipairs(keys) do
            redis.call('ZADD', key, n2s(seq + i + 1), id)
        end
        raw[#raw + 1] = a[at]
        last = at
    end
    many('XDEL', P .. 'audit:in', raw)
    redis.call('HSET', P .. 'audit:head', 'seq', n2s(seq + n), 'hash',
        a[last + 2], 'id', a[last + 1], 'in', a[last])
    return ok(n2s(seq + n))
end

-- Entries older than a time leave; the chain itself says up to which.
-- before (ms), at most
function F.drs_audit_trim(a)
    local before, max = int(a[1]), int(a[2])
    if not before or not max or max < 1 or max > 5000 then
        return bad_call('drs_audit_trim: before, at most (1 to 5000)')
    end
    local now = now_ms()
    if before > now - AUDIT_KEEP_MS then
        return refuse('AUDIT_TOO_YOUNG', 'audit entries are kept for at '
            .. 'least 400 days')
    end
    local head = fields(P .. 'audit:head', { 'id' })
    local ids, last = {}, nil
    if before > 0 then
        for _, e in ipairs(redis.call('XRANGE', P .. 'audit', '-',
            n2s(before - 1), 'COUNT', max))
        do
            if e[1] == head.id then
                break
            end
            local f = entry_fields(e)
            for _, name in ipairs(AUDIT_FIELDS) do
                local key = audit_index(name, f[name] or '')
                if key then
                    redis.call('ZREM', key, e[1])
                end
            end
            ids[#ids + 1] = e[1]
            last = f
        end
    end
    if not last then
        return ok('0')
    end
    many('XDEL', P .. 'audit', ids)
    local id = ids[#ids]
    local seq = n2s((audit_seq(id)))
    redis.call('HSET', P .. 'audit:cut', 'seq', seq, 'hash', last.h, 'id', id,
        'at', n2s(now))
    audit('{"time":"' .. iso(now) .. '","actor":{"type":"system","userId":'
        .. '"system:drs-worker","roles":[]},"action":"audit.trim",'
        .. '"resourceType":"audit","resourceId":"' .. id
        .. '","outcome":"succeeded","after":{"throughId":"' .. id
        .. '","throughSeq":' .. seq .. ',"throughHash":"' .. last.h
        .. '","removed":' .. n2s(#ids) .. ',"olderThan":"' .. iso(before)
        .. '"}}')
    return ok(n2s(#ids))
end

-- A refused request without a known caller: of one address only the 1st,
-- 10th, 100th ... within the time is written down, with its number.
-- address, time (ms), entry
function F.drs_audit_sample(a)
    local span = int(a[2])
    if not given(a[1]) or not span or span < 1 or not given(a[3])
        or string.sub(a[3], -1) ~= '}'
    then
        return bad_call('drs_audit_sample: address, time, entry')
    end
    local key = P .. 'audit:seen:' .. string.sub(a[1], 1, 64)
    local n = redis.call('INCR', key)
    if n == 1 then
        redis.call('PEXPIRE', key, span)
    end
    local p = n
    while p >= 10 and p % 10 == 0 do
        p = p / 10
    end
    if p == 1 then
        audit(string.sub(a[3], 1, -2) .. ',"after":{"attempts":' .. n2s(n)
            .. '}}')
    end
    return ok(n2s(n))
end

local function audit_fits(q, e)
    local _, ms = audit_seq(e[1])
    if q.to and ms > q.to then
        return nil
    end
    local f = entry_fields(e)
    for _, w in ipairs(q.filters) do
        local fits = false
        for _, name in ipairs(AUDIT_FILTERS[w[1]]) do
            local v = f[name] or ''
            fits = fits or v == w[2]
                or w[1] == 'actor' and string.lower(v) == string.lower(w[2])
        end
        if not fits then
            return nil
        end
    end
    return f.e
end

-- The shortest index of a filter, or nil: the stream itself is walked.
local function audit_way(q)
    local best, size = nil, nil
    for _, w in ipairs(q.filters) do
        local key = audit_index(AUDIT_FILTERS[w[1]][1], w[2])
        if key then
            local n = redis.call('ZCARD', key)
            if not size or n < size then
                best, size = key, n
            end
        end
    end
    return best
end

-- Up to 200 entries before q.before, newest first.
local function audit_chunk(q)
    if not q.way then
        local stop = q.before and '(' .. q.before or q.to and n2s(q.to) or '+'
        return redis.call('XREVRANGE', P .. 'audit', stop, '-', 'COUNT', 200)
    end
    local stop = q.before and '(' .. n2s((audit_seq(q.before))) or '+inf'
    if not q.before and q.to then
        local e = redis.call('XREVRANGE', P .. 'audit', n2s(q.to), '-',
            'COUNT', 1)[1]
        stop = e and n2s((audit_seq(e[1]))) or '0'
    end
    local t = {}
    for _, id in ipairs(redis.call('ZRANGE', q.way, stop, '-inf', 'BYSCORE',
        'REV', 'LIMIT', 0, 200))
    do
        t[#t + 1] = redis.call('XRANGE', P .. 'audit', id, id)[1]
            or { id, {} }
    end
    return t
end

-- from (ms) or '-', to (ms) or '-', before (id) or '-', limit, n (filter
-- value)...   ->  id to go on before or '-', entry...
function F.drs_audit_find(a)
    local q = { from = given(a[1]) and int(a[1]) or nil,
        to = given(a[2]) and int(a[2]) or nil,
        before = given(a[3]) and a[3] or nil, filters = {} }
    local limit, n = int(a[4]), int(a[5])
    if not limit or limit < 1 or not n or #a ~= 5 + 2 * n
        or q.before and not audit_seq(q.before)
    then
        return bad_call('drs_audit_find: from, to, before, limit, filters')
    end
    for i = 6, #a, 2 do
        if not AUDIT_FILTERS[a[i]] then
            return bad_call('drs_audit_find: filter ' .. a[i])
        end
        q.filters[#q.filters + 1] = { a[i], a[i + 1] }
    end
    q.way = audit_way(q)
    local found = { 'OK', '-' }
    for _ = 1, 10 do
        local chunk = audit_chunk(q)
        for _, e in ipairs(chunk) do
            local _, ms = audit_seq(e[1])
            if q.from and ms < q.from then
                return found
            end
            local json = audit_fits(q, e)
            if json then
                if #found - 2 == limit then
                    found[2] = q.before
                    return found
                end
                found[#found + 1] = json
            end
            q.before = e[1]
        end
        if #chunk < 200 then
            return found
        end
    end
    found[2] = q.before
    return found
end
