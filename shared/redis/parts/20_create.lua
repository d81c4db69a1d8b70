-- id commandId planId planName type doc out accounts nw (status doc)... nc
-- claim... nk (kind id version)... audit event [deadline [folded name,
-- initiatedBy, invocationSource]]
local function create_parse(a)
    local e = { id = a[1], command = a[2], plan = a[3], planName = a[4],
        kind = a[5], doc = a[6], out = a[7], accounts = a[8], waves = {},
        claims = {}, checks = {} }
    local at = 9
    local n = int(a[at])
    if not n or n < 0 or #a < at + 2 * n + 1 then
        return nil, bad_call('drs_exec_create: waves')
    end
    for i = 1, n do
        e.waves[i] = { status = a[at + 1], doc = a[at + 2] }
        if not WAVE_STATUS[a[at + 1]] then
            return nil, bad_call('drs_exec_create: wave status ' .. a[at + 1])
        end
        at = at + 2
    end
    at = at + 1
    n = int(a[at])
    if not n or n < 0 or #a < at + n + 1 then
        return nil, bad_call('drs_exec_create: claims')
    end
    for i = 1, n do
        local c = a[at + i]
        local place, s = string.match(c, '^([^:]+:[^:]+):(.+)$')
        if not place then
            return nil, bad_call('drs_exec_create: claim ' .. c)
        end
        e.claims[i] = c
        e.places = e.places or {}
        e.places[place] = e.places[place] or {}
        table.insert(e.places[place], s)
    end
    at = at + n + 1
    n = int(a[at])
    if not n or n < 0 or #a < at + 3 * n + 2 then
        return nil, bad_call('drs_exec_create: checks, audit, event')
    end
    for i = 1, n do
        local k = { kind = a[at + 1], id = a[at + 2], ver = a[at + 3] }
        if not KINDS[k.kind] then
            return nil, bad_call('drs_exec_create: check of ' .. k.kind)
        end
        e.checks[i] = k
        at = at + 3
    end
    e.audit, e.event, e.deadline = a[at + 1], a[at + 2], a[at + 3]
    e.f = { planId = e.plan, planName = e.planName, type = e.kind,
        status = 'PENDING', accounts = e.accounts, nameKey = a[at + 4],
        initiatedBy = a[at + 5], source = a[at + 6] }
    IX.derive(e.f, e.f.source and '' or e.doc)
    e.places = e.places or {}
    return e
end

