local KINDS = {
    pg = { taken = 'PG_NAME_EXISTS', missing = 'PROTECTION_GROUP_NOT_FOUND',
        what = 'protection group' },
    plan = { taken = 'RP_NAME_EXISTS', missing = 'RECOVERY_PLAN_NOT_FOUND',
        what = 'recovery plan' },
    acct = { taken = 'ACCOUNT_EXISTS', missing = 'TARGET_ACCOUNT_NOT_FOUND',
        what = 'target account' },
    sched = { missing = 'SCHEDULE_NOT_FOUND', what = 'schedule' },
    -- names of webhooks need not differ
    hook = { many = true, missing = 'WEBHOOK_NOT_FOUND', what = 'webhook' }
}

-- Execution that keeps one of the plans busy (active and not PAUSED), or nil.
local function busy_plan(plans)
    for _, plan in ipairs(plans) do
        local id = redis.call('GET', P .. 'claim:plan:' .. plan)
        local st = id and redis.call('HGET', P .. 'exec:' .. id, 'status')
        if st and CLASS[st] and CLASS[st].RUNNING then
            return id, plan, st
        end
    end
end

-- A schedule whose plan is deleted.
local function schedule_drop(id)
    redis.call('ZREM', P .. 'sched:ids', '\0' .. id)
    redis.call('DEL', P .. 'sched:' .. id, P .. 'sched:run:' .. id)
    redis.call('HDEL', P .. 'sched:ver', id)
    task_due('schedule:' .. id, 0)
end

local CHECKS = {
    uniq = function(o, id)
        local owner = redis.call('HGET', o.full, o.field)
        if owner and owner ~= id then
            return refuse(o.value, o.field .. ' belongs to ' .. owner,
                'key', o.key, 'field', o.field, 'owner', owner)
        end
    end,
    exists = function(o)
        if redis.call('EXISTS', o.full) == 0 then
            return refuse(o.value, o.key .. ' does not exist', 'key', o.key)
        end
    end,
    free = function(o)
        if redis.call('EXISTS', o.full) == 1 then
            local owner = redis.call('TYPE', o.full).ok == 'string'
                and redis.call('GET', o.full) or ''
            return refuse(o.value, o.key .. ' is taken by ' .. owner,
                'key', o.key, 'executionId', owner)
        end
    end,
    empty = function(o)
        local n = redis.call('SCARD', o.full)
        if n > 0 then
            return refuse(o.value, o.key .. ' has ' .. n2s(n) .. ' members',
                'key', o.key, 'count', n2s(n))
        end
    end,
    fewer = function(o, id)
        local max = int(o.field) or 0
        if redis.call('SCARD', o.full) >= max
            and redis.call('SISMEMBER', o.full, id) == 0
        then
            return refuse(o.value, o.key .. ' has ' .. n2s(max) .. ' members',
                'key', o.key, 'maximum', n2s(max))
        end
    end,
    idle = function(o)
        local id, plan, st = busy_plan(redis.call('SMEMBERS', o.full))
        if id then
            return refuse(o.value, 'execution ' .. id .. ' is ' .. st,
                'key', o.key, 'executionId', id, 'planId', plan,
                'status', st)
        end
    end
}

local APPLY = {
    uniq = function(o, id)
        redis.call('HSET', o.full, o.field, id)
    end,
    ununiq = function(o, id)
        if redis.call('HGET', o.full, o.field) == id then
            redis.call('HDEL', o.full, o.field)
        end
    end,
    sadd = function(o)
        redis.call('SADD', o.full, o.field)
    end,
    srem = function(o)
        redis.call('SREM', o.full, o.field)
    end,
    del = function(o)
        redis.call('DEL', o.full)
    end,
    due = function(o)
        task_due(o.key, int(o.field) or 0)
    end,
    hset = function(o)
        hset(o.full, { [o.field] = o.value })
    end,
    schedules = function(o)
        for _, id in ipairs(redis.call('SMEMBERS', o.full)) do
            schedule_drop(id)
        end
        redis.call('DEL', o.full)
    end
}

local function doc_check(k, d)
    local cur = redis.call('HGET', d.base .. 'ver', d.id)
    if d.mode == 'create' then
        if cur then
            return refuse('ALREADY_EXISTS', k.what .. ' ' .. d.id
                .. ' exists', 'id', d.id)
        end
    elseif not cur then
        return refuse(k.missing, 'no ' .. k.what .. ' ' .. d.id, 'id', d.id)
    elseif given(d.ver) and d.ver ~= cur then
        return refuse('VERSION_CONFLICT', k.what .. ' ' .. d.id
            .. ' has version ' .. cur .. ', not ' .. d.ver,
            'currentVersion', cur)
    end
    d.cur = cur
    if d.mode ~= 'delete' and d.new ~= '' and not k.many then
        local owner = redis.call('HGET', d.base .. 'name', d.new)
        if owner and owner ~= d.id then
            return refuse(k.taken, 'the name belongs to ' .. k.what .. ' '
                .. owner, 'existingId', owner)
        end
    end
