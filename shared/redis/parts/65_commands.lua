-- The command stream.  An entry is acknowledged and removed in the call that
-- stores its answer, so that the stream holds what is open and needs no
-- trimming.

local GROUP = 'workers'

local function ack(sid)
    redis.call('XACK', P .. 'cmd', GROUP, sid)
    redis.call('XDEL', P .. 'cmd', sid)
end

local function publish_answer(reply_to, id, answer)
    if given(reply_to) then
        redis.call('PUBLISH', P .. 'reply:' .. reply_to, id .. ' ' .. answer)
    end
end

local function cmd_add(c)
    return redis.call('XADD', P .. 'cmd', '*', 'id', c.id, 'type', c.kind,
        'actor', c.actor, 'requestId', c.request, 'payload', c.payload,
        'replyTo', c.reply_to, 'deadline', c.deadline)
end

-- id type actor requestId payload replyTo deadline audit
function F.drs_cmd_add(a)
    if #a < 7 or a[1] == '' or a[2] == '' or not int(a[7]) then
        return bad_call('drs_cmd_add: id, type, actor, request id, payload, '
            .. 'reply to, deadline, audit')
    end
    local sid = cmd_add({ id = a[1], kind = a[2], actor = a[3],
        request = a[4], payload = a[5], reply_to = a[6], deadline = a[7] })
    audit(a[8])
    return ok(sid)
end

-- id
function F.drs_cmd_withdraw(a)
    if not given(a[1]) then
        return bad_call('drs_cmd_withdraw: id')
    end
    local done = redis.call('GET', P .. 'cmd:done:' .. a[1])
    if done then
        return ok('done', done)
    end
    local state = P .. 'cmd:state:' .. a[1]
    local st = redis.call('GET', state)
    if st and st ~= 'withdrawn' then
        return ok('running')
    end
    redis.call('SET', state, 'withdrawn', 'PX', '86400000')
    return ok('withdrawn')
end

-- Fields of a stream entry as a table.
local function entry_fields(e)
    local t = {}
    for i = 1, #e[2], 2 do
        t[e[2][i]] = e[2][i + 1]
    end
    return t
end

local function cmd_bury(sid, consumer, err, tries)
    local e = redis.call('XRANGE', P .. 'cmd', sid, sid)[1]
    if e then
        local f = entry_fields(e)
        local secret = string.sub(f.type or '', 1, 5) == 'auth.'
        redis.call('XADD', P .. 'cmd:dead', '*', 'id', f.id or '', 'type',
            f.type or '', 'actor', f.actor or '', 'requestId',
            f.requestId or '', 'payload', secret and '' or f.payload or '',
            'replyTo', '', 'deadline', '0', 'error', clean(err), 'from',
            sid, 'consumer', consumer, 'tries', tries)
        publish_answer(f.replyTo, f.id or '',
            '{"error":{"code":"INTERNAL_ERROR","message":'
            .. js('the command failed ' .. tries .. ' times: ' .. err)
            .. '}}')
        redis.call('DEL', P .. 'cmd:state:' .. (f.id or ''))
    end
    ack(sid)
    return ok('dead')
end

-- A try counts when it begins, not when the entry is delivered: what was
-- delivered into an outage of Redis was never tried.
-- streamId id replyTo deadline consumer try max
function F.drs_cmd_begin(a)
    local deadline, max = int(a[4]), int(a[7])
    if not deadline or not max or not given(a[1]) or not given(a[2])
        or not given(a[5]) or not given(a[6])
    then
        return bad_call('drs_cmd_begin: stream id, id, reply to, deadline, '
            .. 'consumer, try, max')
    end
    local done = redis.call('GET', P .. 'cmd:done:' .. a[2])
    if done then
        ack(a[1])
        publish_answer(a[3], a[2], done)
        return ok('done', done)
    end
    local state = P .. 'cmd:state:' .. a[2]
    local st = redis.call('GET', state)
    if st == 'withdrawn' or not st and deadline > 0 and now_ms() >= deadline
    then
        ack(a[1])
        redis.call('SET', state, 'withdrawn', 'PX', '86400000')
        return ok('expired')
    end
    local try = a[5] .. ' ' .. a[6]
    local n, last = string.match(st or '', '^run (%d+) (.*)$')
    n = int(n) or 0
    if last ~= try then
        if n >= max then
            return cmd_bury(a[1], a[5], 'no worker survived this command',
                n2s(n))
        end
        n = n + 1
    end
    redis.call('SET', state, 'run ' .. n2s(n) .. ' ' .. try, 'PX', '86400000')
    return ok('run', n2s(n))
end

-- streamId id replyTo answer secret
function F.drs_cmd_done(a)
    if #a < 5 or not given(a[1]) or not given(a[2]) then
        return bad_call('drs_cmd_done: stream id, id, reply to, answer, '
            .. 'secret')
    end
    ack(a[1])
    redis.call('DEL', P .. 'cmd:state:' .. a[2])
    if a[5] ~= '1' then
        redis.call('SET', P .. 'cmd:done:' .. a[2], a[4], 'PX', '86400000')
        redis.call('SET', P .. 'reply:' .. a[2], a[4], 'PX', '60000')
    end
    publish_answer(a[3], a[2], a[4])
    return ok()
end

-- streamId consumer error tries max
function F.drs_cmd_fail(a)
    local n, max = int(a[4]), int(a[5])
    if not n or not max or not given(a[1]) then
        return bad_call('drs_cmd_fail: stream id, consumer, error, tries, '
            .. 'max')
    end
    if n < max then
        return ok('retry')
    end
    return cmd_bury(a[1], a[2], a[3], a[4])
end
