-- Launch units: arm, close, facts (launch-protocol steps 1, 4 to 8).

local UNIT = { 'state', 'ver', 'wave', 'account', 'region', 'servers',
    'attempt', 'maxAttempts', 'open', 'jobId', 'jobs' }

local function unit_load(x, id)
    local u = { id = id, key = x.key .. ':u:' .. id }
    u.f = fields(u.key, UNIT)
    if u.f.state == '' then
        return nil, refuse('UNIT_NOT_FOUND', 'execution ' .. x.id
            .. ' has no launch unit ' .. id, 'executionId', x.id, 'unitId', id)
    end
    return u
end

-- Writes state and other fields, the version, and the counters.
local function unit_write(x, u, state, set)
    set.state = state
    set.ver = n2s((int(u.f.ver) or 0) + 1)
    hset(u.key, set)
    count_unit(x, u.f.wave, u.f.state, state)
    return set.ver
end

-- Open sends without those of the attempt ('0' = all); true if one was there.
local function without(open, attempt)
    local rest, found = {}, false
    for _, s in ipairs(words(open)) do
        if attempt == '0' or string.match(s, '^(%d+):') == attempt then
            found = true
        else
            rest[#rest + 1] = s
        end
    end
    return table.concat(rest, ' '), found
end

local function arm_refused(reason, text, ...)
    return refuse('ARM_REFUSED', text, 'reason', reason, ...)
end

local function arm_check(x, u, attempt, allow_open)
    local st, f = x.f.status, u.f
    if x.f.cancel == '1' or st == 'CANCELLING' then
        return arm_refused('cancel', 'the execution is cancelled')
    end
    if x.f.pauseReq == '1' or st == 'PAUSED' or st == 'PAUSE_PENDING' then
        return arm_refused('pause', 'the execution is ' .. st)
    end
    if not CLASS[st].LAUNCHING then
        return arm_refused('status', 'the execution is ' .. st,
            'currentStatus', st)
    end
    if f.state ~= 'PLANNED' and not (f.state == 'INTENT' and allow_open) then
        return arm_refused('state', 'unit ' .. u.id .. ' is ' .. f.state,
            'currentState', f.state)
    end
    local last = int(f.attempt) or 0
    if attempt ~= last + 1 then
        return arm_refused('attempt', 'the last attempt was ' .. n2s(last),
            'attempt', n2s(last))
    end
    local max = int(f.maxAttempts) or 1
    if attempt > max then
        return arm_refused('attempts', 'all ' .. n2s(max)
            .. ' attempts are used')
    end
    if f.open ~= '' and not allow_open then
        return arm_refused('open', 'earlier sends are open: ' .. f.open)
    end
    local list = words(f.servers)
    if #list == 0 then
        return arm_refused('claim', 'unit ' .. u.id .. ' has no servers')
    end
    local v = redis.call('HMGET', P .. 'claim:srv:' .. f.account .. ':'
        .. f.region, unpack(list))
    for i = 1, #list do
        if v[i] ~= x.id then
            return arm_refused('claim', 'server ' .. list[i]
                .. ' is not held by this execution', 'server', list[i],
                'owner', v[i] or '')
        end
    end
end

-- id fence owner unit ver attempt launchKey intentAt allowOpen
function F.drs_unit_arm(a)
    local attempt, at = int(a[6]), int(a[8])
    if #a < 8 or not attempt or not at or string.find(a[3], '%s') then
        return bad_call('drs_unit_arm: id, fence, owner, unit, version, '
            .. 'attempt, launch key, intent time, allow open')
    end
    local x, u, err
    x, err = exec_load(a[1])
    err = err or lease_lost('exec:' .. a[1], a[2], a[3])
    if not err then
        u, err = unit_load(x, a[4])
    end
    if not err and u.f.ver ~= a[5] then
        err = refuse('VERSION_CONFLICT', 'unit ' .. u.id .. ' has version '
            .. u.f.ver .. ', not ' .. a[5], 'unit', u.id, 'currentVersion',
            u.f.ver)
    end
    err = err or arm_check(x, u, attempt, a[9] == '1')
    if err then
        return err
    end
    local now = now_ms()
    at = at > 0 and at or now
    local send = n2s(attempt) .. ':' .. n2s(at) .. ':' .. a[3]
    local ver = unit_write(x, u, 'INTENT', { attempt = n2s(attempt),
        owner = a[3], intentAt = n2s(at), launchKey = a[7],
        open = u.f.open == '' and send or u.f.open .. ' ' .. send })
    return ok(ver, n2s(now), n2s(at))
end

-- id fence owner unit attempt state nextAt doc
function F.drs_unit_close(a)
    if #a < 8 or not int(a[5]) then
        return bad_call('drs_unit_close: id, fence, owner, unit, attempt, '
            .. 'state, next time, document')
    end
    local x, u, err
    x, err = exec_load(a[1])
    err = err or lease_lost('exec:' .. a[1], a[2], a[3])
    if not err then
        u, err = unit_load(x, a[4])
    end
    if err then
        return err
    end
    local open, state = without(u.f.open, a[5]), u.f.state
    if a[6] ~= '-' and a[6] ~= 'INTENT' and state == 'INTENT' then
        if not UNIT_ARROWS.INTENT[a[6]] or a[6] == 'STARTED' then
            return bad_call('drs_unit_close: state ' .. a[6])
        end
        state = a[6]
        if state == 'PLANNED' and x.f.cancel == '1' then
            state = open == '' and 'CANCELLED' or 'INTENT'
        end
    end
    local set = { open = open }
    if a[7] ~= '-' then
        set.nextAt = a[7]
    end
    if a[8] ~= '-' then
        set.doc = a[8]
    end
    local ver = unit_write(x, u, state, set)
    if not IN_FLIGHT[state] and state ~= 'PLANNED' then
        cap_pump(u.f.account .. ':' .. u.f.region, now_ms())
    end
    return ok(ver, state)
end

-- Where a unit goes when a job of ours becomes known.
local function fact_state(u, attempt, job, open, found)
    local known = words(u.f.jobs)
    if #known > 0 then
        return 'HELD'
    end
    if u.f.state == 'INTENT'
        and (attempt == '-' or found or attempt == u.f.attempt)
    then
        return 'STARTED'
    end
    return 'HELD'
end

-- id unit attempt jobId doc
function F.drs_unit_fact(a)
    if #a < 5 or a[4] == '' or string.find(a[4], '%s') then
        return bad_call('drs_unit_fact: id, unit, attempt, job id, document')
    end
    local x, u, err
    x, err = exec_load(a[1])
    if not err then
        u, err = unit_load(x, a[2])
    end
    if err then
        return err
    end
    local job, place = a[4], u.f.account .. ':' .. u.f.region
    local mine = x.id .. ' ' .. u.id
    local owner = redis.call('HGET', P .. 'job:' .. place, job)
    if owner and owner ~= mine then
        return refuse('JOB_NOT_ADOPTABLE', 'job ' .. job .. ' belongs to '
            .. owner, 'jobId', job, 'owner', owner)
    end
    for _, j in ipairs(words(u.f.jobs)) do
        if j == job then
            return ok(u.f.state, u.f.ver)
        end
    end

    local open, found = u.f.open, false
    if a[3] ~= '-' then
        open, found = without(open, a[3])
    end
    local state = fact_state(u, a[3], job, open, found)
    local set = { open = open, jobs = u.f.jobs == '' and job
        or u.f.jobs .. ' ' .. job }
    if u.f.jobId == '' then
        set.jobId = job
    end
    if a[5] ~= '-' then
        set.doc = a[5]
    end
    redis.call('HSET', P .. 'job:' .. place, job, mine)
    redis.call('HSET', P .. 'watch:' .. place, job, mine)
    for _, s in ipairs(words(u.f.servers)) do
        if redis.call('HSETNX', P .. 'claim:srv:' .. place, s, x.id) == 1 then
            redis.call('SADD', x.key .. ':claims', place .. ':' .. s)
        end
    end
    local ver = unit_write(x, u, state, set)
    local now = now_ms()
    task_due('poll:' .. place, now)
    task_due('exec:' .. x.id, now)
    return ok(state, ver)
end
