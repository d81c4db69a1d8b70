-- Delivery of notifications.  A channel is `sns.exec`, `sns.alerts` or
-- `hook.<webhookId>`; it has one queue for each scope (execution), in order.
-- The task `notify:<channel>` sends the head of every queue that is due.

local function outbox_push(channel, id, scope, kind, at, body)
    local d = P .. 'outbox:d:' .. id
    if redis.call('EXISTS', d) == 1 then
        return
    end
    redis.call('HSET', d, 'channel', channel, 'scope', scope, 'type', kind,
        'at', n2s(at), 'attempts', '0', 'body', body)
    redis.call('ZADD', P .. 'outbox:open', n2s(at), id)
    redis.call('RPUSH', P .. 'outbox:q:' .. channel .. ':' .. scope, id)
    redis.call('ZADD', P .. 'outbox:due:' .. channel, 'NX', n2s(at), scope)
    task_due('notify:' .. channel, now_ms())
end

-- key scope type json event
function F.drs_outbox_put(a)
    if #a < 4 or a[1] == '' or a[2] == '' or a[3] == '' or a[4] == '' then
        return bad_call('drs_outbox_put: key, scope, type, JSON, event')
    end
    if not outbox_add(a[1], a[2], a[3], a[4]) then
        return ok('repeat')
    end
    emit(nil, a[5])
    return ok('added')
end

-- channel deliveryId scope type body audit: past the outbox, for a test
function F.drs_outbox_send(a)
    if #a < 5 or a[1] == '' or a[2] == '' then
        return bad_call('drs_outbox_send: channel, delivery, scope, type, '
            .. 'body, audit')
    end
    outbox_push(a[1], a[2], a[3], a[4], now_ms(), a[5])
    audit(a[6])
    return ok()
end

