-- Outbox of notifications: an entry is written in the call that makes the
-- change, once for each dedupe key.  The task `notify` hands entries to their
-- channels (75_outbox.lua).

local function outbox_add(key, scope, kind, json)
    if not redis.call('SET', P .. 'outbox:done:' .. key, '1', 'NX', 'PX',
        '2592000000')
    then
        return false
    end
    redis.call('XADD', P .. 'outbox', '*', 'k', key, 'x', scope, 't', kind,
        'j', json)
    task_due('notify', now_ms())
    return true
end

-- Notification and notice about an execution that a function itself changed.
-- data: members of the object, as JSON text.
local function outbox_exec(x, now, kind, severity, data)
    local what = x.f.type == 'DRILL' and 'drill' or 'recovery'
    outbox_add(x.id .. ':' .. kind .. ':' .. n2s(now), x.id, kind,
        '{"eventType":"' .. kind .. '","time":"' .. iso(now)
        .. '","executionId":' .. js(x.id) .. ',"planId":' .. js(x.f.planId)
        .. ',"planName":' .. js(x.f.planName) .. ',"executionType":'
        .. js(x.f.type) .. ',"data":{' .. data .. '}}')
    emit(nil, '{"time":"' .. iso(now) .. '","event":"notice","topic":'
        .. '"notices","resourceType":"execution","resourceId":' .. js(x.id)
        .. ',"executionId":' .. js(x.id) .. ',"planId":' .. js(x.f.planId)
        .. ',"data":{"severity":"' .. severity .. '","code":"' .. kind
        .. '","message":' .. js(what .. ' of plan ' .. x.f.planName .. ': '
        .. kind) .. '}}')
end

-- Links of a pause: link:<hash> = "<exec> <epoch> <action>".
-- Refusal unless the link is one of the pause that lasts.
local function link_check(hash, action, x)
    local v = redis.call('GET', P .. 'link:' .. hash)
    local exec, epoch, what = string.match(v or '', '^(%S+) (%d+) (%S+)$')
    if not exec or what ~= action or x and x.id ~= exec then
        return nil, refuse('LINK_INVALID', 'the link is not valid')
    end
    x = x or exec_load(exec)
    if not x or x.f.status ~= 'PAUSED' or x.f.pauseEpoch ~= epoch then
        return nil, refuse('LINK_INVALID', 'the link is not valid any more')
    end
    local till = int(x.f.pauseDeadline)
    if till and till > 0 and till <= now_ms() then
        return nil, refuse('LINK_INVALID', 'the link has expired')
    end
    return x
end
