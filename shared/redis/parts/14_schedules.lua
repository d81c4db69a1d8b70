-- Runs of schedules (docs/redis-schema.md).  sched:run:<id> holds what the
-- worker knows: `next` and the document's version that it was computed from
-- (`for`), `last` (JSON), and the wishes of operators `hold`, `now`, `nowBy`.

-- id fence owner version next last asked audit event notice
function F.drs_schedule_ran(a)
    if #a < 10 or not given(a[1]) or given(a[5]) and not int(a[5]) then
        return bad_call('drs_schedule_ran: id, fence, owner, version, next, '
            .. 'last, asked, audit, event, notice')
    end
    local lost = lease_lost('schedule:' .. a[1], a[2], a[3])
    if lost then
        return lost
    end
    local cur = redis.call('HGET', P .. 'sched:ver', a[1])
    if not cur then
        return refuse('SCHEDULE_NOT_FOUND', 'no schedule ' .. a[1],
            'id', a[1])
    end
    local key = P .. 'sched:run:' .. a[1]
    if cur == a[4] then
        hset(key, { next = given(a[5]) and a[5] or '', ['for'] = a[4] })
    end
    if given(a[6]) then
        redis.call('HSET', key, 'last', a[6])
    end
    if given(a[7]) and redis.call('HGET', key, 'now') == a[7] then
        redis.call('HDEL', key, 'now', 'nowBy')
    end
    audit(a[8])
    emit(nil, a[9])
    emit(nil, a[10])
    return ok(cur)
end

-- id, who, audit: one drill at once, also of a disabled or held schedule.  A
-- wish that no worker has taken up yet stands for this one too.
function F.drs_schedule_now(a)
    if #a < 3 or not given(a[1]) or not given(a[2]) then
        return bad_call('drs_schedule_now: id, who, audit')
    end
    if redis.call('HEXISTS', P .. 'sched:ver', a[1]) == 0 then
        return refuse('SCHEDULE_NOT_FOUND', 'no schedule ' .. a[1],
            'id', a[1])
    end
    local key = P .. 'sched:run:' .. a[1]
    if redis.call('HSETNX', key, 'now', n2s(now_ms())) == 1 then
        redis.call('HSET', key, 'nowBy', a[2])
    end
    task_due('schedule:' .. a[1], 0)
    audit(a[3])
    return ok()
end
