-- drs_exec_page: one page of executions out of the indexes, newest first.
--
-- A filter is a group of sorted sets, of which an execution must be in one
-- (`any`), or a text in the plan's name or the id (`q`).  The smallest group is
-- walked, its sets merged; the others are asked about each execution.
--
-- q = { hi, lo, member, limit, groups = { { keys } | { text } }, out, steps }

IX.STEPS = 5000    -- executions looked at in one call

-- The range as ZCOUNT and ZRANGE take it.
function IX.range_parse(a)
    local hi, lo = a[1], a[3]
    if not (hi == '+inf' or int(hi)) or not (lo == '-' or int(lo)) then
        return nil
    end
    return { hi = hi, member = given(a[2]) and a[2] or nil,
        lo = lo == '-' and '-inf' or '(' .. lo, limit = int(a[4]),
        groups = {}, out = {}, steps = 0 }
end

function IX.groups_parse(q, a)
    local n, at = int(a[5]), 6
    for _ = 1, n or 0 do
        local kind, k = a[at], int(a[at + 1])
        if kind == 'q' and a[at + 1] and a[at + 1] ~= '' then
            table.insert(q.groups, { text = a[at + 1] })
            at = at + 2
        elseif kind == 'any' and k and k > 0 and #a >= at + 1 + k then
            local keys = {}
            for i = 1, k do
                keys[i] = P .. 'exec:' .. a[at + 1 + i]
            end
            table.insert(q.groups, { keys = keys })
            at = at + 2 + k
        else
            return false
        end
    end
    return n ~= nil and at == #a + 1
end

function IX.count(q, keys)
    local n = 0
    for _, k in ipairs(keys) do
        n = n + redis.call('ZCOUNT', k, q.lo, q.hi)
    end
    return n
end

