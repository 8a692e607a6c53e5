#!/usr/bin/env bash
# From sending a story until its own address answers with it, under a signed head; until the feed has it; and in bulk.
# fsync on, six tags, the compression that is served, 10,000 stories there before. Writes bench/results/publish.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=out/release
work=$(mktemp -d out/bench-publish-XXXXXX)
served=
trap 'kill $served 2>/dev/null || true; wait; rm -rf "$work"' EXIT
mkdir -p bench/results
results=$work/results
{
    echo "date      $(date -u +%Y-%m-%dT%H:%M:%SZ)   commit $(git rev-parse --short HEAD)$(git diff --quiet || echo '+')"
    echo "machine   $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(stat -f -c %T "$work")"
} >"$results"
bulk=${BULK:-10000}
python3 bench/stories.py "$work/bulk" 0 "$bulk" 450
python3 bench/stories.py "$work/long" 500000 2000 900
python3 bench/stories.py "$work/single" 1000000 1000
python3 bench/stories.py "$work/minute" 2000000 500
"$out/dateline" init "$work/site" --url http://bench.example >/dev/null
"$out/dateline" serve "$work/site" --listen 127.0.0.1:0 2>"$work/log" &
served=$!
for i in $(seq 100); do
    port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$work/log" | head -n 1)
    [ -n "$port" ] && curl -sf -o /dev/null -H 'Host: bench.example' "http://127.0.0.1:$port/" && break
    sleep 0.1
done

# in_bulk FOLDER WORDS: until the last answer; lists follow.
in_bulk() {
    local begun ended n
    n=$(find "$1" -name '*.md' | wc -l)
    begun=$(date +%s%N)
    "$out/dateline" publish "$work/site" "$1" --quiet
    ended=$(date +%s%N)
    awk -v n="$n" -v w="$2" -v ns=$((ended - begun)) \
        'BEGIN {printf "in bulk    %d stories of %d words in %.1f s: %.0f stories/s, durable, recorded, signed, served\n", n, w, ns / 1e9, n / ns * 1e9}' |
        tee -a "$results"
    # The lists are done when nothing is waiting any more: core is idle.
    local before now
    now=$(awk '{print $14 + $15}' "/proc/$(pgrep -P $served -f 'role core ')/stat")
    for i in $(seq 120); do
        before=$now
        sleep 0.5
        now=$(awk '{print $14 + $15}' "/proc/$(pgrep -P $served -f 'role core ')/stat")
        [ $((now - before)) -gt 2 ] || break
    done
    awk -v ns=$(($(date +%s%N) - ended)) 'BEGIN {printf "           every list, feed and sitemap of them %.1f s later\n", ns / 1e9}' | tee -a "$results"
}
in_bulk "$work/bulk" 450
in_bulk "$work/long" 900
awk -v kb="$(du -sk "$work/site/store" | cut -f1)" -v n=$((bulk + 2000)) 'BEGIN {printf "           database %.1f KB a story, ", kb / n}' | tee -a "$results"
awk -v kb="$(du -sk "$work/site/pages" | cut -f1)" -v n=$((bulk + 2000)) 'BEGIN {printf "pages %.1f KB a story\n", kb / n}' | tee -a "$results"

token=$("$out/dateline" token add "$work/site" bench 2>/dev/null)
size=$(curl -s -H 'Host: bench.example' -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port$(curl -s -H 'Host: bench.example' "http://127.0.0.1:$port/feed.json" |
    grep -o 'http://bench.example/20[^"]*' | head -n 1 | sed 's|http://bench.example||')" | wc -c)
echo "a page     $size bytes in gzip" | tee -a "$results"
# rounds NAME EVERY_MS FOLDER: five rounds, each a fifth of the folder's stories, the generator on core 1; the medians of the
# rounds' percentiles.
rounds() {
    local name=$1 every=$2 items=("$3"/*.md) n r
    n=$((${#items[@]} / 5))
    for r in 0 1 2 3 4; do
        taskset -c 1 "$out/bench/publish" "$port" bench.example "$token" "$every" "${items[@]:r * n:n}"
    done >"$work/rounds"
    cat "$work/rounds"
    for what in 'its own address' 'the feed of all'; do
        for field in p50 p99; do
            grep "^$what" "$work/rounds" | sed "s/.*$field *\([0-9.]*\).*/\1/" | sort -n | sed -n 3p
        done | paste -sd' ' | awk -v name="$name" -v what="$what" -v n=$((n * 5)) \
            '{printf "%-22s %-16s p50 %.1f ms, p99 %.1f ms (medians of five rounds, %d stories)\n", name, what, $1, $2, n}'
    done | tee -a "$results"
}
rounds 'one after another' 0 "$work/single"
rounds '500 in a minute' 120 "$work/minute"
cp "$results" bench/results/publish.txt
