-- Call rates of AWS, shared by all workers: a token bucket for each account,
-- Region and API (engine.md 7.5).  rate:aws:<account>:<region>:<api> = tokens,
-- at, rate (tokens a minute at present).  Throttling halves the rate; each call
-- and each second give a little back: calls alone would take minutes where few
-- are allowed.

local RATE_RECOVER = 120000     -- ms in which time alone gives all of it back

local function rate_load(a, now)
    local base, burst = int(a[4]), int(a[5])
    if not base or not burst or base < 1 or burst < 1 then
        return nil
    end
    local b = { key = P .. 'rate:aws:' .. a[1] .. ':' .. a[2] .. ':' .. a[3],
        base = base, burst = burst }
    local f = fields(b.key, { 'tokens', 'at', 'rate' })
    b.rate = math.min(tonumber(f.rate) or base, base)
    b.tokens = burst
    local at = int(f.at)
    if at then
        local ms = math.max(now - at, 0)
        b.tokens = math.min(burst, (tonumber(f.tokens) or 0)
            + ms * b.rate / 60000)
        b.rate = math.min(base, b.rate + ms * base / RATE_RECOVER)
    end
    return b
end

local function rate_store(b, now)
    redis.call('HSET', b.key, 'tokens', string.format('%.4f', b.tokens), 'at',
        n2s(now), 'rate', string.format('%.4f', b.rate))
    redis.call('PEXPIRE', b.key, '3600000')
end

-- account region api perMinute burst want keep
function F.drs_rate_take(a)
    local now, want, keep = now_ms(), int(a[6] or ''), int(a[7] or '')
    local b = want and keep and want > 0 and keep >= 0 and rate_load(a, now)
    if not b then
        return bad_call('drs_rate_take: account, region, api, per minute, '
            .. 'burst, want, keep')
    end
    local n = math.min(want, math.floor(b.tokens - keep))
    if n < 1 then
        local ms = math.ceil((keep + 1 - b.tokens) * 60000 / b.rate)
        return ok('0', n2s(math.max(ms, 1)))
    end
    b.tokens = b.tokens - n
    b.rate = math.min(b.base, b.rate + n * b.base / 20)
    rate_store(b, now)
    return ok(n2s(n), '0')
end

-- account region api perMinute burst
function F.drs_rate_slow(a)
    local now = now_ms()
    local b = rate_load(a, now)
    if not b then
        return bad_call('drs_rate_slow: account, region, api, per minute, '
            .. 'burst')
    end
    b.rate = math.max(b.rate / 2, b.base / 16)
    if b.tokens > 1 then
        b.tokens = b.tokens / 2
    end
    rate_store(b, now)
    return ok(n2s(math.floor(b.rate)))
end