-- Ids with the text inside: the one with the whole id, else out of the packs.
function IX.ids(text)
    local start, found = P .. 'exec:start', {}
    local function take(id)
        local s = redis.call('ZSCORE', start, id)
        if s then
            found[#found + 1] = { id, tonumber(s) }
        end
    end
    if #text == 36 then
        take(text)
        return found
    end
    for n = 1, int(redis.call('HGET', P .. 'meta', 'packs') or '0') do
        local pack = redis.call('GET', P .. 'exec:pack:' .. n2s(n)) or ''
        local at = string.find(pack, text, 1, true)
        while at do
            local first = math.floor((at - 1) / 37) * 37 + 1
            take(string.sub(pack, first, first + 35))
            at = string.find(pack, text, first + 37, true)
        end
    end
    return found
end

-- Newest first, equal times by id downwards.
function IX.newer(x, y)
    if x[2] ~= y[2] then
        return x[2] > y[2]
    end
    return x[1] > y[1]
end

-- The sets and ids of a text, unless so many that looking is shorter.
function IX.text_way(q, g, best)
    local hex = string.find(g.text, '^[0-9a-f-]+$')
    if hex and #g.text < 3 then
        return nil
    end
    local names, n, keys = redis.call('HGETALL', P .. 'exec:names'), 0, {}
    for i = 1, #names, 2 do
        if string.find(names[i], g.text, 1, true) then
            keys[#keys + 1] = P .. 'exec:name:' .. names[i]
            n = n + tonumber(names[i + 1])
        end
    end
    if n >= best or #keys > 200 and n * 4 >= best then
        return nil
    end
    local ids = hex and IX.ids(g.text) or {}
    if n + #ids >= best then
        return nil
    end
    table.sort(ids, IX.newer)
    return { keys = keys, ids = ids, group = g }
end

-- What is walked: { keys, ids, group (needs no look) }.
function IX.way(q)
    local all = { P .. 'exec:start' }
    local way, best = { keys = all, ids = {} }, IX.count(q, all)
    for _, g in ipairs(q.groups) do
        if g.keys then
            local n = IX.count(q, g.keys)
            if n <= best then
                way, best = { keys = g.keys, ids = {}, group = g }, n
            end
        end
    end
    for _, g in ipairs(q.groups) do
        if g.text and best > 200 then
            local w = IX.text_way(q, g, best)
            way = w or way
        end
    end
    return way, best
end

-- A set as a list that is read in pieces: head, then more of it.
function IX.open(q, key)
    local l = { key = key, buf = {}, at = 1,
        rank = q.hi == '+inf' and 0
            or redis.call('ZCOUNT', key, '(' .. q.hi, '+inf'),
        size = 1 }
    l.left = redis.call('ZCOUNT', key, q.lo, q.hi)
    return l
end

function IX.head(l)
    if l.at <= #l.buf then
        return l.buf[l.at]
    end
    if not l.key or l.left < 1 then
        return nil
    end
    local n = math.min(l.size, l.left)
    local r = redis.call('ZREVRANGE', l.key, l.rank, l.rank + n - 1,
        'WITHSCORES')
    l.buf, l.at, l.rank, l.left, l.size = {}, 1, l.rank + n, l.left - n, 100
    for i = 1, #r, 2 do
        l.buf[#l.buf + 1] = { r[i], tonumber(r[i + 1]) }
    end
    return l.buf[1]
end

-- A heap of lists by their heads.
function IX.sink(h, i)
    while true do
        local big = i
        for c = 2 * i, 2 * i + 1 do
            if h[c] and IX.newer(IX.head(h[c]), IX.head(h[big])) then
                big = c
            end
        end
        if big == i then
            return
        end
        h[i], h[big] = h[big], h[i]
        i = big
    end
end

function IX.heap(q, way)
    local h = {}
    for _, k in ipairs(way.keys) do
        local l = IX.open(q, k)
        l.size = #way.keys > 8 and 1 or 100
        if IX.head(l) then
            h[#h + 1] = l
        end
    end
    local ids = { buf = {}, at = 1 }
    local hi = q.hi ~= '+inf' and tonumber(q.hi)
    local lo = q.lo ~= '-inf' and tonumber(string.sub(q.lo, 2))
    for _, e in ipairs(way.ids) do
        if not (hi and e[2] > hi or lo and e[2] <= lo) then
            table.insert(ids.buf, e)
        end
    end
    if #ids.buf > 0 then
        h[#h + 1] = ids
    end
    for i = math.floor(#h / 2), 1, -1 do
        IX.sink(h, i)
    end
    return h
end

function IX.pop(h)
    local e = IX.head(h[1])
    h[1].at = h[1].at + 1
    if not IX.head(h[1]) then
        h[1] = h[#h]
        h[#h] = nil
    end
    if h[1] then
        IX.sink(h, 1)
    end
    return e
end

function IX.fits(q, way, id)
    for _, g in ipairs(q.groups) do
        local good = g == way.group
        if not good and g.text then
            local name = redis.call('HGET', P .. 'exec:' .. id, 'nameKey')
            good = string.find(id, g.text, 1, true)
                or name and string.find(name, g.text, 1, true)
        elseif not good then
            for _, k in ipairs(g.keys) do
                good = good or redis.call('ZSCORE', k, id)
            end
        end
        if not good then
            return false
        end
    end
    return true
end

-- hi member lo limit n (any k suffix... | q text)...
--   ->   position to go on behind: score, id or '-' '-'; id, score...
function F.drs_exec_page(a)
    local q = IX.range_parse(a)
    if not q or not q.limit or q.limit < 1 or q.limit > 1000
        or not IX.groups_parse(q, a) then
        return bad_call('drs_exec_page: range, limit, filters')
    end
    local way = IX.way(q)
    local h, last = IX.heap(q, way), nil
    local hi = q.hi ~= '+inf' and tonumber(q.hi)
    while h[1] do
        local e = IX.pop(h)
        local known = last and last[1] == e[1]
            or q.member and e[2] == hi and e[1] >= q.member
        if not known then
            if #q.out == 2 * q.limit or q.steps == IX.STEPS then
                return { 'OK', n2s(last[2]), last[1], unpack(q.out) }
            end
            last, q.steps = e, q.steps + 1
            if IX.fits(q, way, e[1]) then
                table.insert(q.out, e[1])
                table.insert(q.out, n2s(e[2]))
            end
        end
    end
    return { 'OK', '-', '-', unpack(q.out) }
end
