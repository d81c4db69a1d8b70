-- Makes a task due; the earlier time wins.  A leased task is run again after
-- its step: at once when `at` is not in the future, else at that time.
local function task_due(task, at)
    local now = now_ms()
    if at <= 0 then
        at = now
    end
    local l = fields(P .. 'lease:' .. task, { 'until', 'wish' })
    local till = int(l['until'])
    if till and till > now then
        if at <= now then
            redis.call('SADD', P .. 'poke', task)
        else
            local wish = int(l.wish)
            if not wish or at < wish then
                redis.call('HSET', P .. 'lease:' .. task, 'wish', n2s(at))
            end
        end
        return
    end
    local due = redis.call('ZSCORE', P .. 'due', task)
    if not due or tonumber(due) > at then
        redis.call('ZADD', P .. 'due', n2s(at), task)
    end
end

-- Refusal unless (fence, owner) hold the lease of the task.
local function lease_lost(task, fence, owner)
    local l = fields(P .. 'lease:' .. task, { 'fence', 'owner' })
    if l.fence == '' or l.fence ~= fence or l.owner ~= owner then
        return refuse('LEASE_LOST', 'the lease of ' .. task
            .. ' is not held by ' .. owner .. ' with fence ' .. fence,
            'owner', l.owner, 'fence', l.fence)
    end
end
