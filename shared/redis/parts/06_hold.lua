-- Servers of a start outside of plans (api.md DRS9), from its last check until
-- DRS lists its job: hold:<account>:<region>:<server> = id of the start.  A hold
-- ends by itself, so a worker that dies holds nothing for long.

-- nil, or "hold:<id>:<until>" of somebody else.
local function hold_of(place, server, mine)
    local key = P .. 'hold:' .. place .. ':' .. server
    local id = redis.call('GET', key)
    if not id or id == mine then
        return nil
    end
    local left = redis.call('PTTL', key)
    return 'hold:' .. id .. ':' .. n2s(now_ms() + (left > 0 and left or 0))
end

-- account region id ttl n server...  (ttl 0: given back)
function F.drs_hold(a)
    local ttl, n = int(a[4]), int(a[5])
    if not ttl or ttl < 0 or not n or n < 1 or #a ~= 5 + n or a[3] == '' then
        return bad_call('drs_hold: account, region, id, ttl, n, server...')
    end
    local place, id, r = a[1] .. ':' .. a[2], a[3], {}
    for i = 6, #a do
        local owner = redis.call('HGET', P .. 'claim:srv:' .. place, a[i])
            or hold_of(place, a[i], id)
        if owner and ttl > 0 then
            r[#r + 1] = 'conflict'
            r[#r + 1] = place .. ':' .. a[i] .. ' ' .. owner
        end
    end
    if #r > 0 then
        return refuse('SERVER_CONFLICT', n2s(#r / 2)
            .. ' servers are held by other starts', unpack(r))
    end
    for i = 6, #a do
        local key = P .. 'hold:' .. place .. ':' .. a[i]
        if ttl > 0 then
            redis.call('SET', key, id, 'PX', n2s(ttl))
        elseif redis.call('GET', key) == id then
            redis.call('DEL', key)
        end
    end
    return ok()
end
