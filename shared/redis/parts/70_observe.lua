-- What polls saw, and terminate jobs.

-- account region n (jobId json final)...
function F.drs_obs_put(a)
    local n = int(a[3])
    if not n or n < 0 or #a ~= 3 + 3 * n then
        return bad_call('drs_obs_put: account, region, n, (job, JSON, final)')
    end
    local place = a[1] .. ':' .. a[2]
    local r, seen, now, freed = { 'OK' }, {}, now_ms(), false
    for i = 4, #a, 3 do
        local job, json, final = a[i], a[i + 1], a[i + 2] == '1'
        local owner = redis.call('HGET', P .. 'job:' .. place, job)
        if owner then
            local old = redis.call('HGET', P .. 'obs:' .. place, job)
            local ended = final
                and redis.call('HDEL', P .. 'watch:' .. place, job) == 1
            freed = freed or ended
            -- what the run has forgotten already is not kept again
            local news = old ~= json and (old or ended or redis.call('HEXISTS',
                P .. 'watch:' .. place, job) == 1)
            if news then
                redis.call('HSET', P .. 'obs:' .. place, job, json)
            end
            local exec, unit = string.match(owner, '^(%S+) (%S+)$')
            if exec and (news or ended) then
                task_due((unit == 'term' and 'term:' or 'exec:') .. exec, now)
                if not seen[exec] then
                    seen[exec] = true
                    r[#r + 1] = exec
                end
            end
        end
    end
    if freed then
        cap_pump(place, now)
    end
    return r
end

local TERM = { NONE = true, RUNNING = true, DONE = true, FAILED = true }

local TERM_NOTE = { RUNNING = { 'terminate_started', 'info' },
    DONE = { 'terminate_finished', 'info' },
    FAILED = { 'terminate_failed', 'error' } }

local function term_begin_check(x, confirm)
    local st = x.f.status
    if not CLASS[st].TERMINABLE and not (st == 'PAUSED' and confirm) then
        return refuse('TERMINATION_NOT_ALLOWED', 'execution ' .. x.id .. ' is '
            .. st .. '; instances can be terminated after its end'
            .. (st == 'PAUSED' and ', or now with confirmation' or ''),
            'currentStatus', st, 'reason', 'Execution not in terminal state')
    end
    if redis.call('HGET', x.key .. ':term', 'state') == 'RUNNING' then
        return refuse('ALREADY_EXISTS', 'the instances of execution ' .. x.id
            .. ' are being terminated already', 'executionId', x.id)
    end
end

-- id fence owner state confirmPaused n (jobId json)... event audit counts
function F.drs_term_put(a)
    local n = int(a[6])
    if #a < 7 or not TERM[a[4]] or not n or n < 0 or #a < 7 + 2 * n
        or #a > 9 + 2 * n
    then
        return bad_call('drs_term_put: id, fence, owner, state, confirm, n, '
            .. '(job, JSON), event, audit, counts')
    end
    local x, err = exec_load(a[1])
    if not err then
        if a[2] == '-' then
            err = term_begin_check(x, a[5] == '1')
        else
            err = lease_lost('term:' .. a[1], a[2], a[3])
        end
    end
    if err then
        return err
    end
    local now, key = now_ms(), x.key .. ':term'
    local was = redis.call('HGET', key, 'state')
    local set = { state = a[4], at = n2s(now) }
    for i = 7, 6 + 2 * n, 2 do
        set[a[i]] = a[i + 1]
    end
    hset(key, set)
    emit(x.id, a[7 + 2 * n])
    audit(a[8 + 2 * n])
    local note = TERM_NOTE[a[4]]
    if note and was ~= a[4] then
        local counts = a[9 + 2 * n]
        outbox_exec(x, now, note[1], note[2], '"state":"' .. a[4] .. '"'
            .. (given(counts) and ',' .. counts or ''))
    end
    if a[2] == '-' then
        task_due('term:' .. x.id, now)
    end
    task_due('exec:' .. x.id, now)
    return ok()
end