local function claim_conflicts(e)
    local r, count = {}, 0
    for place, list in pairs(e.places) do
        for i = 1, #list, 1000 do
            local v = redis.call('HMGET', P .. 'claim:srv:' .. place,
                unpack(list, i, math.min(i + 999, #list)))
            for k = 1, math.min(1000, #list - i + 1) do
                local s = list[i + k - 1]
                local owner = v[k] or hold_of(place, s, e.id)
                if owner and owner ~= e.id then
                    count = count + 1
                    if count <= 200 then
                        r[#r + 1] = 'conflict'
                        r[#r + 1] = place .. ':' .. s .. ' ' .. owner
                    end
                end
            end
        end
    end
    if count > 0 then
        return refuse('SERVER_CONFLICT', n2s(count)
            .. ' servers are held by other executions', unpack(r))
    end
end

local function create_check(e)
    local err = too_late(e.deadline)
    if err then
        return err
    end
    if #e.waves == 0 then
        return refuse('PLAN_HAS_NO_WAVES', 'the plan has no waves', 'planId',
            e.plan)
    end
    for _, k in ipairs(e.checks) do
        local cur = redis.call('HGET', P .. k.kind .. ':ver', k.id) or '0'
        if cur ~= k.ver then
            return refuse('VERSION_CONFLICT', KINDS[k.kind].what .. ' ' .. k.id
                .. ' was changed meanwhile', 'kind', k.kind, 'id', k.id,
                'currentVersion', cur)
        end
    end
    local running = redis.call('GET', P .. 'claim:plan:' .. e.plan)
    if running then
        return refuse('PLAN_ALREADY_EXECUTING', 'execution ' .. running
            .. ' of the plan is active', 'executionId', running, 'planId',
            e.plan)
    end
    return claim_conflicts(e)
end

local function create_write(e)
    local now, key = now_ms(), P .. 'exec:' .. e.id
    local t, left = n2s(now), 0
    for i, w in ipairs(e.waves) do
        redis.call('HSET', key .. ':w:' .. n2s(i - 1), 'status', w.status,
            'ver', '1', 'doc', w.doc, 'inflight', '0', 'planned', '0')
        left = left + (w.status == 'PENDING' and 1 or 0)
    end
    redis.call('HSET', key, 'doc', e.doc, 'out', e.out, 'status', 'PENDING',
        'ver', '1', 'fence', '0', 'owner', '-', 'planId', e.plan,
        'planName', e.planName, 'type', e.kind, 'startedAt', t,
        'wavesTotal', n2s(#e.waves), 'wavesRun', n2s(left),
        'wavesLeft', n2s(left), 'inflight', '0', 'planned', '0',
        'launched', '0', 'cancel', '0', 'pauseReq', '0', 'pauseEpoch', '0',
        'currentWave', '0', 'completedWaves', '0', 'failedWaves', '0',
        'accounts', e.accounts, 'commandId', e.command,
        'nameKey', e.f.nameKey, 'initiatedBy', e.f.initiatedBy,
        'source', e.f.source)
    for place, list in pairs(e.places) do
        local kv = {}
        for _, s in ipairs(list) do
            kv[#kv + 1] = s
            kv[#kv + 1] = e.id
        end
        many('HSET', P .. 'claim:srv:' .. place, kv)
    end
    many('SADD', key .. ':claims', e.claims)
    redis.call('SET', P .. 'claim:plan:' .. e.plan, e.id)
    e.f.startedAt = t
    IX.add(e.id, e.f)
    IX.last(e.plan)
    for _, acct in ipairs(words(e.accounts)) do
        redis.call('SADD', P .. 'acct:runs:' .. acct, e.id)
    end
    audit(e.audit)
    emit(e.id, e.event)
    task_due('exec:' .. e.id, now)
end

function F.drs_exec_create(a)
    local e, err = create_parse(a)
    if not e then
        return err
    end
    local cmd = redis.call('HGET', P .. 'exec:' .. e.id, 'commandId')
    if cmd then
        if cmd == e.command then
            return ok('repeat')
        end
        return refuse('ALREADY_EXISTS', 'execution ' .. e.id .. ' exists',
            'executionId', e.id)
    end
    err = create_check(e)
    if err then
        return err
    end
    create_write(e)
    return ok('created')
end

-- Why a run cannot be deleted, or nil.
local function delete_check(x)
    local st = x.f.status
    if not CLASS[st].DELETABLE then
        return refuse('INVALID_STATE', 'execution ' .. x.id .. ' is ' .. st
            .. '; only ended executions can be deleted', 'currentStatus', st,
            'reason', 'ACTIVE')
    end
    for _, u in ipairs(redis.call('SMEMBERS', x.key .. ':units')) do
        local f = fields(x.key .. ':u:' .. u, { 'state', 'open', 'account',
            'region', 'jobs' })
        if f.open ~= '' or IN_FLIGHT[f.state] or unit_watched(f) then
            return refuse('INVALID_STATE', 'launch unit ' .. u
                .. ' is still watched', 'currentStatus', st, 'reason',
                'ACTIVE_JOBS', 'unit', u)
        end
    end
    if redis.call('HGET', x.key .. ':term', 'state') == 'RUNNING' then
        return refuse('INVALID_STATE', 'instances are being terminated',
            'currentStatus', st, 'reason', 'TERMINATING')
    end
end

-- id audit event
function F.drs_exec_delete(a)
    local x, err = exec_load(a[1] or '')
    err = err or delete_check(x)
    if err then
        return err
    end
    release(x)
    for _, u in ipairs(redis.call('SMEMBERS', x.key .. ':units')) do
        local f = fields(x.key .. ':u:' .. u, { 'account', 'region', 'jobs' })
        local place = f.account .. ':' .. f.region
        for _, job in ipairs(words(f.jobs)) do
            redis.call('HDEL', P .. 'watch:' .. place, job)
            redis.call('HDEL', P .. 'obs:' .. place, job)
        end
        redis.call('DEL', x.key .. ':u:' .. u)
    end
    for n = 0, num(x, 'wavesTotal') - 1 do
        redis.call('DEL', x.key .. ':w:' .. n2s(n))
    end
    local header = IX.header(x.id)
    redis.call('DEL', x.key, x.key .. ':units', x.key .. ':s',
        x.key .. ':claims', x.key .. ':term', x.key .. ':ev',
        x.key .. ':cmds')
    IX.remove(x.id, header)
    IX.last(x.f.planId)
    for _, task in ipairs({ 'exec:' .. x.id, 'term:' .. x.id }) do
        redis.call('ZREM', P .. 'due', task)
        redis.call('SREM', P .. 'poke', task)
        redis.call('DEL', P .. 'lease:' .. task)
        redis.call('HDEL', P .. 'fence', task)
    end
    audit(a[2])
    emit(nil, a[3])
    return ok()
end