-- max: the oldest entries that have no channel yet
function F.drs_outbox_take(a)
    local max = int(a[1])
    if not max or max < 1 then
        return bad_call('drs_outbox_take: max')
    end
    local r = { 'OK' }
    for _, e in ipairs(redis.call('XRANGE', P .. 'outbox', '-', '+', 'COUNT',
        n2s(math.min(max, 100))))
    do
        local f = {}
        for i = 1, #e[2], 2 do
            f[e[2][i]] = e[2][i + 1]
        end
        for _, v in ipairs({ e[1], f.k, f.x, f.t, f.j }) do
            r[#r + 1] = v
        end
    end
    return r
end

-- fence owner entry n (channel deliveryId body)...
function F.drs_outbox_route(a)
    local n = int(a[4])
    if not n or n < 0 or #a ~= 4 + 3 * n then
        return bad_call('drs_outbox_route: fence, owner, entry, n, (channel, '
            .. 'delivery, body)')
    end
    local err = lease_lost('notify', a[1], a[2])
    if err then
        return err
    end
    local e = redis.call('XRANGE', P .. 'outbox', a[3], a[3])[1]
    if not e then
        return ok('gone')
    end
    local f, now = {}, now_ms()
    for i = 1, #e[2], 2 do
        f[e[2][i]] = e[2][i + 1]
    end
    for i = 5, #a, 3 do
        outbox_push(a[i], a[i + 1], f.x, f.t, now, a[i + 2])
    end
    redis.call('XDEL', P .. 'outbox', a[3])
    return ok('routed')
end

-- channel max
function F.drs_outbox_next(a)
    local max, now = int(a[2]), now_ms()
    if not max or max < 1 or a[1] == '' then
        return bad_call('drs_outbox_next: channel, max')
    end
    local due, r = P .. 'outbox:due:' .. a[1], { 'OK', '-' }
    local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
    if first[2] then
        r[2] = n2s(tonumber(first[2]))
    end
    for _, scope in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', n2s(now),
        'LIMIT', '0', n2s(math.min(max, 100))))
    do
        local id = redis.call('LINDEX', P .. 'outbox:q:' .. a[1] .. ':'
            .. scope, 0)
        if id then
            local f = fields(P .. 'outbox:d:' .. id, { 'at', 'type',
                'attempts', 'body' })
            for _, v in ipairs({ id, scope, f.at, f.type, f.attempts, f.body })
            do
                r[#r + 1] = v
            end
        end
    end
    return r
end

local OUTCOME = { ok = true, retry = true, dead = true, drop = true }

-- The head of a queue is over: the next one may go at once.
local function outbox_pop(channel, scope, id, now)
    local q = P .. 'outbox:q:' .. channel .. ':' .. scope
    redis.call('LREM', q, 1, id)
    redis.call('DEL', P .. 'outbox:d:' .. id)
    redis.call('ZREM', P .. 'outbox:open', id)
    if redis.call('LLEN', q) == 0 then
        redis.call('ZREM', P .. 'outbox:due:' .. channel, scope)
    else
        redis.call('ZADD', P .. 'outbox:due:' .. channel, n2s(now), scope)
    end
end

-- channel fence owner deliveryId outcome nextAt error last
function F.drs_outbox_done(a)
    if #a < 8 or not OUTCOME[a[5]] or not int(a[6]) then
        return bad_call('drs_outbox_done: channel, fence, owner, delivery, '
            .. 'outcome, next time, error, last')
    end
    local err = lease_lost('notify:' .. a[1], a[2], a[3])
    if err then
        return err
    end
    local d, now = P .. 'outbox:d:' .. a[4], now_ms()
    local f = fields(d, { 'channel', 'scope', 'type', 'at', 'attempts',
        'body' })
    if f.channel ~= a[1] then
        return ok('gone')
    end
    local tries = n2s((int(f.attempts) or 0) + 1)
    if a[5] == 'retry' then
        redis.call('HSET', d, 'attempts', tries, 'error', clean(a[7]))
        redis.call('ZADD', P .. 'outbox:due:' .. a[1], a[6], f.scope)
    else
        if a[5] == 'dead' then
            redis.call('XADD', P .. 'outbox:dead', 'MAXLEN', '~', '10000', '*',
                'id', a[4], 'channel', f.channel, 'scope', f.scope, 'type',
                f.type, 'at', f.at, 'attempts', tries, 'error', clean(a[7]),
                'body', f.body)
        end
        outbox_pop(a[1], f.scope, a[4], now)
    end
    local hook = string.match(a[1], '^hook%.(.+)$')
    if hook and given(a[8])
        and redis.call('EXISTS', P .. 'hook:' .. hook) == 1
    then
        redis.call('HSET', P .. 'hook:last', hook, a[8])
    end
    return ok(tries)
end

function F.drs_outbox_stat()
    local open, new = P .. 'outbox:open', P .. 'outbox'
    local oldest = 0
    local first = redis.call('ZRANGE', open, 0, 0, 'WITHSCORES')
    if first[2] then
        oldest = tonumber(first[2])
    end
    local e = redis.call('XRANGE', new, '-', '+', 'COUNT', '1')[1]
    local at = e and int(string.match(e[1], '^(%d+)'))
    if at and (oldest == 0 or at < oldest) then
        oldest = at
    end
    return ok(n2s(redis.call('ZCARD', open) + redis.call('XLEN', new)),
        n2s(redis.call('XLEN', P .. 'outbox:dead')), n2s(oldest),
        n2s(now_ms()))
end

local LINK_TRIES = 10 -- of one address in a minute

-- plan version doc: what the product notes in a plan by itself; the version
-- stays
function F.drs_plan_mark(a)
    if #a < 3 or a[3] == '' then
        return bad_call('drs_plan_mark: plan, version, document')
    end
    local cur = redis.call('HGET', P .. 'plan:ver', a[1])
    if not cur then
        return refuse('RECOVERY_PLAN_NOT_FOUND', 'no recovery plan ' .. a[1])
    end
    if cur ~= a[2] then
        return refuse('VERSION_CONFLICT', 'recovery plan ' .. a[1]
            .. ' has version ' .. cur .. ', not ' .. a[2], 'currentVersion',
            cur)
    end
    redis.call('SET', P .. 'plan:' .. a[1], a[3])
    return ok(cur)
end

-- hash execId epoch action
function F.drs_link_put(a)
    if #a < 4 or not string.find(a[1], '^%x+$') or not int(a[3])
        or a[4] ~= 'resume' and a[4] ~= 'cancel'
    then
        return bad_call('drs_link_put: hash, execution, epoch, action')
    end
    local x, err = exec_load(a[2])
    if not x then
        return err
    end
    if x.f.status ~= 'PAUSED' or x.f.pauseEpoch ~= a[3] then
        return refuse('EXECUTION_NOT_PAUSED', 'execution ' .. x.id
            .. ' is not in this pause any more', 'currentStatus', x.f.status)
    end
    local till, now = int(x.f.pauseDeadline) or 0, now_ms()
    if till <= 0 then
        till = now + 31536000000
    end
    redis.call('SET', P .. 'link:' .. a[1], x.id .. ' ' .. a[3] .. ' ' .. a[4],
        'PX', n2s(math.max(till - now, 1000)))
    return ok(n2s(till))
end

-- hash action address
function F.drs_link_look(a)
    if #a < 3 then
        return bad_call('drs_link_look: hash, action, address')
    end
    local key = P .. 'rate:link:' .. a[3]
    local n = redis.call('INCR', key)
    if n == 1 then
        redis.call('PEXPIRE', key, '60000')
    end
    if n > LINK_TRIES then
        return refuse('RATE_LIMITED', 'too many tries from this address')
    end
    local x, err = link_check(a[1], a[2])
    if not x then
        return err
    end
    return ok(x.id, x.f.planName, x.f.type, x.f.pausedBeforeWave,
        x.f.pauseDeadline, x.f.planId)
end
