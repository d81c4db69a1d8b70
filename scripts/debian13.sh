#!/bin/bash
# Builds everything and runs the unit lane on Debian 13, in a folder made by
# debootstrap (build/trixie). Needs root. The committed state is what is
# built.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/build/trixie
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo

command -v debootstrap > /dev/null \
    || $sudo apt-get install -y -qq debootstrap > /dev/null

if [ ! -e "$root/ready" ]; then
    $sudo rm -rf "$root"
    mkdir -p build
    mirror=$(awk '$1 == "deb" && $2 ~ /^http/ { print $2; exit }
                  $1 == "URIs:" { print $2; exit }' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null || true)
    $sudo debootstrap --variant=minbase trixie "$root" \
        "${mirror:-http://deb.debian.org/debian}" > build/debootstrap.log
    $sudo touch "$root/ready"
fi

for f in /etc/apt/apt.conf.d/99* /etc/resolv.conf; do
    [ ! -f "$f" ] || $sudo cp -L "$f" "$root$f"
done
$sudo mkdir -p "$root/etc/ssl/certs"
$sudo cp -L /etc/ssl/certs/*.pem "$root/etc/ssl/certs/" 2> /dev/null || true

$sudo rm -rf "$root/src"
$sudo mkdir -p "$root/src"
git archive HEAD | $sudo tar -x -C "$root/src"
$sudo mount --bind /proc "$root/proc"
$sudo mount --bind /dev "$root/dev"
trap '$sudo umount "$root/proc" "$root/dev"' EXIT

$sudo chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root LANG=C.UTF-8 bash -c "
    set -e
    cd /src
    apt-get update -qq
    apt-get install -y -qq make > /dev/null
    make -s deps
    make -s -j$(nproc) all unit-build
    make -s unit
    nginx -v
    gcc --version | head -1
    printf 'load_module /src/build/ngx_http_drs_module.so;\nevents {}\n' \
        > /tmp/t.conf
    nginx -t -c /tmp/t.conf
"
echo "debian13: built, unit lane passed, module loads"
