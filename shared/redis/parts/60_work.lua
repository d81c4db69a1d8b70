-- Leased tasks.  The score of a task in `due` is the time it is due, or the end
-- of its lease.

local function kind_matches(task, kinds)
    if kinds == '*' then
        return true
    end
    for _, k in ipairs(words(kinds)) do
        if task == k or string.sub(task, 1, #k + 1) == k .. ':' then
            return true
        end
    end
    return false
end

-- 1 for a task whose execution or schedule was deleted.
local function orphan(task)
    local exec = string.match(task, '^exec:(.+)$')
        or string.match(task, '^term:(.+)$')
    local sched = string.match(task, '^schedule:(.+)$')
    return exec and redis.call('EXISTS', P .. 'exec:' .. exec) == 0
        or sched and redis.call('HEXISTS', P .. 'sched:ver', sched) == 0
end

-- The lease, or nil for an orphan.
local function grant(task, owner, now, till)
    if orphan(task) then
        redis.call('ZREM', P .. 'due', task)
        redis.call('SREM', P .. 'poke', task)
        redis.call('DEL', P .. 'lease:' .. task)
        redis.call('HDEL', P .. 'fence', task)
        return nil
    end
    local fence = n2s(redis.call('HINCRBY', P .. 'fence', task, 1))
    redis.call('DEL', P .. 'lease:' .. task)
    redis.call('HSET', P .. 'lease:' .. task, 'owner', owner, 'fence', fence,
        'until', n2s(till), 'since', n2s(now))
    redis.call('ZADD', P .. 'due', n2s(till), task)
    redis.call('SREM', P .. 'poke', task)
    if string.sub(task, 1, 5) == 'exec:' then
        redis.call('HSET', P .. task, 'fence', fence, 'owner', owner)
    end
    return fence
end

-- owner max leaseMs kinds
function F.drs_task_claim(a)
    local max, lease = int(a[2]), int(a[3])
    if #a < 4 or a[1] == '' or string.find(a[1], '%s') or not max
        or not lease or lease < 1
    then
        return bad_call('drs_task_claim: owner, max, lease ms, kinds')
    end
    if redis.call('SISMEMBER', P .. 'drain', a[1]) == 1
        or redis.call('SISMEMBER', P .. 'drain', '*') == 1
    then
        return ok()
    end
    local now, r, skipped = now_ms(), { 'OK' }, 0
    max = math.min(max, 100)
    while max > 0 and skipped < 5000 do
        local list = redis.call('ZRANGEBYSCORE', P .. 'due', '-inf', n2s(now),
            'LIMIT', n2s(skipped), '100')
        if #list == 0 then
            break
        end
        local seen = 0
        for _, task in ipairs(list) do
            if max == 0 then
                break
            elseif kind_matches(task, a[4]) then
                local fence = grant(task, a[1], now, now + lease)
                if fence then
                    r[#r + 1] = task
                    r[#r + 1] = fence
                    max = max - 1
                end
            else
                seen = seen + 1
            end
        end
        skipped = skipped + seen
    end
    return r
end

-- task owner fence leaseMs
function F.drs_task_renew(a)
    local lease = int(a[4])
    if not lease or lease < 1 then
        return bad_call('drs_task_renew: task, owner, fence, lease ms')
    end
    local err = lease_lost(a[1], a[3], a[2])
    if err then
        return err
    end
    local till = n2s(now_ms() + lease)
    redis.call('HSET', P .. 'lease:' .. a[1], 'until', till)
    redis.call('ZADD', P .. 'due', till, a[1])
    return ok(till)
end

-- task owner fence next
function F.drs_task_release(a)
    if #a < 4 or a[4] ~= '-' and a[4] ~= '=' and not int(a[4]) then
        return bad_call('drs_task_release: task, owner, fence, next time')
    end
    local err = lease_lost(a[1], a[3], a[2])
    if err then
        return err
    end
    local now = now_ms()
    local l = fields(P .. 'lease:' .. a[1], { 'next', 'wish' })
    local at = int(a[4])
    if a[4] == '=' then
        at = int(l.next) or now
    end
    local wish = int(l.wish)
    if wish and (not at or wish < at) then
        at = wish
    end
    if redis.call('SREM', P .. 'poke', a[1]) == 1 then
        at = now
    end
    redis.call('DEL', P .. 'lease:' .. a[1])
    if at then
        redis.call('ZADD', P .. 'due', n2s(at), a[1])
        return ok(n2s(at))
    end
    redis.call('ZREM', P .. 'due', a[1])
    return ok('-')
end

-- task at
function F.drs_task_due(a)
    local at = int(a[2])
    if not at or a[1] == '' then
        return bad_call('drs_task_due: task, time')
    end
    task_due(a[1], at)
    return ok()
end

-- owner: a worker whose process is gone.  Its tasks are due now, and it is
-- forgotten.
function F.drs_task_free(a)
    if not a[1] or a[1] == '' then
        return bad_call('drs_task_free: owner')
    end
    local now, n = now_ms(), 0
    for _, task in ipairs(redis.call('ZRANGEBYSCORE', P .. 'due', '('
        .. n2s(now), '+inf'))
    do
        local lease = P .. 'lease:' .. task
        if redis.call('HGET', lease, 'owner') == a[1] then
            redis.call('HSET', lease, 'until', n2s(now))
            redis.call('ZADD', P .. 'due', n2s(now), task)
            n = n + 1
        end
    end
    redis.call('DEL', P .. 'worker:' .. a[1], P .. 'metrics:' .. a[1])
    redis.call('ZREM', P .. 'workers', a[1])
    redis.call('SREM', P .. 'drain', a[1])
    return ok(n2s(n))
end

-- worker json metrics ttlMs
function F.drs_heartbeat(a)
    local ttl, now = int(a[4]), now_ms()
    if not ttl or ttl < 1 or a[1] == '' then
        return bad_call('drs_heartbeat: worker, JSON, metrics, ttl ms')
    end
    redis.call('SET', P .. 'worker:' .. a[1], a[2], 'PX', n2s(ttl))
    redis.call('SET', P .. 'metrics:' .. a[1], a[3], 'PX', n2s(ttl))
    redis.call('ZADD', P .. 'workers', n2s(now), a[1])
    for _, w in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf',
        n2s(now - 86400000), 'LIMIT', '0', '100'))
    do
        redis.call('ZREM', P .. 'workers', w)
        redis.call('SREM', P .. 'drain', w)
    end
    local drained = redis.call('SISMEMBER', P .. 'drain', a[1]) == 1
        or redis.call('SISMEMBER', P .. 'drain', '*') == 1
    return ok(drained and 'drain' or 'run')
end
