-- Pause, resume, cancel: T7, T8, T12, T12b, T14, T15, T17 of engine.md 1.4, by
-- header fields alone.  Each returns event name and header fields, or a refusal.

local PAUSABLE = 'RUNNING, POLLING'
local CANCELLABLE = 'PENDING, RUNNING, POLLING, PAUSE_PENDING, PAUSED, '
    .. 'CANCELLING'

local COMMANDS = {}

function COMMANDS.pause(x, c)
    local st = x.f.status
    if not CLASS[st].PAUSABLE then
        return nil, refuse('EXECUTION_NOT_PAUSABLE', 'execution ' .. x.id
            .. ' is ' .. st .. ' and cannot be paused; it can be while it is '
            .. PAUSABLE, 'currentStatus', st, 'reason',
            'only a running execution can be paused')
    end
    if num(x, 'wavesTotal') == 0 then
        return nil, refuse('EXECUTION_NO_WAVES', 'execution ' .. x.id
            .. ' has no waves', 'currentStatus', st)
    end
    if (int(x.f.wavesRun) or num(x, 'wavesTotal')) < 2 then
        return nil, refuse('SINGLE_WAVE_NOT_PAUSABLE', 'execution ' .. x.id
            .. ' has a single wave: there is nothing to pause before',
            'currentStatus', st, 'waveCount', '1', 'reason', 'single wave')
    end
    if num(x, 'wavesLeft') < 1 then
        return nil, refuse('NO_PENDING_WAVES', 'every wave of execution '
            .. x.id .. ' has started already', 'currentStatus', st,
            'lastCompletedWave', n2s(wave_lists(x).last), 'reason',
            'no wave is left to pause before')
    end
    local set = { pausedBy = c.who, pauseReason = 'REQUESTED' }
    if num(x, 'inflight') > 0 then
        return 'pause', set
    end
    set.pausedBeforeWave = n2s(wave_lists(x).next or 0)
    return 'pause_now', set
end

function COMMANDS.resume(x, c)
    local st = x.f.status
    if not CLASS[st].RESUMABLE then
        return nil, refuse('EXECUTION_NOT_PAUSED', 'execution ' .. x.id
            .. ' is ' .. st .. ' and cannot be resumed; it can be while it is '
            .. 'PAUSED or PAUSE_PENDING', 'currentStatus', st, 'reason',
            'only a paused execution can be resumed')
    end
    local till = int(x.f.pauseDeadline)
    if st == 'PAUSED' and till and till > 0 and till <= c.now then
        return nil, refuse('EXECUTION_NOT_RESUMABLE',
            'the pause of execution ' .. x.id .. ' ended at ' .. iso(till),
            'currentStatus', st, 'reason', 'the pause deadline is over')
    end
    if st == 'PAUSE_PENDING' then
        return 'resume', { pausedBy = '', pauseReason = '' }
    end
    local before = x.f.pausedBeforeWave
    return 'resume', { released = before ~= '' and before
        or n2s(wave_lists(x).next or 0) }
end

function COMMANDS.cancel(x, c)
    local st = x.f.status
    if st == 'CANCELLING' then
        return 'cancel', {}
    end
    if not CLASS[st].CANCELLABLE then
        return nil, refuse('EXECUTION_NOT_CANCELLABLE', 'execution ' .. x.id
            .. ' is ' .. st .. ' and cannot be cancelled; it can be while it '
            .. 'is ' .. CANCELLABLE, 'currentStatus', st, 'reason',
            'the execution has ended')
    end
    local set = { cancel = '1', cancelledBy = c.who, cancelledAt = n2s(c.now) }
    if num(x, 'inflight') > 0 then
        return 'cancel', set
    end
    return num(x, 'launched') > 0 and 'cancel_now_partial' or 'cancel_now', set
end

local function command_answer(x, c, from, row)
    local l = wave_lists(x)
    return { 'OK', row.to, from, row.id,
        '{"lastCompletedWave":' .. n2s(l.last)
        .. ',"nextWave":' .. (c.next or n2s(l.next or 0))
        .. ',"completedWaves":[' .. table.concat(l.over, ',')
        .. '],"inProgressWaves":[' .. table.concat(l.flying, ',')
        .. '],"cancelledWaves":[' .. table.concat(l.rest, ',') .. ']}' }
end

local function command_audit(x, c, from, to, code)
    return '{"time":"' .. iso(c.now) .. '","actor":' .. c.actor
        .. ',"action":"exec.' .. c.name
        .. '","resourceType":"execution","resourceId":' .. js(x.id)
        .. ',"resourceName":' .. js(x.f.planName) .. ',"outcome":"'
        .. (code and 'failed' or 'succeeded') .. '"'
        .. (code and ',"errorCode":"' .. code .. '"' or '')
        .. (c.id and ',"correlationId":' .. js(c.id) or '')
        .. ',"before":{"status":"' .. from .. '"},"after":{"status":"' .. to
        .. '"}' .. (c.reason ~= '' and ',"reason":' .. js(c.reason) or '')
        .. '}'
