-- Executions: what several functions share.  x = { id, key, f } where f has
-- the header fields that rules look at.

local IN_FLIGHT = { INTENT = true, STARTED = true, HELD = true }

-- Arrows of launch-protocol "Unit states".  To INTENT: drs_unit_arm only.
local UNIT_ARROWS = {
    PLANNED = { FAILED = true, HELD = true, CANCELLED = true },
    INTENT = { PLANNED = true, STARTED = true, FAILED = true, HELD = true,
        CANCELLED = true },
    STARTED = { DONE = true, FAILED = true, HELD = true },
    DONE = { HELD = true },
    FAILED = { PLANNED = true, HELD = true },
    HELD = { PLANNED = true, STARTED = true, DONE = true, FAILED = true,
        CANCELLED = true },
    CANCELLED = { HELD = true }
}

local WAVE_STATUS = { PENDING = true, INITIATED = true, IN_PROGRESS = true,
    COMPLETED = true, PARTIAL = true, FAILED = true, TIMEOUT = true,
    CANCELLED = true }

local WAVE_OVER = { COMPLETED = true, PARTIAL = true, FAILED = true,
    TIMEOUT = true }

local HEADER = { 'status', 'ver', 'planId', 'planName', 'type', 'startedAt',
    'endedAt', 'wavesTotal', 'wavesRun', 'wavesLeft', 'inflight', 'planned',
    'launched', 'cancel', 'pauseReq', 'pauseEpoch', 'pausedBeforeWave',
    'pauseDeadline', 'accounts', 'fence', 'owner' }

local function exec_load(id)
    local x = { id = id, key = P .. 'exec:' .. id }
    x.f = fields(x.key, HEADER)
    if x.f.status == '' then
        return nil, refuse('EXECUTION_NOT_FOUND', 'no execution ' .. id,
            'executionId', id)
    end
    return x
end

local function num(x, name)
    return int(x.f[name]) or 0
end

-- Keeps the counters `planned` and `inflight` of wave and header.
local function count_unit(x, wave, from, to)
    local w = x.key .. ':w:' .. wave
    local planned = (to == 'PLANNED' and 1 or 0)
        - (from == 'PLANNED' and 1 or 0)
    local flying = (IN_FLIGHT[to] and 1 or 0)
        - (from and IN_FLIGHT[from] and 1 or 0)
    if planned ~= 0 then
        redis.call('HINCRBY', w, 'planned', planned)
        redis.call('HINCRBY', x.key, 'planned', planned)
    end
    if flying ~= 0 then
        local n = redis.call('HINCRBY', w, 'inflight', flying)
        if flying == 1 and n == 1 or flying == -1 and n == 0 then
            redis.call('HINCRBY', x.key, 'inflight', flying)
        end
    end
end

-- Moves the run in the indexes and adds to `set` what belongs to the status.
local function set_status(x, to, now, set)
    local from = x.f.status
    set.status = to
    set.updatedAt = n2s(now)
    if to == from then
        return
    end
    redis.call('ZREM', P .. 'exec:status:' .. from, x.id)
    redis.call('ZADD', P .. 'exec:status:' .. to, x.f.startedAt, x.id)
    set.pauseReq = to == 'PAUSE_PENDING' and '1' or '0'
    if to == 'PAUSED' then
        set.pausedAt = set.pausedAt or n2s(now)
        set.pauseEpoch = n2s(num(x, 'pauseEpoch') + 1)
    elseif from == 'PAUSED' then
        for _, k in ipairs({ 'pausedBeforeWave', 'pauseReason', 'pausedAt',
            'pausedBy', 'pauseDeadline' })
        do
            set[k] = set[k] or ''
        end
    end
    if from == 'PAUSE_PENDING' and to ~= 'PAUSED' then
        set.pausedBy = set.pausedBy or ''
        set.pauseReason = set.pauseReason or ''
    end
    if CLASS[to].TERMINAL then
        set.endedAt = set.endedAt or n2s(now)
    end
end

-- A job of the unit has not been followed to its end yet.
local function unit_watched(f)
    local jobs = words(f.jobs)
    if #jobs == 0 then
        return false
    end
    for _, owner in ipairs(redis.call('HMGET', P .. 'watch:' .. f.account .. ':'
        .. f.region, unpack(jobs)))
    do
        if owner then
            return true
        end
    end
    return false
end

-- Plan, accounts and the server claims that nothing of the run needs any more
-- (launch-protocol step 9).
local function release(x)
    if redis.call('GET', P .. 'claim:plan:' .. x.f.planId) == x.id then
        redis.call('DEL', P .. 'claim:plan:' .. x.f.planId)
    end
    for _, a in ipairs(words(x.f.accounts)) do
        redis.call('SREM', P .. 'acct:runs:' .. a, x.id)
    end

    local need = {}
    for _, u in ipairs(redis.call('SMEMBERS', x.key .. ':units')) do
        local f = fields(x.key .. ':u:' .. u, { 'state', 'open', 'account',
            'region', 'servers', 'jobs' })
        if f.open ~= '' or IN_FLIGHT[f.state] or unit_watched(f) then
            for _, s in ipairs(words(f.servers)) do
                need[f.account .. ':' .. f.region .. ':' .. s] = true
            end
        end
    end

    local gone, places = {}, {}
    for _, c in ipairs(redis.call('SMEMBERS', x.key .. ':claims')) do
        if not need[c] then
            local place, s = string.match(c, '^([^:]+:[^:]+):(.+)$')
            gone[#gone + 1] = c
            places[place] = places[place] or {}
            table.insert(places[place], s)
        end
    end
    for place, list in pairs(places) do
        local key, mine = P .. 'claim:srv:' .. place, {}
        for i = 1, #list, 1000 do
            local last = math.min(i + 999, #list)
            local v = redis.call('HMGET', key, unpack(list, i, last))
            for k = 1, #v do
                if v[k] == x.id then
                    mine[#mine + 1] = list[i + k - 1]
                end
            end
        end
        many('HDEL', key, mine)
    end
    many('SREM', x.key .. ':claims', gone)
end

-- Waves by class, for answers and events.
local function wave_lists(x)
    local r = { over = {}, flying = {}, rest = {}, last = 0, next = nil }
    for n = 0, num(x, 'wavesTotal') - 1 do
        local w = fields(x.key .. ':w:' .. n2s(n), { 'status', 'inflight' })
        if WAVE_OVER[w.status] then
            table.insert(r.over, n2s(n))
            r.last = n
        elseif (int(w.inflight) or 0) > 0 then
            table.insert(r.flying, n2s(n))
            r.next = r.next or n
        else
            table.insert(r.rest, n2s(n))
            if w.status ~= 'CANCELLED' then
                r.next = r.next or n
            end
        end
        if w.status == 'PENDING' then
            r.pending = r.pending or n
        end
    end
    return r
end

local function exec_event(x, now, name, ver, actor, data)
    return '{"time":"' .. iso(now) .. '","event":"' .. name
        .. '","topic":"executions","resourceType":"execution","resourceId":'
        .. js(x.id) .. ',"version":' .. ver
        .. (actor ~= '' and ',"actor":' .. js(actor) or '')
        .. ',"executionId":' .. js(x.id) .. ',"planId":' .. js(x.f.planId)
        .. ',"data":{' .. data .. '}}'
end
