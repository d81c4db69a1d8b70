-- Indexes of executions for lists, and the last execution of each plan.  They
-- are kept by the functions that create, move and delete an execution, and made
-- anew from the headers by drs_reindex.

local IX = { FIELDS = { 'planId', 'planName', 'nameKey', 'type', 'status',
    'startedAt', 'endedAt', 'accounts', 'initiatedBy', 'source', 'pack' },
    PACK = 37 * 1000 }

-- Fields that only the documents of earlier executions have: they are looked
-- at, never written back.
function IX.derive(f, doc)
    local good, t = pcall(cjson.decode, doc)
    local req = good and type(t) == 'table' and t.request
    req = type(req) == 'table' and req or {}
    for name, member in pairs({ initiatedBy = 'initiatedBy',
        source = 'invocationSource' })
    do
        if not f[name] then
            f[name] = type(req[member]) == 'string' and req[member] or ''
        end
    end
    f.nameKey = given(f.nameKey) and f.nameKey or string.lower(f.planName)
end

-- Sorted sets that hold the execution besides exec:start, exec:status:<S>.
function IX.keys(f)
    local t = { 'plan:' .. f.planId, 'type:' .. f.type,
        'name:' .. f.nameKey }
    for w in string.gmatch(f.accounts, '%S+') do
        t[#t + 1] = 'acct:' .. w
    end
    if f.initiatedBy ~= '' then
        t[#t + 1] = 'by:' .. f.initiatedBy
    end
    if f.source ~= '' then
        t[#t + 1] = 'source:' .. string.upper(f.source)
    end
    return t
end

-- How many executions have the plan name; none: the name goes.
function IX.name_count(name)
    local n = redis.call('ZCARD', P .. 'exec:name:' .. name)
    if n > 0 then
        redis.call('HSET', P .. 'exec:names', name, n2s(n))
    else
        redis.call('HDEL', P .. 'exec:names', name)
    end
end

-- Ids stand in packs of 37 bytes each, a blank behind: a part of an id is
-- found in them without a look at every execution.  Where: "<pack>:<offset>".
function IX.pack(id, f)
    local n, at = string.match(f.pack or '', '^(%d+):(%d+)$')
    if n and redis.call('GETRANGE', P .. 'exec:pack:' .. n, at, at + #id - 1)
        == id
    then
        return
    end
    if #id ~= 36 then
        return
    end
    n = redis.call('HGET', P .. 'meta', 'packs') or '1'
    if redis.call('STRLEN', P .. 'exec:pack:' .. n) >= IX.PACK then
        n = n2s(int(n) + 1)
    end
    redis.call('HSET', P .. 'meta', 'packs', n)
    local len = redis.call('APPEND', P .. 'exec:pack:' .. n, id .. ' ')
    redis.call('HSET', P .. 'exec:' .. id, 'pack', n .. ':'
        .. n2s(len - 37))
end

function IX.unpack(f)
    local n, at = string.match(f.pack, '^(%d+):(%d+)$')
    if not n then
        return
    end
    local key = P .. 'exec:pack:' .. n
    redis.call('SETRANGE', key, at, string.rep(' ', 36))
    if not string.find(redis.call('GET', key), '%S') then
        redis.call('DEL', key)
    end
end

function IX.add(id, f)
    IX.pack(id, f)
    redis.call('ZADD', P .. 'exec:start', f.startedAt, id)
    redis.call('ZADD', P .. 'exec:status:' .. f.status, f.startedAt, id)
    for _, k in ipairs(IX.keys(f)) do
        redis.call('ZADD', P .. 'exec:' .. k, f.startedAt, id)
    end
    IX.name_count(f.nameKey)
end

function IX.remove(id, f)
    IX.unpack(f)
    redis.call('ZREM', P .. 'exec:start', id)
    redis.call('ZREM', P .. 'exec:status:' .. f.status, id)
    for _, k in ipairs(IX.keys(f)) do
        redis.call('ZREM', P .. 'exec:' .. k, id)
    end
    IX.name_count(f.nameKey)
end

-- What is said of the plan's last execution, after any change of it.
function IX.last(plan)
    local id = redis.call('ZREVRANGE', P .. 'exec:plan:' .. plan, 0, 0)[1]
    local old = redis.call('HGET', P .. 'plan:last', plan)
    local was = old and string.match(old, '^%S+ (%S+)')
    local st
    if id then
        local f = fields(P .. 'exec:' .. id, { 'status', 'startedAt',
            'endedAt' })
        st = f.status
        redis.call('HSET', P .. 'plan:last', plan, id .. ' ' .. st .. ' '
            .. f.startedAt .. ' ' .. (f.endedAt ~= '' and f.endedAt or '0'))
        redis.call('SADD', P .. 'plan:status:' .. st, plan)
    elseif old then
        redis.call('HDEL', P .. 'plan:last', plan)
    end
    if was and was ~= st then
        redis.call('SREM', P .. 'plan:status:' .. was, plan)
    end
end

-- Header of an execution as the indexes need it; nil: there is none.
function IX.header(id)
    local key = P .. 'exec:' .. id
    local f = fields(key, IX.FIELDS)
    if f.status == '' then
        return nil
    end
    if f.nameKey == '' then
        f.nameKey, f.initiatedBy, f.source = nil, nil, nil
        IX.derive(f, redis.call('HGET', key, 'doc') or '')
    end
    return f
end

-- Puts one execution where its header says; 1 if it is there.
function IX.rebuild(id)
    local f = IX.header(id)
    if not f then
        redis.call('ZREM', P .. 'exec:start', id)
        return 0
    end
    redis.call('HSET', P .. 'exec:' .. id, 'nameKey', f.nameKey,
        'initiatedBy', f.initiatedBy, 'source', f.source)
    for st in pairs(CLASS) do
        if st ~= f.status then
            redis.call('ZREM', P .. 'exec:status:' .. st, id)
        end
    end
    IX.add(id, f)
    IX.last(f.planId)
    return 1
end

-- first (rank in exec:start, 0) n   ->   rank to go on at or '-', executions
function F.drs_reindex(a)
    local first, n = int(a[1] or '0'), int(a[2] or '1000')
    if not first or first < 0 or not n or n < 1 then
        return bad_call('drs_reindex: rank to begin at, number')
    end
    local ids = redis.call('ZRANGE', P .. 'exec:start', first, first + n - 1)
    local there = 0
    for _, id in ipairs(ids) do
        there = there + IX.rebuild(id)
    end
    return ok(#ids == n and n2s(first + there) or '-', n2s(there))
end
