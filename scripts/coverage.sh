#!/bin/bash
# Line coverage of the unit tests, by file: build/cov/index.html.
set -euo pipefail
cd "$(dirname "$0")/.."
B=build/cov
make --no-print-directory -s -j"$(nproc)" B="$B" COV=1 unit-build
make --no-print-directory -s B="$B" COV=1 unit
lcov -q -c -d "$B" -o "$B/all.info"
lcov -q -e "$B/all.info" '*/shared/*' '*/worker/*' -o "$B/cov.info"
genhtml -q -o "$B/html" "$B/cov.info"
lcov --summary "$B/cov.info"
