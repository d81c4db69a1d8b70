#!/bin/bash
# libFuzzer with ASan and UBSan over tests/fuzz/fuzz_*.c, FUZZ_SECONDS each;
# FUZZ_TARGETS narrows (names without fuzz_). Corpora: build/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-600}
out=build/fuzz
jobs=$(nproc)
flags=(-std=c11 -g -O1 -D_GNU_SOURCE -Ishared
       -fsanitize=address,undefined -fno-sanitize-recover=undefined)
libs=(-ljansson -lcrypto -lcrypt -lutf8proc)
mkdir -p "$out/obj"

build_object() {
    local src=$1 obj
    obj=$out/obj/$(basename "$src" .c).o
    if [ ! -e "$obj" ] || [ "$src" -nt "$obj" ] \
       || [ -n "$(find shared -name '*.h' -newer "$obj" -print -quit)" ]; then
        clang "${flags[@]}" -fsanitize=fuzzer-no-link -c -o "$obj" "$src"
    fi
}
export -f build_object
export out
export FLAGS="${flags[*]}"

printf '%s\n' shared/*.c tests/fuzz/fuzz_*.c \
    | xargs -P "$jobs" -I{} bash -c \
        'read -ra flags <<< "$FLAGS"; build_object {}'

objects=()
for src in shared/*.c; do
    objects+=("$out/obj/$(basename "$src" .c).o")
done

for src in tests/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    name=${name#fuzz_}
    if [ -n "${FUZZ_TARGETS:-}" ] \
       && ! grep -qw "$name" <<< "$FUZZ_TARGETS"; then
        continue
    fi
    clang -fsanitize=address,undefined,fuzzer -o "$out/fuzz_$name" \
        "$out/obj/fuzz_$name.o" "${objects[@]}" "${libs[@]}"
    mkdir -p "$out/corpus/$name"
    seeds=()
    if [ -d "tests/fuzz/corpus/$name" ]; then
        seeds=("tests/fuzz/corpus/$name")
    fi
    log=$out/$name.log
    if ! "$out/fuzz_$name" -max_total_time="$seconds" -max_len=16384 \
            -timeout=20 -rss_limit_mb=2048 -verbosity=1 -print_final_stats=1 \
            -artifact_prefix="$out/$name-" "$out/corpus/$name" \
            "${seeds[@]}" > "$log" 2>&1; then
        tail -40 "$log"
        echo "fuzz: $name failed" >&2
        exit 1
    fi
    echo "fuzz: $name $(grep -o 'number_of_executed_units: [0-9]*' "$log")"
done
