-- The capacity queue of an account and Region: which launch unit may be sent
-- next (engine.md 9.4).  All workers share it.
--
--   cap:queue:<place>  "<exec> <unit>" -> class priority started since servers
--                      until blocked
--   cap:held:<place>   "<exec> <unit>" -> servers until
--   cap:seen:<place>   at, asking, "j <job>" -> servers: active jobs as listed
--   cap:limits:<place> jobs servers aging ttl
--   cap:places         places where anything was ever asked for
--
-- Room is held from the grant until nothing of the unit can run any more:
-- that is read from the unit itself, so nobody has to give room back.  A grant
-- that is not used, and a place in the queue that nobody asks for any more, end
-- with their time (`until`): the worker behind them is gone.

local function cap_pairs(key)
    local t = redis.call('HGETALL', key)
    local r = {}
    for i = 1, #t, 2 do
        r[t[i]] = t[i + 1]
    end
    return r
end

-- Jobs that a grant stands for, 0 when it is over; and what is known of it.
local function cap_grant(name, text, now)
    local exec, unit = string.match(name, '^(%S+) (%S+)$')
    local n, till = string.match(text, '^(%d+) (%d+)$')
    local f = fields(P .. 'exec:' .. exec .. ':u:' .. unit, { 'state', 'open',
        'account', 'region', 'jobs' })
    local g = { exec = exec, servers = int(n) or 0, jobs = 0 }
    if f.state == '' then
        return g
    end
    if f.state == 'PLANNED' then
        local st = redis.call('HGET', P .. 'exec:' .. exec, 'status')
        if st and CLASS[st].LAUNCHING and (int(till) or 0) > now then
            g.jobs = 1
        end
    end
    if f.state == 'INTENT' or f.open ~= '' or unit_watched(f) then
        g.jobs = 1
    end
    return g
end

-- Execution and launch unit of a job of ours; nothing for terminate jobs, which
-- no grant stands for.
local function cap_owner(place, job)
    local owner = redis.call('HGET', P .. 'job:' .. place, job)
    return owner and not string.find(owner, ' term$') and owner or nil
end

-- Active jobs that no grant stands for: those of others, terminate jobs.
local function cap_others(place, held, c)
    local watch = cap_pairs(P .. 'watch:' .. place)
    local seen = cap_pairs(P .. 'cap:seen:' .. place)
    for name, list in pairs(seen) do
        local job = string.match(name, '^j (.+)$')
        local owner = job and cap_owner(place, job)
        if job and not (owner and (held[owner] or not watch[job])) then
            c.jobs = c.jobs + 1
            c.servers = c.servers + #words(list)
        end
    end
    for job, owner in pairs(watch) do
        if not held[owner] and not seen['j ' .. job] then
            c.jobs = c.jobs + 1
            local exec, unit = string.match(owner, '^(%S+) (%S+)$')
            c.servers = c.servers + #words(exec and redis.call('HGET', P
                .. 'exec:' .. exec .. ':u:' .. unit, 'servers') or '')
        end
    end
end

