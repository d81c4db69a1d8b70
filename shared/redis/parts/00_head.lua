-- Function library of the DRS orchestrator.  docs/redis-schema.md describes
-- keys, arguments and answers; docs/operations.md the functions for operators.
--
-- Rules of this code:
--  * while the library is loaded no Lua global exists: string, table, redis.call
--    and so on are used inside functions only
--  * a function checks everything first and writes afterwards
--  * JSON documents are passed on as they are, never decoded and encoded again
--  * answers are flat arrays of strings: 'OK', ... or CODE, text, name, value, ...

local SCHEMA = 1            -- meaning of the keys
local LIBRARY = 1           -- this code; the newer one is loaded
local TEST_CLOCK = false -- set by a worker with test_clock on

-- prefix of the current call with its colon; set before every function
local P = ''

-- functions by name; registered at the end
local F = {}
