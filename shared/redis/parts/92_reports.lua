-- Reports for people; they change nothing.

local function age(ms)
    local s = math.floor(math.max(ms, 0) / 1000)
    if s < 120 then
        return n2s(s) .. ' s'
    elseif s < 7200 then
        return n2s(math.floor(s / 60)) .. ' min'
    elseif s < 172800 then
        return n2s(math.floor(s / 3600)) .. ' h'
    end
    return n2s(math.floor(s / 86400)) .. ' d'
end

local function when(s)
    local t = int(s)
    return t and t > 0 and iso(t) or '-'
end

local function exec_line(id, now)
    local f = fields(P .. 'exec:' .. id, { 'status', 'type', 'planName',
        'startedAt', 'wavesTotal', 'wavesLeft', 'launched' })
    return id .. '  ' .. f.status .. '  ' .. f.type .. '  ' .. f.planName
        .. '  started ' .. age(now - (int(f.startedAt) or now)) .. ' ago, '
        .. n2s((int(f.wavesTotal) or 0) - (int(f.wavesLeft) or 0)) .. '/'
        .. f.wavesTotal .. ' waves begun, ' .. f.launched
        .. ' servers launched'
end

local function status_overview(now)
    local r, total = {}, 0
    for st, class in pairs(CLASS) do
        local key = P .. 'exec:status:' .. st
        local n = redis.call('ZCARD', key)
        total = total + n
        if n > 0 and class.ACTIVE then
            for _, id in ipairs(redis.call('ZREVRANGE', key, 0, 99)) do
                r[#r + 1] = exec_line(id, now)
            end
        end
    end
    table.sort(r)
    local live = 0
    for _, w in ipairs(redis.call('ZRANGE', P .. 'workers', 0, -1)) do
        live = live + redis.call('EXISTS', P .. 'worker:' .. w)
    end
    table.insert(r, 1, n2s(total) .. ' executions, ' .. n2s(#r) .. ' active; '
        .. n2s(live) .. ' workers; '
        .. n2s(redis.call('XLEN', P .. 'cmd')) .. ' commands open, '
        .. n2s(redis.call('XLEN', P .. 'cmd:dead')) .. ' dead')
    return r
end

local function unit_lines(x, r)
    local units = redis.call('SMEMBERS', x.key .. ':units')
    table.sort(units, function(p, q)
        local pw, ps = string.match(p, '^(%d+)%-(%d+)$')
        local qw, qs = string.match(q, '^(%d+)%-(%d+)$')
        if pw ~= qw then
            return tonumber(pw) < tonumber(qw)
        end
        return tonumber(ps) < tonumber(qs)
    end)
    for _, u in ipairs(units) do
        local f = fields(x.key .. ':u:' .. u, { 'state', 'account', 'region',
            'servers', 'attempt', 'maxAttempts', 'jobs', 'open' })
        r[#r + 1] = 'unit ' .. u .. '  ' .. f.state .. '  ' .. f.account
            .. ' ' .. f.region .. '  ' .. n2s(#words(f.servers))
            .. ' servers, attempt ' .. (f.attempt ~= '' and f.attempt or '0')
            .. ' of ' .. (f.maxAttempts ~= '' and f.maxAttempts or '1')
            .. (f.jobs ~= '' and ', jobs ' .. f.jobs or '')
            .. (f.open ~= '' and ', open sends ' .. f.open or '')
    end
end

local POSSIBLE = { PENDING = 'drs_cancel', RUNNING = 'drs_pause, drs_cancel',
    POLLING = 'drs_pause, drs_cancel',
    PAUSE_PENDING = 'drs_resume, drs_cancel',
    PAUSED = 'drs_resume, drs_cancel, drs_terminate (confirm-paused)',
    CANCELLING = 'wait for the running jobs' }

-- [execution id]
function F.drs_status(a)
    local now = now_ms()
    if not given(a[1]) then
        return status_overview(now)
    end
    local x, err = exec_load(a[1])
    if not x then
        return say_error(err)
    end
    local more = fields(x.key, { 'pauseReason', 'pausedAt', 'pausedBy',
        'cancelledBy', 'errorCode', 'errorMessage' })
    local lease = fields(P .. 'lease:exec:' .. x.id, { 'owner', 'until' })
    local due = redis.call('ZSCORE', P .. 'due', 'exec:' .. x.id)
    local r = { 'execution ' .. x.id, 'plan ' .. x.f.planName .. ' ('
        .. x.f.planId .. '), ' .. x.f.type, 'status ' .. x.f.status
        .. ', version ' .. x.f.ver, 'started ' .. when(x.f.startedAt)
        .. ', ended ' .. when(x.f.endedAt) }
    if x.f.status == 'PAUSED' then
        r[#r + 1] = 'paused ' .. when(more.pausedAt) .. ' before wave '
            .. x.f.pausedBeforeWave .. ' (' .. more.pauseReason .. ') by '
            .. (more.pausedBy ~= '' and more.pausedBy or '-')
            .. ', until ' .. when(x.f.pauseDeadline)
    end
    if more.cancelledBy ~= '' then
        r[#r + 1] = 'cancelled by ' .. more.cancelledBy
    end
    if more.errorCode ~= '' then
        r[#r + 1] = 'error ' .. more.errorCode .. ' ' .. more.errorMessage
    end
    for n = 0, num(x, 'wavesTotal') - 1 do
        local w = fields(x.key .. ':w:' .. n2s(n), { 'status', 'inflight',
            'planned' })
        r[#r + 1] = 'wave ' .. n2s(n) .. '  ' .. w.status .. '  '
            .. (w.inflight ~= '' and w.inflight or '0')
            .. ' units in flight, '
            .. (w.planned ~= '' and w.planned or '0') .. ' planned'
    end
    unit_lines(x, r)
    r[#r + 1] = 'task ' .. (lease.owner ~= '' and 'leased by ' .. lease.owner
        .. ' until ' .. when(lease['until'])
        or due and 'due ' .. iso(math.floor(tonumber(due)))
        or 'not scheduled')
    r[#r + 1] = 'possible now: ' .. (POSSIBLE[x.f.status]
        or 'drs_terminate (ended)')
    return r
end

function F.drs_queue(a)
    local now, r = now_ms(), {}
    local max = math.min(int(a[1] or '20') or 20, 1000)
    local due = redis.call('ZRANGE', P .. 'due', 0, max - 1, 'WITHSCORES')
    r[1] = n2s(redis.call('ZCARD', P .. 'due')) .. ' tasks, '
        .. n2s(redis.call('ZCOUNT', P .. 'due', '-inf', n2s(now)))
        .. ' due now; ' .. n2s(redis.call('XLEN', P .. 'cmd'))
        .. ' commands open, ' .. n2s(redis.call('XLEN', P .. 'cmd:dead'))
        .. ' dead'
    for i = 1, #due, 2 do
        local l = fields(P .. 'lease:' .. due[i], { 'owner' })
        local at = tonumber(due[i + 1])
        r[#r + 1] = 'task ' .. due[i] .. '  ' .. (l.owner ~= ''
            and 'leased by ' .. l.owner .. ', ' or '')
            .. (at <= now and 'due since ' .. age(now - at)
            or (l.owner ~= '' and 'lease ends in ' or 'due in ')
            .. age(at - now))
    end
    for _, e in ipairs(redis.call('XRANGE', P .. 'cmd', '-', '+', 'COUNT',
        n2s(max)))
    do
        local f = entry_fields(e)
        local at = int(string.match(e[1], '^(%d+)')) or now
        r[#r + 1] = 'command ' .. e[1] .. '  ' .. (f.type or '') .. '  '
            .. (f.id or '') .. '  by ' .. actor_name(f.actor or '') .. ', '
            .. age(now - at) .. ' old'
    end
    return r
end

function F.drs_workers()
    local now, r = now_ms(), {}
    local all = redis.call('SISMEMBER', P .. 'drain', '*') == 1
    local list = redis.call('ZREVRANGE', P .. 'workers', 0, 999, 'WITHSCORES')
    for i = 1, #list, 2 do
        local w, seen = list[i], tonumber(list[i + 1])
        local up = redis.call('EXISTS', P .. 'worker:' .. w) == 1
        local drained = all or redis.call('SISMEMBER', P .. 'drain', w) == 1
        r[#r + 1] = w .. '  ' .. (up and 'alive' or 'silent')
            .. (drained and ', drained' or '') .. ', last heartbeat '
            .. age(now - seen) .. ' ago'
    end
    table.insert(r, 1, n2s(#r) .. ' workers seen in the last day'
        .. (all and '; all are drained' or ''))
    return r
end

-- [how many]
function F.drs_dead(a)
    local max, r = math.min(int(a[1] or '20') or 20, 1000), {}
    for _, e in ipairs(redis.call('XREVRANGE', P .. 'cmd:dead', '+', '-',
        'COUNT', n2s(max)))
    do
        local f = entry_fields(e)
        r[#r + 1] = e[1] .. '  ' .. (f.type or '') .. '  ' .. (f.id or '')
            .. '  by ' .. actor_name(f.actor or '') .. ', '
            .. (f.tries or '?') .. ' tries: ' .. (f.error or '')
    end
    table.insert(r, 1, n2s(redis.call('XLEN', P .. 'cmd:dead'))
        .. ' dead commands; put one back with drs_requeue <id> <actor>')
    return r
end

-- What a report shows of a document; the document itself stays as it is.
local function shown(json, names)
    local good, t = pcall(cjson.decode, json)
    local r = {}
    for _, k in ipairs(names) do
        local v = good and type(t) == 'table' and t[k]
        r[k] = type(v) == 'string' and v or type(v) == 'boolean'
            and tostring(v) or ''
    end
    return r
end

function F.drs_schedules()
    local r, ids = {}, redis.call('HKEYS', P .. 'sched:ver')
    for i, id in ipairs(ids) do
        if i > 1000 then
            break
        end
        local d = shown(redis.call('GET', P .. 'sched:' .. id) or '',
            { 'name', 'planId', 'cron', 'timeZone', 'enabled' })
        local f = fields(P .. 'sched:run:' .. id, { 'next', 'last', 'hold' })
        local last = shown(f.last, { 'time', 'result', 'reason' })
        r[#r + 1] = id .. '  ' .. d.name .. '  plan ' .. d.planId .. '  '
            .. d.cron .. ' ' .. d.timeZone .. '  '
            .. (d.enabled ~= 'true' and 'disabled'
            or f.hold ~= '' and 'held by ' .. f.hold
            or 'next ' .. when(f.next))
            .. (last.result ~= '' and ', last ' .. last.time .. ' '
            .. last.result .. (last.reason ~= '' and ' (' .. last.reason .. ')'
            or '') or ', never run')
    end
    table.sort(r)
    table.insert(r, 1, n2s(#ids) .. ' schedules: id, name, plan, cron, time '
        .. 'zone, next and last run')
    return r
end

-- Last runs of the background jobs.
function F.drs_runs()
    local r, now = {}, now_ms()
    local list = redis.call('HGETALL', P .. 'runs')
    for i = 1, #list, 2 do
        local good, t = pcall(cjson.decode, list[i + 1])
        if good and type(t) == 'table' and i < 20000 then
            local c = {}
            for k, v in pairs(t.counters or {}) do
                c[#c + 1] = k .. ' ' .. n2s(tonumber(v) or 0)
            end
            table.sort(c)
            r[#r + 1] = list[i] .. '  ' .. tostring(t.status) .. '  ended '
                .. tostring(t.finishedAt) .. '  ' .. table.concat(c, ', ')
                .. (type(t.errors) == 'table' and t.errors[1]
                and ': ' .. (type(t.errors[1]) == 'string' and t.errors[1]
                or cjson.encode(t.errors[1])) or '')
        end
    end
    table.sort(r)
    table.insert(r, 1, n2s(#r) .. ' background jobs: job and scope, status, '
        .. 'end, counters, first error; it is ' .. iso(now))
    return r
end

-- [how many]
function F.drs_outbox(a)
    local max, now, r = math.min(int(a[1] or '20') or 20, 1000), now_ms(), {}
    local open = redis.call('ZRANGE', P .. 'outbox:open', 0, max - 1)
    for _, id in ipairs(open) do
        local f = fields(P .. 'outbox:d:' .. id, { 'channel', 'scope', 'type',
            'at', 'attempts', 'error' })
        r[#r + 1] = 'pending ' .. id .. '  ' .. f.type .. '  ' .. f.channel
            .. '  of ' .. f.scope .. ', ' .. age(now - (int(f.at) or now))
            .. ' old, ' .. f.attempts .. ' attempts'
            .. (f.error ~= '' and ': ' .. f.error or '')
    end
    for _, e in ipairs(redis.call('XREVRANGE', P .. 'outbox:dead', '+', '-',
        'COUNT', n2s(max)))
    do
        local f = entry_fields(e)
        r[#r + 1] = 'dead ' .. e[1] .. '  ' .. f.type .. '  ' .. f.channel
            .. '  of ' .. f.scope .. ', ' .. f.attempts .. ' attempts: '
            .. f.error
    end
    table.insert(r, 1, n2s(redis.call('XLEN', P .. 'outbox'))
        .. ' notifications without a channel yet, '
        .. n2s(redis.call('ZCARD', P .. 'outbox:open')) .. ' pending, '
        .. n2s(redis.call('XLEN', P .. 'outbox:dead'))
        .. ' dead; put one back with drs_outbox_retry <id>|* <actor>')
    return r
end