-- c = { jobs, servers, held[name] = grant, mine[exec] = servers }; `over`: names
-- of grants that are over.
local function cap_used(place, now)
    local c = { jobs = 0, servers = 0, held = {}, mine = {}, over = {} }
    for name, text in pairs(cap_pairs(P .. 'cap:held:' .. place)) do
        local g = cap_grant(name, text, now)
        if g.jobs == 0 then
            c.over[#c.over + 1] = name
        else
            c.held[name] = g
            c.jobs = c.jobs + g.jobs
            c.servers = c.servers + g.servers
            c.mine[g.exec] = (c.mine[g.exec] or 0) + g.servers
        end
    end
    cap_others(place, c.held, c)
    return c
end

local function cap_ticket(name, text)
    local v = words(text)
    local exec, unit = string.match(name, '^(%S+) (%S+)$')
    return { name = name, exec = exec, unit = unit, class = int(v[1]) or 1,
        priority = int(v[2]) or 5, started = int(v[3]) or 0,
        since = int(v[4]) or 0, servers = int(v[5]) or 0,
        till = int(v[6]) or 0, blocked = int(v[7] or '0') or 0 }
end

local function cap_text(t)
    return n2s(t.class) .. ' ' .. n2s(t.priority) .. ' ' .. n2s(t.started)
        .. ' ' .. n2s(t.since) .. ' ' .. n2s(t.servers) .. ' ' .. n2s(t.till)
        .. ' ' .. n2s(t.blocked)
end

-- Whether p goes before q: recoveries, priority (one better for each `aging`
-- of waiting), the run that has least in flight here, the older run.
local function cap_before(p, q, mine)
    if p.class ~= q.class then
        return p.class < q.class
    elseif p.rank ~= q.rank then
        return p.rank < q.rank
    end
    local a, b = mine[p.exec] or 0, mine[q.exec] or 0
    if a ~= b then
        return a < b
    elseif p.started ~= q.started then
        return p.started < q.started
    elseif p.exec ~= q.exec then
        return p.exec < q.exec
    end
    local pw, ps = string.match(p.unit, '^(%d+)%-(%d+)$')
    local qw, qs = string.match(q.unit, '^(%d+)%-(%d+)$')
    if pw and qw and pw ~= qw then
        return tonumber(pw) < tonumber(qw)
    elseif ps and qs and ps ~= qs then
        return tonumber(ps) < tonumber(qs)
    end
    return p.unit < q.unit
end

-- Who waits; `over`: names whose time is up.
local function cap_waiting(place, now, aging)
    local list, over = {}, {}
    for name, text in pairs(cap_pairs(P .. 'cap:queue:' .. place)) do
        local t = cap_ticket(name, text)
        if t.till <= now then
            over[#over + 1] = name
        else
            t.rank = t.priority - (aging > 0
                and math.floor(math.max(now - t.since, 0) / aging) or 0)
            list[#list + 1] = t
        end
    end
    return list, over
end

-- Whether the unit may still be launched.
local function cap_wanted(t)
    local st = redis.call('HGET', P .. 'exec:' .. t.exec, 'status')
    return st and CLASS[st].LAUNCHING and redis.call('HGET', P .. 'exec:'
        .. t.exec .. ':u:' .. t.unit, 'state') == 'PLANNED'
end

local function cap_give(place, c, t, l, now, asking)
    redis.call('HDEL', P .. 'cap:queue:' .. place, t.name)
    redis.call('HSET', P .. 'cap:held:' .. place, t.name, n2s(t.servers) .. ' '
        .. n2s(now + l.ttl))
    c.held[t.name] = { exec = t.exec, servers = t.servers, jobs = 1 }
    c.jobs = c.jobs + 1
    c.servers = c.servers + t.servers
    c.mine[t.exec] = (c.mine[t.exec] or 0) + t.servers
    if t.name ~= asking then
        -- it waits for its next time to ask: now
        local key = P .. 'exec:' .. t.exec .. ':u:' .. t.unit
        redis.call('HSET', key, 'nextAt', '0')
        redis.call('HINCRBY', key, 'ver', 1)
        task_due('exec:' .. t.exec, now)
    end
end

-- Gives the room that is free to those who wait, in their order.  One that does
-- not fit lets smaller ones pass, but not for longer than `aging`.
local function cap_pump(place, now, asking)
    if redis.call('HLEN', P .. 'cap:queue:' .. place) == 0 then
        return
    end
    local l = fields(P .. 'cap:limits:' .. place, { 'jobs', 'servers', 'aging',
        'ttl' })
    l = { jobs = int(l.jobs), servers = int(l.servers) or 0,
        aging = int(l.aging) or 0, ttl = int(l.ttl) or 60000 }
    local c = cap_used(place, now)
    many('HDEL', P .. 'cap:held:' .. place, c.over)
    if not l.jobs or c.jobs >= l.jobs then
        return
    end
    local list, over = cap_waiting(place, now, l.aging)
    many('HDEL', P .. 'cap:queue:' .. place, over)
    while #list > 0 and c.jobs < l.jobs do
        local at = 1
        for i = 2, #list do
            if cap_before(list[i], list[at], c.mine) then
                at = i
            end
        end
        local t = table.remove(list, at)
        if not cap_wanted(t) then
            redis.call('HDEL', P .. 'cap:queue:' .. place, t.name)
        elseif t.servers > l.servers then
            t.blocked = 0       -- never fits: holds nobody up
        elseif c.servers + t.servers <= l.servers then
            cap_give(place, c, t, l, now, asking)
        elseif t.blocked == 0 then
            t.blocked = now
            redis.call('HSET', P .. 'cap:queue:' .. place, t.name,
                cap_text(t))
        elseif now - t.blocked >= l.aging then
            break
        end
    end
end

-- Servers of the list that active jobs hold, by the last listing.
local function cap_busy(place, list)
    local want, r = {}, {}
    for _, s in ipairs(list) do
        want[s] = true
    end
    for name, text in pairs(cap_pairs(P .. 'cap:seen:' .. place)) do
        local job = string.match(name, '^j (.+)$')
        if job and not (cap_owner(place, job)
            and redis.call('HEXISTS', P .. 'watch:' .. place, job) == 0)
        then
            for _, s in ipairs(words(text)) do
                if want[s] then
                    want[s] = nil
                    r[#r + 1] = s
                end
            end
        end
    end
    table.sort(r)
    return r
end

-- The listing is too old: the first who asks looks, the others wait for it.
local function cap_stale(place, now, fresh, patience)
    local s = fields(P .. 'cap:seen:' .. place, { 'at', 'asking' })
    local at = int(s.at)
    if at and now - at <= fresh and at <= now then
        return nil
    end
    if (int(s.asking) or 0) > now then
        return 'wait'
    end
    redis.call('HSET', P .. 'cap:seen:' .. place, 'asking',
        n2s(now + patience))
    return 'look'
end

-- id fence owner unit priority maxJobs maxServers agingMs freshMs ttlMs
-- patienceMs
function F.drs_cap_ask(a)
    local v = {}
    for i = 5, 11 do
        v[i] = int(a[i])
        if not v[i] or v[i] < 0 then
            return bad_call('drs_cap_ask: id, fence, owner, unit, priority, '
                .. 'jobs, servers, aging, fresh, ttl, patience')
        end
    end
    local x, err = exec_load(a[1])
    err = err or lease_lost('exec:' .. a[1], a[2], a[3])
    if err then
        return err
    end
    local f = fields(x.key .. ':u:' .. a[4], { 'state', 'account', 'region',
        'servers' })
    if f.state ~= 'PLANNED' then
        return refuse('UNIT_NOT_PLANNED', 'unit ' .. a[4] .. ' is '
            .. (f.state == '' and 'not there' or f.state), 'currentState',
            f.state)
    end
    local now, place = now_ms(), f.account .. ':' .. f.region
    local name, list = x.id .. ' ' .. a[4], words(f.servers)
    local stale = cap_stale(place, now, v[9], v[11])
    if stale then
        return ok(stale, '0')
    end
    redis.call('HSET', P .. 'cap:limits:' .. place, 'jobs', a[6], 'servers',
        a[7], 'aging', a[8], 'ttl', a[10])
    local queue = P .. 'cap:queue:' .. place
    local busy = cap_busy(place, list)
    if #busy > 0 then
        redis.call('HDEL', queue, name)
        redis.call('HDEL', P .. 'cap:held:' .. place, name)
        return ok('busy', '0', unpack(busy))
    end
    if redis.call('HEXISTS', P .. 'cap:held:' .. place, name) == 1 then
        redis.call('HSET', P .. 'cap:held:' .. place, name, n2s(#list) .. ' '
            .. n2s(now + v[10]))
        return ok('granted', '0')
    end
    local old = redis.call('HGET', queue, name)
    local t = old and cap_ticket(name, old) or { since = now, blocked = 0 }
    t.class = x.f.type == 'RECOVERY' and 0 or 1
    t.priority, t.started = v[5], int(x.f.startedAt) or now
    t.servers, t.till = #list, now + v[10]
    redis.call('HSET', queue, name, cap_text(t))
    redis.call('SADD', P .. 'cap:places', place)
    cap_pump(place, now, name)
    if redis.call('HEXISTS', P .. 'cap:held:' .. place, name) == 1 then
        return ok('granted', '0')
    end
    return ok('queued', n2s(redis.call('HLEN', queue)))
end

-- account region at n (jobId servers)...
function F.drs_cap_seen(a)
    local at, n = int(a[3]), int(a[4])
    if not at or not n or n < 0 or #a ~= 4 + 2 * n then
        return bad_call('drs_cap_seen: account, region, at, n, (job, servers)')
    end
    local now, place = now_ms(), a[1] .. ':' .. a[2]
    local key = P .. 'cap:seen:' .. place
    if at < (int(redis.call('HGET', key, 'at') or '0') or 0) then
        return ok('older')
    end
    local set = { at = n2s(at) }
    for i = 5, #a, 2 do
        set['j ' .. a[i]] = a[i + 1] ~= '' and a[i + 1] or ' '
    end
    redis.call('DEL', key)
    hset(key, set)
    redis.call('PEXPIRE', key, '86400000')
    cap_pump(place, now)
    return ok('stored')
end
