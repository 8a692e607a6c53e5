#!/usr/bin/env bash
# What a page costs: CPU time per request of one web process as it ships, of nginx with the same
# compressed bytes as a static file, and of the least that a server can do (floor.c).
#
#   bench/pages.sh [BUILD-FOLDER]     out/release; ROUNDS=7 SECONDS_EACH=4
#
# Server on core 0, wrk on core 1, 64 connections kept alive, Accept-Encoding: gzip, one story. All
# servers run all the time and are asked in turn, so that what the machine does beside it hits all.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${1:-out/release}
rounds=${ROUNDS:-7} seconds=${SECONDS_EACH:-4}
port=${PORT:-18080}
path=/2026/11/24/story
result=bench/results/pages.txt
for tool in wrk nginx curl taskset; do
    command -v $tool >/dev/null || { echo "bench/pages.sh: $tool is needed" >&2; exit 1; }
done

work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

declare -A port_of pid_of
# started NAME PORT PID: waits until it answers.
started() {
    port_of[$1]=$2
    pid_of[$1]=$3
    for _ in $(seq 300); do
        curl -s -o /dev/null -H 'Accept-Encoding: gzip' "http://127.0.0.1:$2$path" && return
        sleep 0.1
    done
    echo "bench/pages.sh: $1 does not answer" >&2
    exit 1
}

for name in ours ours+log; do
    mkdir "$work/$name"
    log=()
    [ $name = ours ] || log=("$work/ours.log")
    taskset -c 0 "$build/bench/pages_serve" "$work/$name" $port "${log[@]}" &
    pids+=($!)
    started $name $port $!
    port=$((port + 1))
done
# The same bytes for the others.
curl -s -H 'Accept-Encoding: gzip' -D "$work/head" -o "$work/body" "http://127.0.0.1:${port_of[ours]}$path"
grep -qi '^content-encoding: gzip' "$work/head" || { echo "bench/pages.sh: not compressed" >&2; exit 1; }

taskset -c 0 "$build/bench/floor" $port "$work/head" "$work/body" &
pids+=($!)
started floor $port $!
port=$((port + 1))

mkdir -p "$work/www$(dirname $path)"
cp "$work/body" "$work/www$path"
chmod -R a+rX "$work/www"
# As ours: what curl saw, but for what nginx writes itself.
headers=$(tr -d '\r' <"$work/head" | sed 1d | grep -viE '^(date|content-length|content-type|connection|etag|$)' |
    sed -E 's/^([^:]+): (.*)$/add_header \1 "\2" always;/')
for name in nginx nginx+log; do
    log='off'
    [ $name = nginx ] || log="$work/nginx.log combined buffer=64k flush=1s"
    cat >"$work/$name.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/$name.pid;
error_log $work/$name.err;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
    access_log $log;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=600s;
    open_file_cache_valid 600s;
    default_type "text/html; charset=utf-8";
    server_tokens off;
    client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
    uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
    server {
        listen 127.0.0.1:$port backlog=4096;
        root $work/www;
        $headers
    }
}
CONF
    taskset -c 0 nginx -c "$work/$name.conf" -p "$work" -e "$work/$name.err" &
    master=$!
    pids+=($master)
    started $name $port 0
    pid_of[$name]=$(cat /proc/$master/task/$master/children | tr -d ' ')
    port=$((port + 1))
done

ticks() { awk '{sub(/.*\) /, ""); print $12 + $13}' "/proc/$1/stat"; }
measure() {
    local before after requests
    before=$(ticks "${pid_of[$1]}")
    requests=$(taskset -c 1 wrk -t1 -c64 -d"$2"s -H 'Accept-Encoding: gzip' \
        "http://127.0.0.1:${port_of[$1]}$path" | awk '/requests in/ {print $1} /Non-2xx|Socket errors/ {print "x"}')
    after=$(ticks "${pid_of[$1]}")
    case $requests in *x*) echo "bench/pages.sh: $1 did not answer all requests" >&2; exit 1 ;; esac
    awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v n="$requests" -v s="$2" \
        'BEGIN {printf "%.3f %.0f\n", t / hz / n * 1e6, n / s}'
}

names=(floor ours nginx ours+log nginx+log)
for name in "${names[@]}"; do measure "$name" 1 >/dev/null; done # warm
for round in $(seq "$rounds"); do
    for name in "${names[@]}"; do
        measure "$name" "$seconds" >>"$work/$name.out"
        echo "round $round: $name $(tail -n 1 "$work/$name.out")" >&2
    done
done

mid() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
median() { awk -v f="$2" '{print $f}' "$work/$1.out" | mid; }
# The ratio of each round, then their median: what disturbs a round disturbs both.
ratio() { paste -d' ' "$work/$1.out" "$work/$2.out" | awk '{print $1 / $3}' | mid; }
mkdir -p "$(dirname $result)"
{
    echo "bench/pages.sh, $(date -u +%Y-%m-%dT%H:%MZ), $rounds rounds of $seconds s"
    echo "machine: $(nproc) × $(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo), Linux $(uname -r)"
    echo "versions: dateline $(git describe --always --dirty 2>/dev/null || echo '?'), $(nginx -v 2>&1), $(wrk -v 2>&1 | awk 'NR == 1 {print $1, $2}')"
    echo "answer: $(stat -c %s "$work/head") bytes of head, $(stat -c %s "$work/body") bytes of body (gzip)"
    echo
    printf '%-10s %16s %12s\n' server 'µs CPU/request' 'requests/s'
    for name in "${names[@]}"; do
        printf '%-10s %16.2f %12.0f\n' "$name" "$(median "$name" 1)" "$(median "$name" 2)"
    done
    echo
    printf 'ours / nginx            %.3f   (bar: 0.75)\n' "$(ratio ours nginx)"
    printf 'ours / floor            %.3f   (bar: 1.10)\n' "$(ratio ours floor)"
    printf 'floor / nginx           %.3f\n' "$(ratio floor nginx)"
    printf 'ours+log / nginx+log    %.3f\n' "$(ratio ours+log nginx+log)"
    printf 'ours+log / ours         %.3f\n' "$(ratio ours+log ours)"
    echo
    "$build/bench/idle" "${port_of[ours]}" "${pid_of[ours]}" 10000 $path || echo 'over the bar: 1,024 bytes each'
} | tee $result
