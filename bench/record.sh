#!/usr/bin/env bash
# Entries a second through journal and signer, and `record verify` of a million, on one core. Writes bench/results/record.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=out/release
work=$(mktemp -d out/bench-record-XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -p bench/results "$work/log"
{
    echo "date      $(date -u +%Y-%m-%dT%H:%M:%SZ)   commit $(git rev-parse --short HEAD)$(git diff --quiet || echo '+')"
    echo "machine   $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(stat -f -c %T "$work")"
    for run in 1 2 3 4 5; do
        mkdir "$work/$run"
        taskset -c 0 "$out/bench/record" append "$work/$run" 200000
        rm -r "${work:?}/$run"
    done
    "$out/bench/record" build "$work/log" "${ENTRIES:-1000000}"
    for run in 1 2 3 4 5; do
        begun=$(date +%s%N)
        taskset -c 0 "$out/dateline" record verify "$work/log" | head -n 1
        ended=$(date +%s%N)
        awk -v ns=$((ended - begun)) 'BEGIN {printf "record verify   %.2f s\n", ns / 1e9}'
    done
} 2>&1 | tee "$work/results"
cp "$work/results" bench/results/record.txt
