-- drs_exec_commit: one all-or-nothing batch.  Every operation has a parser that
-- checks it against what is stored and against the batch so far, and a writer.
--
-- b = { x, now, set (header fields), ops, waves, units, claims, final,
--       flying (change of `inflight` by wave), status (after the batch) }

local KEPT = { status = true, ver = true, fence = true, owner = true,
    inflight = true, planned = true, wavesLeft = true, wavesTotal = true,
    wavesRun = true, cancel = true, pauseReq = true, pauseEpoch = true,
    planId = true, planName = true, type = true, startedAt = true,
    accounts = true, commandId = true, doc = true, nameKey = true,
    initiatedBy = true, source = true, pack = true }

local UNIT_KEPT = { ver = true, open = true, wave = true }

-- events that say: nothing is in flight any more
local QUIET = { quiet = true, cancel_done = true, cancel_done_partial = true,
    all_done = true, all_done_partial = true, all_done_failed = true,
    all_done_cancelled = true, pause_point = true }

local function op_header(b, a, at)
    local k, v = a[at], a[at + 1]
    if not v or k == '' then
        return nil, bad_call('drs_exec_commit: h needs field and value')
    end
    if KEPT[k] then
        return nil, bad_call('drs_exec_commit: the library keeps the field '
            .. k)
    end
    b.set[k] = v
    return at + 2
end

local function op_wave(b, a, at)
    local n, st, doc = int(a[at]), a[at + 1], a[at + 2]
    if not doc or not n or n < 0 or n >= num(b.x, 'wavesTotal') then
        return nil, bad_call('drs_exec_commit: w ' .. tostring(a[at])
            .. ' of ' .. num(b.x, 'wavesTotal'))
    end
    if st ~= '-' and not WAVE_STATUS[st] then
        return nil, bad_call('drs_exec_commit: wave status ' .. st)
    end
    local key = b.x.key .. ':w:' .. n2s(n)
    local w = b.waves[key]
    if not w then
        w = fields(key, { 'status', 'ver' })
        w.was = w.status
        b.waves[key] = w
    end
    if st ~= '-' then
        w.status = st
    end
    if doc ~= '-' then
        w.doc = doc
    end
    return at + 3
end

-- The unit as it will be after the operations so far.
local function batch_unit(b, id)
    local u = b.units[id]
    if u then
        return u
    end
    local wave = string.match(id, '^(%d+)%-%d+$')
    if not wave or int(wave) >= num(b.x, 'wavesTotal') then
        return nil, bad_call('drs_exec_commit: unit id ' .. id)
    end
    u = { id = id, wave = n2s(int(wave)), key = b.x.key .. ':u:' .. id,
        set = {} }
    local f = fields(u.key, { 'state', 'ver' })
    u.was = f.state ~= '' and f.state or nil
    u.state = u.was
    u.ver = int(f.ver) or 0
    b.units[id] = u
    return u
end

local function unit_state(b, u, to)
    if to == u.state then
        return
    end
    if u.state and not (UNIT_ARROWS[u.state] and UNIT_ARROWS[u.state][to])
        or not u.state and to ~= 'PLANNED' and to ~= 'CANCELLED'
            and to ~= 'FAILED'
    then
        return refuse('ILLEGAL_TRANSITION', 'unit ' .. u.id .. ' cannot go from '
            .. (u.state or 'nothing') .. ' to ' .. to, 'unit', u.id,
            'currentState', u.state or '')
    end
    if to == 'PLANNED' and u.state and b.x.f.cancel == '1' then
        return refuse('ILLEGAL_TRANSITION', 'the execution is cancelled: unit '
            .. u.id .. ' cannot become PLANNED', 'unit', u.id,
            'currentState', u.state or '', 'reason', 'cancel')
    end
    u.state = to
end

