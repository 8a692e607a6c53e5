#!/usr/bin/env bash
# An archive: how fast it is taken in, what a story of it takes on the disk, and what it does to publishing, to reading a
# page that nobody read for long, to starting, to making all pages anew. Beside it the same site with a thousand stories.
#
#   bench/archive.sh          COUNT=10000 stories (a million takes hours and about 40 GB). Writes bench/results/archive.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=out/release count=${COUNT:-10000} small=${SMALL:-1000}
work=$(mktemp -d out/bench-archive-XXXXXX)
served=
trap 'kill $served 2>/dev/null || true; wait; rm -rf "$work"' EXIT
results=$work/results
say() { printf "$@" | tee -a "$results"; }
now() { date +%s%N; }
seconds() { awk -v ns=$(($(now) - $1)) 'BEGIN {printf "%.1f", ns / 1e9}'; }
say 'date      %s   commit %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(git rev-parse --short HEAD)$(git diff --quiet || echo '+')"
say 'machine   %s cores, %s, %s\n' "$(nproc)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(stat -f -c %T "$work")"
say 'stories   50 to 750 words by Zipf, 3 to 9 tags out of 50,000, 1 to 4 pictures out of 200, every fourth in the other edition\n\n'

core() { pgrep -P "$served" -f 'role core '; }
# serve SITE: until its front answers; says after how many milliseconds.
serve() {
    local begun
    begun=$(now)
    "$out/dateline" serve "$1" --listen 127.0.0.1:0 2>>"$work/log" &
    served=$!
    : >"$work/log"
    while :; do
        port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$work/log" | tail -n 1)
        [ -n "$port" ] && curl -sf -o /dev/null -H 'Host: bench.example' "http://127.0.0.1:$port/" && break
        sleep 0.005
    done
    started=$((($(now) - begun) / 1000000))
}
stop() {
    kill "${1:--TERM}" "$served" 2>/dev/null || true
    wait "$served" 2>/dev/null || true
}
# Lists follow; core is idle when they are made.
quiet() {
    local before now
    now=$(awk '{print $14 + $15}' "/proc/$(core)/stat")
    while :; do
        before=$now
        sleep 0.5
        now=$(awk '{print $14 + $15}' "/proc/$(core)/stat")
        [ $((now - before)) -gt 2 ] || break
    done
}
# new_site SITE
new_site() {
    "$out/dateline" init "$1" --url http://bench.example >/dev/null
    sed -i 's/^sections = .*/sections = City, World, Business, Science, Culture, Sport/; s/^reserve_mb = .*/reserve_mb = 1/' "$1/dateline.conf"
    printf '\n[edition ar]\nname = أرشيف\nlanguage = ar-u-nu-latn\nzone = Africa/Cairo\nsections = المدينة, العالم\n' >>"$1/dateline.conf"
}
# publishing SITE NAME FIRST: one story after another, until its own address answers.
publishing() {
    local token
    token=$("$out/dateline" token add "$1" bench 2>/dev/null)
    python3 bench/stories.py "$work/single-$3" "$3" 500
    taskset -c 1 "$out/bench/publish" "$port" bench.example "$token" 0 "$work/single-$3"/*.md >"$work/said"
    say '%-34s p50 %s ms, p99 %s ms\n' "$2" $(sed -n 's/^its own address.*p50 *\([0-9.]*\).*p99 *\([0-9.]*\).*/\1 \2/p' "$work/said")
}
# cold: pages of 2,000 of its stories in no order, after the kernel was made to forget them (which only root may).
cold() {
    sync
    { echo 3 >/proc/sys/vm/drop_caches; } 2>/dev/null || say 'not root: nothing was made cold\n'
    python3 - "$port" "$work/published" <<'P' | tee -a "$results"
import http.client, random, sys, time, urllib.parse
paths = [urllib.parse.urlsplit(line.split()[1]).path for line in open(sys.argv[2], encoding="utf-8") if line.startswith("published ")]
took, c = [], http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for path in random.Random(1).sample(paths, min(2000, len(paths))):
    begun = time.perf_counter()
    c.request("GET", path, headers={"Host": "bench.example", "Accept-Encoding": "gzip"})
    answer = c.getresponse()
    answer.read()
    took.append((time.perf_counter() - begun) * 1000)
    if answer.status != 200:
        sys.exit("%s: %d" % (path, answer.status))
took.sort()
print("a cold page of a story             p50 %.2f ms, p99 %.2f ms (%d of them, the client's Python in it)" % (took[len(took) // 2], took[len(took) * 99 // 100], len(took)))
P
}

python3 bench/archive.py "$work/items" 0 "$count"
python3 bench/archive.py "$work/few" 0 "$small"
new_site "$work/small"
serve "$work/small"
"$out/dateline" publish "$work/small" "$work/few" --archive --quiet >/dev/null
quiet
publishing "$work/small" "publishing beside $small" 5000000
stop

new_site "$work/site"
serve "$work/site"
begun=$(now)
"$out/dateline" publish "$work/site" "$work/items" --archive >"$work/published"
took=$(seconds "$begun")
say 'taken in                           %s stories in %s s: %s a second, durable, recorded, signed, served\n' "$count" "$took" "$(awk -v n="$count" -v s="$took" 'BEGIN {printf "%.0f", n / s}')"
begun=$(now)
quiet
say 'every list, feed and sitemap       %s s later\n' "$(seconds "$begun")"
publishing "$work/site" "publishing beside $count" 6000000
quiet
cold
for process in core web; do
    say 'memory of %-24s %s MB of its own\n' "$process" "$(awk '/^RssAnon/ {sum += $2} END {printf "%.0f", sum / 1024}' $(pgrep -P "$served" -f "role $process " | sed 's|.*|/proc/&/status|'))"
done
stop
serve "$work/site"
say 'first answer after a stop          %s ms\n' "$started"
stop -KILL
pkill -KILL -f "role .* $work/site" 2>/dev/null || true
sleep 1
serve "$work/site"
say 'first answer after kill -9         %s ms\n' "$started"
begun=$(now)
"$out/dateline" rebuild "$work/site" >/dev/null
took=$(seconds "$begun")
say 'every page made anew               %s s: %s stories a second\n' "$took" "$(awk -v n="$count" -v s="$took" 'BEGIN {printf "%.0f", n / s}')"
stop
for part in store pages record; do
    say 'on the disk, %-22sKB a story: %s\n' "$part" "$(awk -v kb="$(du -sk "$work/site/$part" | cut -f1)" -v n="$((count + 500))" 'BEGIN {printf "%.1f", kb / n}')"
done
cp "$results" bench/results/archive.txt
