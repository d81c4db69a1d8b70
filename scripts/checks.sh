#!/bin/bash
# Tables, documents and symbols agree with each other.
set -euo pipefail
cd "$(dirname "$0")/.."
export B=${B:-build}

/usr/bin/python3 scripts/check_includes.py
scripts/check_symbols.sh
scripts/check_lua_sm.sh
/usr/bin/python3 scripts/check_openapi.py "$B/tools/dump_routes"
/usr/bin/python3 scripts/check_compat.py "$B/tools/dump_routes"
/usr/bin/python3 scripts/check_docs.py
/usr/bin/python3 scripts/check_links.py
/usr/bin/python3 scripts/check_guarantees.py
/usr/bin/python3 scripts/check_permissions.py
/usr/bin/python3 scripts/check_version.py
echo "checks: ok"
