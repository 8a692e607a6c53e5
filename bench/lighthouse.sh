#!/usr/bin/env bash
# Lighthouse as a telephone on the demonstration's front and on its newest story with a picture, served by the release
# build: the four scores and the layout shift, each the median of ROUNDS (3) runs; below a page stands what cost it points. A
# processor that others use too costs points of performance (blocking time). Writes bench/results/lighthouse.txt.
#
#   bench/lighthouse.sh [BUILD-FOLDER]     out/release
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=${1:-out/release}
rounds=${ROUNDS:-3}
result=bench/results/lighthouse.txt
work=$(mktemp -d /tmp/dateline-lighthouse-XXXXXX)
served=
trap 'kill $served 2>/dev/null || true; wait; rm -rf "$work"' EXIT
export CHROME_PATH=${CHROMIUM:-/usr/bin/chromium} HOME=$work

"$out/dateline" demo "$work/site" >/dev/null
"$out/dateline" serve "$work/site" --listen 127.0.0.1:0 2>"$work/log" &
served=$!
port=
for i in $(seq 100); do
    port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$work/log" | head -n 1)
    [ -n "$port" ] && curl -sf -o "$work/front" "http://127.0.0.1:$port/" && break
    sleep 0.1
done
# The addresses that the pages give themselves, or the canonical ones would be of another page.
home=$(grep -o '<link rel="canonical" href="[^"]*"' "$work/front" | sed 's/.*href="//; s/"$//; s|/$||')
story=$(curl -sf "http://127.0.0.1:$port/feed.json" | python3 -c '
import json, sys
items = json.load(sys.stdin)["items"]
print(([i for i in items if i.get("image") or "<img" in i.get("content_html", "")] or items)[0]["url"])')

flags='--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking'
mkdir -p bench/results
{
    echo "bench/lighthouse.sh, $(date -u +%Y-%m-%dT%H:%MZ), commit $(git rev-parse --short HEAD)$(git diff --quiet || echo '+'), $rounds runs each"
    echo "machine: $(nproc) × $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), load $(cut -d' ' -f1 /proc/loadavg) before; $("$CHROME_PATH" --version 2>/dev/null | sed 's/ *$//')"
    echo "lighthouse $(node -p 'require("./out/deps/lighthouse/node_modules/lighthouse/package.json").version'), mobile, simulated slow 4G, 4 × slower processor"
    echo
    printf '%-8s %12s %14s %15s %5s %14s %10s %10s\n' page performance accessibility best-practices SEO 'layout shift' 'first, s' 'largest, s'
} | tee "$work/results"
for page in front story; do
    for round in $(seq "$rounds"); do
        url=$home/
        [ $page = front ] || url=$story
        node out/deps/lighthouse/node_modules/lighthouse/cli/index.js "$url" --quiet --output json --output-path "$work/$page-$round.json" \
            --only-categories=performance,accessibility,best-practices,seo --no-enable-error-reporting \
            --chrome-flags="$flags --host-resolver-rules='MAP * 127.0.0.1:$port'" \
            2>"$work/said" || { cat "$work/said" >&2; exit 1; }
    done
    python3 - "$page" "$work/$page"-*.json <<'P' | tee -a "$work/results"
import json, statistics, sys
runs = [json.load(open(name)) for name in sys.argv[2:]]
score = lambda name: round(100 * statistics.median(run["categories"][name]["score"] for run in runs))
value = lambda name: statistics.median(run["audits"][name]["numericValue"] for run in runs)
print("%-8s %12d %14d %15d %5d %14.4f %10.2f %10.2f" % (sys.argv[1], score("performance"), score("accessibility"), score("best-practices"),
      score("seo"), value("cumulative-layout-shift"), value("first-contentful-paint") / 1000, value("largest-contentful-paint") / 1000))
for name in ("performance", "accessibility", "best-practices", "seo"):
    for ref in runs[0]["categories"][name]["auditRefs"]:
        audit = runs[0]["audits"][ref["id"]]
        if ref["weight"] and audit["score"] is not None and audit["score"] < 0.9:
            print("         %s: %s %s" % (name, audit["title"], audit.get("displayValue", "")))
P
done
cp "$work/results" $result
