-- Idempotency records: "<hash> -" while running, "<hash> <status> <answer>".

local function idem_key(a)
    return P .. 'idem:' .. a[1] .. ':' .. a[2] .. ':' .. a[3]
end

-- sub route key hash
function F.drs_idem_begin(a)
    if #a < 4 or a[4] == '' or string.find(a[4], '%s') then
        return bad_call('drs_idem_begin: sub, route, key, body hash')
    end
    local v = redis.call('GET', idem_key(a))
    if not v then
        redis.call('SET', idem_key(a), a[4] .. ' -', 'PX', '120000')
        return ok('run')
    end
    local hash, rest = string.match(v, '^(%S+) (.*)$')
    if hash ~= a[4] then
        return ok('reused')
    end
    if rest == '-' then
        return ok('running')
    end
    local status, body = string.match(rest, '^(%d+) (.*)$')
    return ok('replay', status, body)
end

-- sub route key hash status answer
function F.drs_idem_end(a)
    if #a < 6 or not int(a[5]) then
        return bad_call('drs_idem_end: sub, route, key, body hash, status, '
            .. 'answer')
    end
    local v = redis.call('GET', idem_key(a))
    if v and v ~= a[4] .. ' -' then
        return ok()
    end
    if a[5] == '0' then
        redis.call('DEL', idem_key(a))
    else
        redis.call('SET', idem_key(a), a[4] .. ' ' .. a[5] .. ' ' .. a[6],
            'PX', '86400000')
    end
    return ok()
end

function F.drs_version()
    return ok(n2s(SCHEMA), n2s(LIBRARY),
        redis.call('HGET', P .. 'meta', 'schema') or '0',
        TEST_CLOCK and 'test' or 'real')
end

function F.drs_open()
    local cur = int(redis.call('HGET', P .. 'meta', 'schema') or '0') or 0
    if cur > SCHEMA then
        return refuse('SCHEMA_NEWER', 'the data have schema ' .. n2s(cur)
            .. ', this program knows ' .. n2s(SCHEMA), 'schema', n2s(cur))
    end
    redis.call('HSET', P .. 'meta', 'schema', n2s(SCHEMA), 'library',
        n2s(LIBRARY))
    return ok(n2s(SCHEMA), n2s(LIBRARY))
end
