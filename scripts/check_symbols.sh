#!/bin/bash
# Exported symbols: the module shows nginx its module tables only; every
# global symbol of the libraries carries its area's prefix.
set -euo pipefail
cd "$(dirname "$0")/.."
B=${B:-build}

bad=$(nm -D --defined-only "$B/ngx_http_drs_module.so" | awk '{print $3}' \
    | grep -v -E '^(ngx_modules|ngx_module_names|ngx_module_order|ngx_http_drs_module)$' \
    | grep -v -E '^(_init|_fini|__bss_start|_edata|_end|__asan_|__ubsan_|__odr_)' || true)
if [ -n "$bad" ]; then
    echo "the module exports: $bad" >&2
    exit 1
fi

check() {
    nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 {print $3}' \
        | grep -v -E "$2" | grep -v -E '^(__|\.L)' || true
}
bad=$(check "$B/libdrs.a" '^drs_')
bad+=$(check "$B/libdrsworker.a" '^drsw_')
bad+=$(check "$B/libdrsctl.a" '^drsctl_')
if [ -n "$bad" ]; then
    echo "symbols without their prefix: $bad" >&2
    exit 1
fi
