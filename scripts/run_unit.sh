#!/bin/bash
# Runs the cmocka programs given as arguments; prints one line each and a
# closing count.
set -u

passed=0
failed=0
for t in "$@"; do
    if out=$("$t" 2>&1); then
        n=$(printf '%s\n' "$out" | grep -c '\[       OK \]')
        passed=$((passed + n))
    else
        failed=$((failed + 1))
        printf '%s\n' "--- $t" "$out" | tail -60
    fi
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
