#!/bin/bash
# Formats the C sources in place (Debian 12's clang-format decides).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sources.sh
c_sources | xargs clang-format -i
