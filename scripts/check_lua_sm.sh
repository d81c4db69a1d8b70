#!/bin/bash
# The transition table inside the function library is the one of
# shared/drs_sm.c. Regenerate: build/tools/gen_lua_sm > shared/redis/drs_sm.lua
set -euo pipefail
cd "$(dirname "$0")/.."
B=${B:-build}
if ! "$B/tools/gen_lua_sm" | diff -u shared/redis/drs_sm.lua -; then
    echo "shared/redis/drs_sm.lua is stale" >&2
    exit 1
fi