local function op_unit(b, a, at)
    local u, err = batch_unit(b, a[at] or '')
    local ver, n = int(a[at + 1]), int(a[at + 2])
    if not u then
        return nil, err
    end
    if not ver or not n or n < 0 or #a < at + 2 + 2 * n then
        return nil, bad_call('drs_exec_commit: u needs unit, version, pairs')
    end
    if ver ~= u.ver then
        return nil, refuse('VERSION_CONFLICT', 'unit ' .. u.id
            .. ' has version ' .. n2s(u.ver) .. ', not ' .. n2s(ver), 'unit',
            u.id, 'currentVersion', n2s(u.ver))
    end
    for i = at + 3, at + 2 + 2 * n, 2 do
        local k, v = a[i], a[i + 1]
        if UNIT_KEPT[k] and not (k == 'wave' and v == u.wave) then
            return nil, bad_call('drs_exec_commit: unit field ' .. k)
        elseif k == 'state' then
            err = unit_state(b, u, v)
            if err then
                return nil, err
            end
        end
        u.set[k] = v
    end
    if not u.state then
        return nil, bad_call('drs_exec_commit: new unit ' .. u.id
            .. ' without state')
    end
    if not u.touched then
        u.touched = true
        b.unit_list[#b.unit_list + 1] = u
    end
    return at + 3 + 2 * n
end

local function op_server(b, a, at)
    if not a[at + 1] or a[at] == '' then
        return nil, bad_call('drs_exec_commit: s needs server and JSON')
    end
    b.servers[a[at]] = a[at + 1]
    return at + 2
end

local function op_claim(b, a, at, op)
    local acct, region, s = a[at], a[at + 1], a[at + 2]
    if not s or acct == '' or region == '' or s == '' then
        return nil, bad_call('drs_exec_commit: ' .. op
            .. ' needs account, region, server')
    end
    local key = P .. 'claim:srv:' .. acct .. ':' .. region
    local name = acct .. ':' .. region .. ':' .. s
    local owner = redis.call('HGET', key, s)
        or op == 'claim' and hold_of(acct .. ':' .. region, s, b.x.id) or nil
    if op == 'claim' and owner and owner ~= b.x.id then
        return nil, refuse('SERVER_CONFLICT', 'server ' .. s
            .. ' is held by execution ' .. owner, 'conflict', name .. ' '
            .. owner)
    end
    table.insert(b.ops, function()
        if op == 'claim' then
            redis.call('HSET', key, s, b.x.id)
            redis.call('SADD', b.x.key .. ':claims', name)
        else
            if owner == b.x.id then
                redis.call('HDEL', key, s)
            end
            redis.call('SREM', b.x.key .. ':claims', name)
        end
    end)
    return at + 3
end

local function op_watch(b, a, at)
    local acct, region, job, unit = a[at], a[at + 1], a[at + 2], a[at + 3]
    if not unit or job == '' then
        return nil, bad_call('drs_exec_commit: watch needs account, region, '
            .. 'job, unit')
    end
    local place, mine = acct .. ':' .. region, b.x.id .. ' ' .. unit
    local owner = redis.call('HGET', P .. 'job:' .. place, job)
    if owner and owner ~= mine then
        return nil, refuse('JOB_NOT_ADOPTABLE', 'job ' .. job .. ' belongs to '
            .. owner, 'jobId', job, 'owner', owner)
    end
    table.insert(b.ops, function()
        redis.call('HSET', P .. 'job:' .. place, job, mine)
        redis.call('HSET', P .. 'watch:' .. place, job, mine)
        task_due('poll:' .. place, b.now)
    end)
    return at + 4
end

local function op_unwatch(b, a, at)
    local acct, region, job = a[at], a[at + 1], a[at + 2]
    if not job or job == '' then
        return nil, bad_call('drs_exec_commit: unwatch needs account, region, '
            .. 'job')
    end
    table.insert(b.ops, function()
        redis.call('HDEL', P .. 'watch:' .. acct .. ':' .. region, job)
        redis.call('HDEL', P .. 'obs:' .. acct .. ':' .. region, job)
    end)
    return at + 3
end

local function op_event(b, a, at)
    if not given(a[at]) then
        return nil, bad_call('drs_exec_commit: ev needs JSON')
    end
    table.insert(b.last, function() emit(b.x.id, a[at]) end)
    return at + 1
end

local function op_notify(b, a, at)
    local key, kind, json = a[at], a[at + 1], a[at + 2]
    if not given(key) or not given(kind) or not given(json) or not a[at + 3]
    then
        return nil, bad_call('drs_exec_commit: notify needs key, type, JSON, '
            .. 'notice')
    end
    table.insert(b.last, function()
        outbox_add(key, b.x.id, kind, json)
        emit(nil, a[at + 3])
    end)
    return at + 4
end

local function op_audit(b, a, at)
    if not given(a[at]) then
        return nil, bad_call('drs_exec_commit: audit needs JSON')
    end
    table.insert(b.last, function() audit(a[at]) end)
    b.audited = true
    return at + 1
end

local function op_due(b, a, at)
    local t = int(a[at])
    if not t then
        return nil, bad_call('drs_exec_commit: due needs a time')
    end
    table.insert(b.ops, function()
        redis.call('HSET', P .. 'lease:exec:' .. b.x.id, 'next', n2s(t))
    end)
    return at + 1
end

local function op_task(b, a, at)
    local t = int(a[at + 1])
    if not t or a[at] == '' then
        return nil, bad_call('drs_exec_commit: task needs name and time')
    end
    table.insert(b.ops, function() task_due(a[at], t) end)
    return at + 2
end

local function op_final(b, a, at)
    local t = int(a[at])
    if not t then
        return nil, bad_call('drs_exec_commit: final needs a time')
    end
    b.final = t
    return at + 1
end

local OPS = { h = op_header, w = op_wave, u = op_unit, s = op_server,
    claim = op_claim, unclaim = op_claim, watch = op_watch,
    unwatch = op_unwatch, ev = op_event, audit = op_audit, due = op_due,
    task = op_task, final = op_final, notify = op_notify }

local function commit_parse(b, a)
    local n, at = int(a[7]), 8
    if not n then
        return bad_call('drs_exec_commit: number of operations')
    end
    for _ = 1, n do
        local op = OPS[a[at] or '']
        if not op then
            return bad_call('drs_exec_commit: operation '
                .. tostring(a[at]))
        end
        local nxt, err = op(b, a, at + 1, a[at])
        if not nxt then
            return err
        end
        at = nxt
    end
    if at ~= #a + 1 then
        return bad_call('drs_exec_commit: ' .. n2s(#a + 1 - at)
            .. ' arguments too many')
    end
end

-- Waves with something in flight after the batch.
local function flying_after(b)
    local delta = {}
    for _, u in ipairs(b.unit_list) do
        delta[u.wave] = (delta[u.wave] or 0) + (IN_FLIGHT[u.state] and 1 or 0)
            - (u.was and IN_FLIGHT[u.was] and 1 or 0)
    end
    local total = num(b.x, 'inflight')
    for wave, d in pairs(delta) do
        local n = int(redis.call('HGET', b.x.key .. ':w:' .. wave, 'inflight')
            or '0') or 0
        total = total + (n + d > 0 and 1 or 0) - (n > 0 and 1 or 0)
    end
    return total
end

local function commit_status(b, event, to)
    local from = b.x.f.status
    b.status = from
    if event ~= '-' then
        local row = SM[from] and SM[from][event]
        if not row or to ~= '-' and to ~= row.to or row.to == '' then
            return refuse('ILLEGAL_TRANSITION', 'execution ' .. b.x.id
                .. ' is ' .. from .. ': ' .. event .. ' does not lead to '
                .. to, 'currentStatus', from, 'event', event)
        end
        b.status = row.to
        b.row = row.id
        local n = QUIET[event] and flying_after(b) or 0
        if n > 0 then
            return refuse('ILLEGAL_TRANSITION', event .. ': ' .. n2s(n)
                .. ' waves are still in flight', 'currentStatus', from,
                'event', event, 'reason', 'inflight')
        end
    elseif to ~= '-' and to ~= from then
        return refuse('ILLEGAL_TRANSITION', 'execution ' .. b.x.id .. ' is '
            .. from .. '; a change to ' .. to .. ' needs an event',
            'currentStatus', from, 'event', '')
    end
    if b.final and not CLASS[b.status].TERMINAL then
        return bad_call('drs_exec_commit: final while ' .. b.status)
    end
end

-- A transition of the engine, unless the batch brings its own entry.
local function commit_audit(b)
    local f = b.x.f
    if b.audited or b.status == f.status then
        return
    end
    audit('{"time":"' .. iso(b.now) .. '","actor":{"type":"system","userId":'
        .. '"system:drs-worker","roles":[]},"action":"engine.' .. b.row
        .. '","resourceType":"execution","resourceId":' .. js(b.x.id)
        .. ',"resourceName":' .. js(f.planName) .. ',"outcome":"succeeded",'
        .. '"correlationId":' .. js(b.x.id)
        .. ',"before":{"status":"' .. f.status .. '"},"after":{"status":"'
        .. b.status .. '"}}')
end

local function commit_write(b)
    local x, left = b.x, 0
    for key, w in pairs(b.waves) do
        hset(key, { status = w.status, doc = w.doc,
            ver = n2s((int(w.ver) or 0) + 1) })
        left = left + (w.status == 'PENDING' and 1 or 0)
            - (w.was == 'PENDING' and 1 or 0)
    end
    if left ~= 0 then
        redis.call('HINCRBY', x.key, 'wavesLeft', left)
    end
    for _, u in ipairs(b.unit_list) do
        u.set.ver = n2s(u.ver + 1)
        u.set.wave = u.wave
        hset(u.key, u.set)
        redis.call('SADD', x.key .. ':units', u.id)
        count_unit(x, u.wave, u.was, u.state)
    end
    hset(x.key .. ':s', b.servers)
    for _, f in ipairs(b.ops) do
        f()
    end
    if b.final then
        b.set.endedAt = n2s(b.final)
    end
    set_status(x, b.status, b.now, b.set)
    b.set.ver = n2s(num(x, 'ver') + 1)
    hset(x.key, b.set)
    if b.set.endedAt or b.status ~= x.f.status then
        IX.last(x.f.planId)
    end
    if b.final or CLASS[b.status].TERMINAL and b.status ~= x.f.status then
        release(x)
    end
    commit_audit(b)
    for _, f in ipairs(b.last) do
        f()
    end
    return b.set.ver
end

-- id fence owner ver event status n (operation)...
function F.drs_exec_commit(a)
    if #a < 7 then
        return bad_call('drs_exec_commit: id, fence, owner, version, event, '
            .. 'status, n')
    end
    local x, err = exec_load(a[1])
    err = err or lease_lost('exec:' .. a[1], a[2], a[3])
    if err then
        return err
    end
    if a[4] ~= '-' and a[4] ~= x.f.ver then
        return refuse('VERSION_CONFLICT', 'execution ' .. x.id
            .. ' has version ' .. x.f.ver .. ', not ' .. a[4],
            'currentVersion', x.f.ver)
    end
    local b = { x = x, now = now_ms(), set = {}, ops = {}, last = {},
        waves = {}, units = {}, unit_list = {}, servers = {} }
    err = commit_parse(b, a) or commit_status(b, a[5], a[6])
    if err then
        return err
    end
    return ok(commit_write(b))
end
