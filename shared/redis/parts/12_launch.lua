-- Launch configuration of a group (docs/redis-schema.md): pg:launch:<id> holds
-- the present job and a row per server; the document holds their sum.

local function launch_check(a)
    local cur = redis.call('HGET', P .. 'pg:ver', a[1])
    if not cur then
        return refuse('PROTECTION_GROUP_NOT_FOUND', 'no protection group '
            .. a[1], 'id', a[1])
    end
    if given(a[2]) then
        local lost = lease_lost('launch:' .. a[1], a[2], a[3])
        if lost then
            return lost
        end
    end
    if given(a[4]) and a[4] ~= cur then
        return refuse('VERSION_CONFLICT', 'protection group ' .. a[1]
            .. ' has version ' .. cur .. ', not ' .. a[4],
            'currentVersion', cur)
    end
    local job = redis.call('HGET', P .. 'pg:launch:' .. a[1], 'id') or ''
    if a[5] ~= '-' and a[5] ~= job then
        return refuse('SYNC_IN_PROGRESS', 'the job is ' .. job .. ', not '
            .. a[5], 'job', job)
    end
end

-- groupId fence owner version job doc audit event due reset n (field value)...
function F.drs_launch_put(a)
    local n = int(a[11] or '')
    if not n or n < 0 or #a ~= 11 + 2 * n or a[1] == '' then
        return bad_call('drs_launch_put: group, fence, owner, version, job, '
            .. 'doc, audit, event, due, reset, n, fields')
    end
    local err = launch_check(a)
    if err then
        return err
    end
    local key, row = P .. 'pg:launch:' .. a[1], {}
    if a[10] == '1' then
        redis.call('DEL', key)
    end
    for i = 12, #a, 2 do
        row[a[i]] = a[i + 1]
    end
    hset(key, row)
    if given(a[6]) then
        redis.call('SET', P .. 'pg:' .. a[1], a[6])
    end
    if given(a[9]) then
        task_due('launch:' .. a[1], int(a[9]) or 0)
    end
    audit(a[7])
    emit(nil, a[8])
    return ok()
end