end

local function doc_ops(a, first)
    local n, ops = int(a[first]), {}
    if not n or n < 0 or #a < first + 4 * n then
        return nil, bad_call('drs_doc_put: wrong number of index operations')
    end
    for i = 1, n do
        local at = first + 4 * (i - 1)
        local o = { op = a[at + 1], key = a[at + 2], field = a[at + 3],
            value = a[at + 4] }
        if not CHECKS[o.op] and not APPLY[o.op] or o.key == '' then
            return nil, bad_call('drs_doc_put: operation ' .. o.op)
        end
        o.full = P .. o.key
        ops[i] = o
    end
    return ops, nil, a[first + 4 * n + 1]
end

local function doc_write(d)
    if d.old ~= '' and (d.mode == 'delete' or d.old ~= d.new)
        and redis.call('HGET', d.base .. 'name', d.old) == d.id
    then
        redis.call('HDEL', d.base .. 'name', d.old)
    end
    if d.mode ~= 'create' then
        redis.call('ZREM', d.base .. 'ids', d.old .. '\0' .. d.id)
    end
    if d.mode == 'delete' then
        redis.call('DEL', d.base .. d.id)
        redis.call('HDEL', d.base .. 'ver', d.id)
        if d.many then
            redis.call('HDEL', d.base .. 'last', d.id)
        end
        return '0'
    end
    local ver = n2s((int(d.cur or '0') or 0) + 1)
    redis.call('SET', d.base .. d.id, d.doc)
    redis.call('HSET', d.base .. 'ver', d.id, ver)
    redis.call('ZADD', d.base .. 'ids', 0, d.new .. '\0' .. d.id)
    if d.new ~= '' and not d.many then
        redis.call('HSET', d.base .. 'name', d.new, d.id)
    end
    return ver
end

-- kind id mode version oldName newName doc audit event n (op key field value)...
-- [deadline]
function F.drs_doc_put(a)
    local k = KINDS[a[1] or '']
    if not k or #a < 10 then
        return bad_call('drs_doc_put: kind, id, mode, version, names, ...')
    end
    local d = { base = P .. a[1] .. ':', id = a[2], mode = a[3], ver = a[4],
        old = a[5], new = a[6], doc = a[7], many = k.many }
    if d.mode ~= 'create' and d.mode ~= 'update' and d.mode ~= 'delete'
        or d.id == '' or d.id == 'ver' or d.id == 'ids' or d.id == 'name'
        or d.id == 'last'
    then
        return bad_call('drs_doc_put: mode or id')
    end
    local ops, err, deadline = doc_ops(a, 10)
    err = err or too_late(deadline) or doc_check(k, d)
    if err then
        return err
    end
    for _, o in ipairs(ops) do
        err = CHECKS[o.op] and CHECKS[o.op](o, d.id)
        if err then
            return err
        end
    end

    local ver = doc_write(d)
    for _, o in ipairs(ops) do
        if APPLY[o.op] then
            APPLY[o.op](o, d.id)
        end
    end
    audit(a[8])
    emit(nil, a[9])
    return ok(ver)
end

-- name version doc audit event
function F.drs_settings_put(a)
    if #a < 5 or a[1] == '' or a[1] == 'ver' then
        return bad_call('drs_settings_put: name, version, doc, audit, event')
    end
    local cur = redis.call('HGET', P .. 'settings:ver', a[1]) or '0'
    if given(a[2]) and a[2] ~= cur then
        return refuse('VERSION_CONFLICT', 'the settings ' .. a[1]
            .. ' have version ' .. cur .. ', not ' .. a[2],
            'currentVersion', cur)
    end
    local ver = n2s((int(cur) or 0) + 1)
    redis.call('SET', P .. 'settings:' .. a[1], a[3])
    redis.call('HSET', P .. 'settings:ver', a[1], ver)
    audit(a[4])
    emit(nil, a[5])
    return ok(ver)
end

-- audit event
function F.drs_note(a)
    audit(a[1])
    emit(given(a[3]) and redis.call('EXISTS', P .. 'exec:' .. a[3]) == 1
        and a[3] or nil, a[2])
    return ok()
end
