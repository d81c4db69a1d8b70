-- Functions for people at redis-cli (docs/operations.md): answers are lines of
-- text, refusals are Redis errors that begin with the code.

local function say_error(reply)
    return redis.error_reply(reply[1] .. ' ' .. (reply[2] or ''))
end

local function usage(text)
    return redis.error_reply('USAGE ' .. text)
end

local function operator(name)
    name = clean(name)
    return '{"type":"operator","userId":' .. js('redis-cli:' .. name)
        .. ',"username":' .. js(name) .. ',"roles":[]}'
end

-- Audit entry and notice of an operator's action that is no execution command.
local function operator_note(now, who, action, what, data, cmd)
    audit('{"time":"' .. iso(now) .. '","actor":' .. operator(who)
        .. ',"action":"' .. action .. '","resourceType":"operations",'
        .. '"resourceId":' .. js(what) .. ',"outcome":"'
        .. (cmd and 'allowed","requestId":' .. js(cmd) or 'succeeded"')
        .. ',"after":' .. data .. '}')
    emit(nil, '{"time":"' .. iso(now) .. '","event":"notice","topic":'
        .. '"notices","resourceType":"settings","resourceId":' .. js(what)
        .. ',"actor":' .. js(who) .. ',"data":{"severity":"info","code":"'
        .. action .. '","message":' .. js(action .. ' ' .. what .. ' by '
        .. who) .. '}}')
end

local function command_text(name, reply)
    local to, from, id = reply[2], reply[3], reply[4]
    local hint = {
        PAUSE_PENDING = 'No new launch starts; it becomes PAUSED when the '
            .. 'running jobs have ended.',
        PAUSED = 'Continue with drs_resume, end with drs_cancel.',
        RUNNING = 'The worker goes on with the next wave.',
        POLLING = 'The request to pause is withdrawn.',
        CANCELLING = 'No new launch starts; running jobs are followed to '
            .. 'their end (a DRS job cannot be stopped).',
        CANCELLED = 'Nothing was launched.',
        PARTIAL = 'Instances were launched and stay; see drs_terminate.'
    }
    return { name .. ' accepted: ' .. from .. ' -> ' .. to .. ' (' .. id
        .. ')', hint[to] or '' }
end

local function operator_command(name)
    return function(a)
        if not given(a[1]) or not given(a[2]) then
            return usage('FCALL drs_' .. name
                .. " 1 '{drs}' <execution-id> <actor> [reason]")
        end
        local actor = operator(a[2])
        local r = exec_command(a[1], { name = name, actor = actor,
            who = clean(a[2]), reason = clean(a[3] or ''),
            audit_refused = true, now = now_ms() })
        if r[1] ~= 'OK' then
            return say_error(r)
        end
        return command_text(name, r)
    end
end

F.drs_pause = operator_command('pause')
F.drs_resume = operator_command('resume')
F.drs_cancel = operator_command('cancel')

-- Id of a plan given by id or by its folded name.
local function find_plan(s)
    if redis.call('HEXISTS', P .. 'plan:ver', s) == 1 then
        return s
    end
    return redis.call('HGET', P .. 'plan:name', s)
        or redis.call('HGET', P .. 'plan:name', string.lower(s)) or nil
end

