#!/bin/bash
# Configures the out-of-tree build of the module against the installed
# nginx-dev: configure_module.sh BUILD_DIR NGINX_SRC. Environment: OPT,
# SANFLAGS, CCACHE.
set -euo pipefail

build=$1
src=$2
top=$(cd "$(dirname "$0")/.." && pwd)

if [ ! -f "$src/conf_flags" ]; then
    echo "nginx-dev is missing ($src/conf_flags): run make deps" >&2
    exit 1
fi

cd "$src"
. ./conf_flags

cc_opt="-D_GNU_SOURCE ${OPT:--O2 -g} -fPIC \
-fstack-protector-strong ${SANFLAGS:-}"
ld_opt="-fPIC ${SANFLAGS:-}"

log=$build/configure.log
mkdir -p "$build"
args=()
if [ -n "${CCACHE:-}" ]; then
    mkdir -p "$build/cc"
    printf '#!/bin/sh\nexec ccache gcc "$@"\n' > "$build/cc/gcc"
    chmod +x "$build/cc/gcc"
    args=(--with-cc="$build/cc/gcc")
fi
# leaks of configure's own probes are not ours
export ASAN_OPTIONS=detect_leaks=0
if ! ./configure "${NGX_CONF_FLAGS[@]}" "${args[@]}" \
        --with-cc-opt="$cc_opt" --with-ld-opt="$ld_opt" \
        --add-dynamic-module="$top" --builddir="$build" > "$log" 2>&1; then
    tail -20 "$log" >&2
    exit 1
fi
