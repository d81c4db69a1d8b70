-- The capacity queue for people.

local function cap_lines(place, now, r)
    local l = fields(P .. 'cap:limits:' .. place, { 'jobs', 'servers', 'aging' })
    local c = cap_used(place, now)
    local at = int(redis.call('HGET', P .. 'cap:seen:' .. place, 'at') or '')
    r[#r + 1] = 'place ' .. place .. '  ' .. n2s(c.jobs) .. ' of ' .. l.jobs
        .. ' jobs, ' .. n2s(c.servers) .. ' of ' .. l.servers
        .. ' servers in jobs, DRS asked '
        .. (at and age(now - at) .. ' ago' or 'never')
    local held = {}
    for name, g in pairs(c.held) do
        held[#held + 1] = 'held ' .. name .. '  ' .. n2s(g.servers)
            .. ' servers'
    end
    table.sort(held)
    for _, line in ipairs(held) do
        r[#r + 1] = line
    end
    local list = cap_waiting(place, now, int(l.aging) or 0)
    table.sort(list, function(p, q) return cap_before(p, q, c.mine) end)
    for i, t in ipairs(list) do
        r[#r + 1] = 'waits ' .. t.name .. '  ' .. n2s(i) .. '. '
            .. (t.class == 0 and 'RECOVERY' or 'DRILL') .. ', priority '
            .. n2s(t.priority) .. ', ' .. n2s(t.servers) .. ' servers, for '
            .. age(now - t.since)
    end
end

-- [account region]
function F.drs_capacity(a)
    local now, r = now_ms(), {}
    if given(a[1]) and given(a[2]) then
        cap_lines(a[1] .. ':' .. a[2], now, r)
        return r
    end
    local places = redis.call('SMEMBERS', P .. 'cap:places')
    table.sort(places)
    r[1] = n2s(#places) .. ' places with launches'
    for _, place in ipairs(places) do
        cap_lines(place, now, r)
    end
    return r
end
