#!/bin/bash
# Unit and system tests with AddressSanitizer, LeakSanitizer and UBSan.
# ASAN_TESTS narrows the system tests (default: all).
set -euo pipefail
cd "$(dirname "$0")/.."
B=build/asan
jobs=$(nproc)

make --no-print-directory -s -j"$jobs" B="$B" SAN=1 all
make --no-print-directory -s -j"$jobs" B="$B" SAN=1 unit-build
export LSAN_OPTIONS="suppressions=$PWD/tests/system/lsan.supp:print_suppressions=0"
make --no-print-directory -s B="$B" SAN=1 unit
unset LSAN_OPTIONS
DRS_SANITIZE=1 DRS_BUILD="$PWD/$B" /usr/bin/python3 -m pytest -q -n "$jobs" \
    --dist loadfile -p no:cacheprovider ${ASAN_TESTS:-tests/system}
echo "asan: clean"