end

local function command_data(c, code)
    return '"command":"' .. c.name .. '","accepted":'
        .. (code and 'false,"code":"' .. code .. '"' or 'true')
        .. (c.reason ~= '' and ',"reason":' .. js(c.reason) or '')
end

-- `notes` of api.md 10.4: what people said, as one JSON array.
local function command_note(x, c, set)
    if c.reason == '' then
        return
    end
    local old = redis.call('HGET', x.key, 'notes') or ''
    if #old > 65536 then
        return
    end
    set.notes = (old == '' and '[' or string.sub(old, 1, -2) .. ',')
        .. '{"time":' .. n2s(math.floor(c.now / 1000)) .. ',"user":'
        .. js(c.who) .. ',"text":' .. js(c.reason) .. '}]'
end

local function command_write(x, c, row, set)
    local from = x.f.status
    local ver = n2s(num(x, 'ver') + 1)
    local answer = command_answer(x, c, from, row)
    set.ver = ver
    if c.extra then
        set[c.name .. 'Options'] = c.extra
    end
    command_note(x, c, set)
    set_status(x, row.to, c.now, set)
    hset(x.key, set)
    IX.last(x.f.planId)
    if CLASS[row.to].TERMINAL then
        release(x)
    end
    if c.link then
        redis.call('DEL', P .. 'link:' .. c.link)
    end
    if c.id then
        redis.call('HSET', x.key .. ':cmds', c.id, cjson.encode(answer))
    end
    audit(c.audit or command_audit(x, c, from, row.to))
    emit(x.id, exec_event(x, c.now, 'execution.command', ver, c.who,
        command_data(c)))
    if row.to ~= from then
        emit(x.id, exec_event(x, c.now, 'execution.status', ver, c.who,
            '"status":"' .. row.to .. '","previousStatus":"' .. from
            .. '","transition":"' .. row.id .. '"'
            .. (c.reason ~= '' and ',"reason":' .. js(c.reason) or '')
            .. (row.to == 'PAUSED' and ',"pauseReason":"REQUESTED"'
                .. ',"pausedBeforeWave":' .. set.pausedBeforeWave or '')))
    end
    if c.name == 'resume' and from == 'PAUSED' then
        outbox_exec(x, c.now, 'resumed', 'info', '"resumedBy":' .. js(c.who)
            .. ',"nextWave":' .. set.released
            .. (c.reason ~= '' and ',"notes":' .. js(c.reason) or ''))
    end
    task_due('exec:' .. x.id, c.now)
    return answer
end

-- c = { name, id, actor, who, reason, audit, extra, link, now }
local function exec_command(exec, c)
    local x, err = exec_load(exec)
    if not x then
        return err
    end
    if c.id then
        local first = redis.call('HGET', x.key .. ':cmds', c.id)
        if first then
            return cjson.decode(first)
        end
    end
    local event, set = COMMANDS[c.name](x, c)
    if c.link and event then
        local good, bad = link_check(c.link, c.name, x)
        if not good then
            event, set = nil, bad
        end
    end
    if not event then
        err = set
        if c.id then
            redis.call('HSET', x.key .. ':cmds', c.id, cjson.encode(err))
        end
        audit(c.audit_refused and command_audit(x, c, x.f.status, x.f.status,
            err[1]) or '-')
        emit(x.id, exec_event(x, c.now, 'execution.command', x.f.ver, c.who,
            command_data(c, err[1])))
        return err
    end
    local row = SM[x.f.status] and SM[x.f.status][event]
    if not row then
        return refuse('ILLEGAL_TRANSITION', 'execution ' .. x.id .. ' is '
            .. x.f.status .. ': no ' .. event, 'currentStatus', x.f.status)
    end
    c.next = set.released
    return command_write(x, c, row, set)
end

-- id command commandId actor reason audit extra link
function F.drs_exec_command(a)
    if #a < 4 or not COMMANDS[a[2]] then
        return bad_call('drs_exec_command: id, pause | resume | cancel, '
            .. 'command id, actor, reason, audit, extra, link')
    end
    local actor = given(a[4]) and a[4] or '{"type":"system","userId":"system"}'
    return exec_command(a[1], {
        name = a[2], id = given(a[3]) and a[3] or nil, actor = actor,
        who = actor_name(actor), reason = clean(a[5] or ''),
        audit = given(a[6]) and a[6] or nil,
        extra = given(a[7]) and a[7] or nil,
        link = given(a[8]) and a[8] or nil, now = now_ms()
    })
end
