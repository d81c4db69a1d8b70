#!/bin/bash
# Formatter check, static analysis, dependency direction, Python.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sources.sh
B=${B:-build}

echo "lint: format"
c_sources | xargs clang-format --dry-run -Werror

echo "lint: includes"
/usr/bin/python3 scripts/check_includes.py

echo "lint: python"
git ls-files --cached --others --exclude-standard '*.py' | xargs pyflakes3
long=$(git ls-files --cached --others --exclude-standard '*.py' \
    | xargs awk 'length > 99 { print FILENAME ":" FNR ": line over 99" }')
[ -z "$long" ] || { echo "$long"; exit 1; }

echo "lint: cppcheck"
mkdir -p "$B/cppcheck"
git ls-files --cached --others --exclude-standard 'shared/*.c' 'worker/*.c' \
    'ngx_module/*.c' 'drsctl/*.c' | cppcheck --file-list=- --quiet -j "$(nproc)" \
    --cppcheck-build-dir="$B/cppcheck" --std=c11 --error-exitcode=1 \
    --enable=warning,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=varFuncNullUB \
    --suppress=normalCheckLevelMaxBranches --suppress=unknownMacro \
    --suppress=uninitMemberVar -D_GNU_SOURCE -D__GNUC__ \
    -Ishared -Iworker -Iworker/engine -Iworker/aws -Iworker/tasks \
    -Idrsctl

echo "lint: shell"
for f in scripts/*.sh .ci/run; do
    bash -n "$f"
done
echo "lint: ok"