local function plan_names()
    local t = {}
    for _, m in ipairs(redis.call('ZRANGE', P .. 'plan:ids', 0, -1)) do
        local name, id = string.match(m, '^(.*)%z(.-)$')
        t[#t + 1] = { name = name, id = id }
    end
    return t
end

function F.drs_plans()
    local r = {}
    for _, p in ipairs(plan_names()) do
        local run = redis.call('GET', P .. 'claim:plan:' .. p.id)
        local st = run and redis.call('HGET', P .. 'exec:' .. run, 'status')
        r[#r + 1] = p.id .. '  ' .. p.name .. '  '
            .. (run and 'execution ' .. run .. ' ' .. (st or '') or 'idle')
    end
    table.insert(r, 1, n2s(#r) .. ' recovery plans: id, name (folded), state')
    return r
end

-- plan type actor [reason]
function F.drs_start(a)
    local kind = string.upper(a[2] or '')
    if not given(a[1]) or kind ~= 'DRILL' and kind ~= 'RECOVERY'
        or not given(a[3])
    then
        return usage("FCALL drs_start 1 '{drs}' <plan-id-or-name> "
            .. 'DRILL|RECOVERY <actor> [reason]')
    end
    local plan = find_plan(a[1])
    if not plan then
        return redis.error_reply('RECOVERY_PLAN_NOT_FOUND no plan '
            .. clean(a[1]) .. '; drs_plans lists them')
    end
    local run = redis.call('GET', P .. 'claim:plan:' .. plan)
    if run then
        local st = redis.call('HGET', P .. 'exec:' .. run, 'status') or '?'
        return redis.error_reply('PLAN_ALREADY_EXECUTING execution ' .. run
            .. ' of this plan is ' .. st .. '; drs_status, drs_resume or '
            .. 'drs_cancel it')
    end
    local now, cmd, exec, who = now_ms(), uuid(), uuid(), clean(a[3])
    cmd_add({ id = cmd, kind = 'exec.start', actor = operator(who),
        request = cmd, reply_to = '', deadline = '0',
        payload = '{"executionId":"' .. exec .. '","planId":' .. js(plan)
            .. ',"executionType":"' .. kind .. '","initiatedBy":' .. js(who)
            .. ',"invocationSource":"CLI"'
            .. (given(a[4]) and ',"reason":' .. js(a[4]) or '') .. '}' })
    operator_note(now, who, 'operator.start', plan,
        '{"commandId":"' .. cmd .. '","executionId":"' .. exec
        .. '","executionType":"' .. kind .. '","reason":' .. js(a[4] or '')
        .. '}', cmd)
    return { 'command ' .. cmd, 'execution ' .. exec, kind .. ' of plan '
        .. plan .. " is queued; follow it with: FCALL drs_status 1 '"
        .. string.sub(P, 1, -2) .. "' " .. exec }
end

-- execution actor [confirm-paused]
function F.drs_terminate(a)
    if not given(a[1]) or not given(a[2]) then
        return usage("FCALL drs_terminate 1 '{drs}' <execution-id> <actor> "
            .. '[confirm-paused]')
    end
    local x, err = exec_load(a[1])
    local confirm = a[3] == 'confirm-paused'
    err = err or term_begin_check(x, confirm)
    if err then
        return say_error(err)
    end
    local now, cmd, who = now_ms(), uuid(), clean(a[2])
    cmd_add({ id = cmd, kind = 'exec.terminate', actor = operator(who),
        request = cmd, reply_to = '', deadline = '0',
        payload = '{"executionId":' .. js(x.id) .. ',"confirmPaused":'
            .. (confirm and 'true' or 'false') .. '}' })
    operator_note(now, who, 'operator.terminate', x.id,
        '{"commandId":"' .. cmd .. '"}', cmd)
    return { 'command ' .. cmd, 'execution ' .. x.id,
        'termination of its recovery instances is queued' }
end

-- Queues a decision that the worker makes with the engine.
local function ask(kind, x, who, payload, what)
    local now, cmd = now_ms(), uuid()
    cmd_add({ id = cmd, kind = kind, actor = operator(who), request = cmd,
        reply_to = '', deadline = '0',
        payload = '{"executionId":' .. js(x.id) .. payload .. '}' })
    operator_note(now, who, 'operator.' .. string.match(kind, '%a+$'), x.id,
        '{"commandId":"' .. cmd .. '"' .. payload .. '}', cmd)
    return { 'command ' .. cmd, 'execution ' .. x.id, what
        .. " is queued; drs_status shows what came of it" }
end

-- The execution of an operator's request, active; or an error reply.
local function ask_load(id, code)
    local x, err = exec_load(id)
    if err then
        return nil, say_error(err)
    end
    if CLASS[x.f.status].TERMINAL then
        return nil, redis.error_reply(code .. ' execution ' .. x.id .. ' is '
            .. x.f.status .. ' and has ended')
    end
    return x
end

local function ask_wave(x, n)
    if not string.find(n, '^%d+$') or #n > 4
        or tonumber(n) >= num(x, 'wavesTotal')
    then
        return redis.error_reply('WAVE_NOT_FOUND execution ' .. x.id
            .. ' has no wave ' .. clean(n) .. '; waves count from 0')
    end
end

-- execution wave actor [reason]
function F.drs_retry(a)
    if not given(a[1]) or not given(a[2]) or not given(a[3]) then
        return usage("FCALL drs_retry 1 '{drs}' <execution-id> <wave> "
            .. '<actor> [reason]')
    end
    local x, err = ask_load(a[1], 'WAVE_NOT_RETRYABLE')
    err = err or ask_wave(x, a[2])
    if err then
        return err
    end
    local n = n2s(tonumber(a[2]))
    return ask('wave.retry', x, clean(a[3]), ',"waveNumber":' .. n
        .. (given(a[4]) and ',"reason":' .. js(a[4]) or ''),
        'retry of the failed servers of wave ' .. n)
end

-- execution wave actor reason
function F.drs_skip(a)
    if not given(a[1]) or not given(a[2]) or not given(a[3])
        or not given(a[4])
    then
        return usage("FCALL drs_skip 1 '{drs}' <execution-id> <wave> <actor> "
            .. '<reason>')
    end
    local x, err = ask_load(a[1], 'WAVE_NOT_SKIPPABLE')
    err = err or ask_wave(x, a[2])
    if err then
        return err
    end
    local n = n2s(tonumber(a[2]))
    return ask('wave.skip', x, clean(a[3]), ',"waveNumber":' .. n
        .. ',"reason":' .. js(a[4]), 'skip of wave ' .. n)
end

-- execution unit ADOPT|RETRY|FAIL actor reason [job]
function F.drs_resolve(a)
    local act = string.upper(a[3] or '')
    if not given(a[1]) or not given(a[2]) or not given(a[4])
        or not given(a[5]) or act ~= 'ADOPT' and act ~= 'RETRY'
        and act ~= 'FAIL' or act == 'ADOPT' and not given(a[6])
    then
        return usage("FCALL drs_resolve 1 '{drs}' <execution-id> <unit> "
            .. 'ADOPT|RETRY|FAIL <actor> <reason> [job, for ADOPT]')
    end
    local x, err = ask_load(a[1], 'UNIT_NOT_HELD')
    if err then
        return err
    end
    local st = redis.call('HGET', x.key .. ':u:' .. a[2], 'state')
    if not st then
        return redis.error_reply('UNIT_NOT_FOUND execution ' .. x.id
            .. ' has no unit ' .. clean(a[2]) .. '; drs_status lists them')
    end
    if st ~= 'HELD' then
        return redis.error_reply('UNIT_NOT_HELD unit ' .. clean(a[2])
            .. ' is ' .. st)
    end
    return ask('unit.resolve', x, clean(a[4]), ',"unitId":' .. js(a[2])
        .. ',"action":"' .. act .. '","reason":' .. js(a[5])
        .. (act == 'ADOPT' and ',"jobId":' .. js(a[6]) or ''),
        act .. ' of unit ' .. a[2])
end

-- worker or * | actor [off]
function F.drs_drain(a)
    if not given(a[1]) or not given(a[2]) then
        return usage("FCALL drs_drain 1 '{drs}' <worker-id>|* <actor> [off]")
    end
    local off = a[3] == 'off'
    if a[1] ~= '*' and not off
        and not redis.call('ZSCORE', P .. 'workers', a[1])
    then
        return redis.error_reply('WORKER_NOT_FOUND no worker ' .. clean(a[1])
            .. '; drs_workers lists them')
    end
    local n
    if off then
        n = redis.call('SREM', P .. 'drain', a[1])
    else
        n = redis.call('SADD', P .. 'drain', a[1])
    end
    operator_note(now_ms(), clean(a[2]), off and 'operator.undrain'
        or 'operator.drain', a[1], '{}')
    if off then
        return { a[1] .. (n == 1 and ' takes work again' or
            ' was not drained') }
    end
    return { a[1] .. ' gets no new task; running steps end first' }
end

-- dead stream id, actor
function F.drs_requeue(a)
    if not given(a[1]) or not given(a[2]) then
        return usage("FCALL drs_requeue 1 '{drs}' <id of drs_dead> <actor>")
    end
    if not string.find(a[1], '^%d+%-%d+$') then
        return redis.error_reply('BAD_ID ' .. clean(a[1])
            .. ' is no id as drs_dead shows them')
    end
    local e = redis.call('XRANGE', P .. 'cmd:dead', a[1], a[1])[1]
    if not e then
        return redis.error_reply('NOT_FOUND no dead command ' .. a[1]
            .. '; drs_dead lists them')
    end
    local f = entry_fields(e)
    if f.payload == '' then
        return redis.error_reply('NOT_REQUEUABLE the payload of a command of '
            .. 'type ' .. f.type .. ' is not kept; it must be sent again')
    end
    local sid = cmd_add({ id = f.id, kind = f.type, actor = f.actor,
        request = f.requestId, payload = f.payload, reply_to = '',
        deadline = '0' })
    redis.call('XDEL', P .. 'cmd:dead', a[1])
    operator_note(now_ms(), clean(a[2]), 'operator.requeue', f.id,
        '{"type":' .. js(f.type) .. ',"from":"' .. a[1] .. '"}')
    return { f.type .. ' ' .. f.id .. ' is queued again as ' .. sid }
end

-- schedule or *, hold | release | now, actor
function F.drs_schedule(a)
    local what, acts = a[2] or '', { hold = true, release = true, now = true }
    if not given(a[1]) or not acts[what] or not given(a[3]) then
        return usage("FCALL drs_schedule 1 '{drs}' <schedule-id>|* "
            .. 'hold|release|now <actor>')
    end
    local ids = { a[1] }
    if a[1] == '*' then
        ids = redis.call('HKEYS', P .. 'sched:ver')
        if what == 'now' then
            return usage('now takes the id of one schedule')
        end
    elseif redis.call('HEXISTS', P .. 'sched:ver', a[1]) == 0 then
        return redis.error_reply('SCHEDULE_NOT_FOUND no schedule '
            .. clean(a[1]) .. '; drs_schedules lists them')
    end
    local now, who = now_ms(), clean(a[3])
    for _, id in ipairs(ids) do
        local key = P .. 'sched:run:' .. id
        if what == 'hold' then
            redis.call('HSET', key, 'hold', who)
        elseif what == 'release' then
            redis.call('HDEL', key, 'hold')
        else
            redis.call('HSET', key, 'now', n2s(now), 'nowBy', who)
        end
        if what ~= 'hold' then
            task_due('schedule:' .. id, 0)
        end
    end
    operator_note(now, who, 'operator.schedule-' .. what, a[1], '{}')
    if what == 'hold' then
        return { n2s(#ids) .. ' schedules start no drill until they are '
            .. 'released' }
    elseif what == 'release' then
        return { n2s(#ids) .. ' schedules start drills again' }
    end
    return { 'one drill of the schedule starts at once; drs_schedules tells '
        .. 'what became of it' }
end

-- dead stream id or *, actor
function F.drs_outbox_retry(a)
    if not given(a[1]) or not given(a[2]) then
        return usage("FCALL drs_outbox_retry 1 '{drs}' <id of drs_outbox>|* "
            .. '<actor>')
    end
    if a[1] ~= '*' and not string.find(a[1], '^%d+%-%d+$') then
        return redis.error_reply('BAD_ID ' .. clean(a[1])
            .. ' is no id as drs_outbox shows them')
    end
    local all, r = a[1] == '*', {}
    local list = redis.call('XRANGE', P .. 'outbox:dead', all and '-' or a[1],
        all and '+' or a[1], 'COUNT', '1000')
    if #list == 0 then
        return redis.error_reply('NOT_FOUND no dead notification '
            .. clean(a[1]) .. '; drs_outbox lists them')
    end
    for _, e in ipairs(list) do
        local f = entry_fields(e)
        outbox_push(f.channel, f.id, f.scope, f.type, now_ms(), f.body)
        redis.call('XDEL', P .. 'outbox:dead', e[1])
        r[#r + 1] = f.type .. ' ' .. f.id .. ' is queued again for '
            .. f.channel
    end
    operator_note(now_ms(), clean(a[2]), 'operator.outbox-retry', a[1],
        '{"count":' .. n2s(#list) .. '}')
    return r
end
