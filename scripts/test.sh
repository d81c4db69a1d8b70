#!/bin/bash
# Everything a contributor must pass, on a fresh machine. Prints how long
# each step took.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)
start=$SECONDS

step() {
    local name=$1 t=$SECONDS
    shift
    echo "== $name"
    "$@"
    echo "== $name: $((SECONDS - t)) s"
}

step deps make --no-print-directory deps
step build make --no-print-directory -s -j"$jobs" all
step checks make --no-print-directory -s checks
step unit-build make --no-print-directory -s -j"$jobs" unit-build
step unit make --no-print-directory -s unit
step model make --no-print-directory -s model
step fuzz-smoke make --no-print-directory -s fuzz-smoke
step npm-audit make --no-print-directory -s npm-audit
step console make --no-print-directory -s console console-test
step system make --no-print-directory -s system
# one journey of each kind, and a picture of every screen in light, in dark
# and on a phone in build/console-shots; all journeys: make console-browser
step console-browser make --no-print-directory -s console-browser \
    JOURNEYS="journeys routes"
echo "== all green in $((SECONDS - start)) s"
