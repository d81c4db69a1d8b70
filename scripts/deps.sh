#!/bin/bash
# Installs what building, testing and the demo need on Debian 12 or 13.
# Safe to repeat. Leaves no service running that was not running before.
set -euo pipefail

packages=(
    build-essential ccache pkg-config git
    nginx nginx-dev libnginx-mod-http-headers-more-filter
    libnginx-mod-http-echo
    redis-server redis-tools tzdata
    libhiredis-dev libjansson-dev libcurl4-openssl-dev libssl-dev
    libjwt-dev libxml2-dev libxml2-utils libinih-dev libcrypt-dev
    libutf8proc-dev libcmocka-dev
    clang libclang-rt-14-dev cppcheck clang-format pyflakes3
    python3 python3-pytest python3-pytest-xdist python3-pytest-timeout
    python3-pytest-rerunfailures
    python3-aiohttp python3-botocore python3-boto3 python3-redis
    python3-jwt python3-cryptography python3-requests python3-yaml
    python3-jsonschema awscli
    curl jq openssl wrk lcov procps iproute2 strace
    chromium fonts-dejavu-core poppler-utils
)

# any npm will do: the console brings its own Node
command -v npm > /dev/null || packages+=(npm)

. /etc/os-release
if [ "${VERSION_ID:-}" != 12 ]; then
    # names that only Debian 12 has
    packages=("${packages[@]/libclang-rt-14-dev/libclang-rt-dev}")
fi

missing=()
for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' \
        || missing+=("$p")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=sudo
fi

# Packages must not start daemons here: policy-rc.d forbids it while we
# install, unless the machine has a policy of its own.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" > /dev/null
    $sudo chmod +x "$policy"
    made=1
fi
cleanup() { [ -z "$made" ] || $sudo rm -f "$policy"; }
trap cleanup EXIT

echo "installing: ${missing[*]}"
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" > /dev/null
