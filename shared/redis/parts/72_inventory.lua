-- Inventory of a place.  Whoever has asked DRS writes the rows to keys of its
-- own first (inv:new...); here they take the place of what is there, unless
-- that answers a later question.

local function inv_rename(from, to)
    if redis.call('EXISTS', from) == 1 then
        redis.call('RENAME', from, to)
    else
        redis.call('DEL', to)
    end
end

local function inv_new(token)
    return P .. 'inv:new:' .. token, P .. 'inv:new:view:' .. token,
        P .. 'inv:new:order:' .. token
end

local function inv_drop(token)
    redis.call('DEL', inv_new(token))
end

-- Later than at?
local function inv_late(place, at)
    local have = int(redis.call('HGET', P .. 'inv:meta:' .. place, 'at') or '')
    return have ~= nil and have > at
end

local function inv_show(place, token, ttl)
    local _, view, order = inv_new(token)
    local to = { P .. 'inv:view:' .. place, P .. 'inv:order:' .. place }
    inv_rename(view, to[1])
    inv_rename(order, to[2])
    redis.call('PEXPIRE', to[1], ttl)
    redis.call('PEXPIRE', to[2], ttl)
end

-- account region token at servers ttlMs ('' unless rows for lists are written)
function F.drs_inv_put(a)
    local at, n = int(a[4]), int(a[5])
    if not at or not n or #a ~= 6 or not given(a[3])
        or a[6] ~= '' and not int(a[6])
    then
        return bad_call('drs_inv_put: account, region, token, at, servers, '
            .. 'ttl ms')
    end
    local place = a[1] .. ':' .. a[2]
    if inv_late(place, at) then
        inv_drop(a[3])
        return ok('late')
    end
    local rows, view = inv_new(a[3])
    if redis.call('HLEN', rows) ~= n then
        inv_drop(a[3])
        return ok('gone')
    end
    inv_rename(rows, P .. 'inv:' .. place)
    redis.call('PERSIST', P .. 'inv:' .. place)
    redis.call('HSET', P .. 'inv:meta:' .. place, 'at', n2s(at), 'status',
        'ACTIVE', 'error', '')
    redis.call('HINCRBY', P .. 'inv:meta:' .. place, 'gen', '1')
    -- lists that nobody reads, or that somebody took away, stay away
    if redis.call('EXISTS', P .. 'inv:view:' .. place) == 1
        and redis.call('EXISTS', view) == 1
    then
        inv_show(place, a[3], a[6])
    else
        redis.call('DEL', P .. 'inv:view:' .. place, P .. 'inv:order:'
            .. place)
    end
    inv_drop(a[3])
    return ok('stored')
end

-- account region token at ttlMs
function F.drs_inv_show(a)
    local at = int(a[4])
    if not at or not int(a[5]) or #a ~= 5 or not given(a[3]) then
        return bad_call('drs_inv_show: account, region, token, at, ttl ms')
    end
    local place = a[1] .. ':' .. a[2]
    if inv_late(place, at) then
        inv_drop(a[3])
        return ok('late')
    end
    local _, view = inv_new(a[3])
    if redis.call('EXISTS', view) == 0 then
        return ok('gone')
    end
    inv_show(place, a[3], a[5])
    inv_drop(a[3])
    return ok('stored')
end

-- account region at n (field value)...
function F.drs_region_put(a)
    local at, n = int(a[3]), int(a[4])
    if not at or not n or n < 1 or #a ~= 4 + 2 * n then
        return bad_call('drs_region_put: account, region, at, n, (field, '
            .. 'value)...')
    end
    local key = P .. 'region:' .. a[1] .. ':' .. a[2]
    local have = int(redis.call('HGET', key, 'lastUpdated') or '')
    if have and have > at then
        return ok('late')
    end
    redis.call('HSET', key, 'lastUpdated', n2s(at), unpack(a, 5))
    return ok('stored')
end
