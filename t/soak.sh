#!/usr/bin/env bash
# What takes hours: ./dev soak [kills|cuts|flips|fuzz] [COUNT]. Default: 10,000 kills, 100,000 power cuts, 20,000
# flipped bits, 4 hours of fuzzing. Goes on where it was stopped: what is done stands in out/soak, total by total,
# until the target is reached; each result goes to bench/results/soak.txt with date and commit.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
what=${1:-all} count=${2:-}
state=out/soak results=bench/results/soak.txt
mkdir -p "$state" bench/results
export DATELINE=${DATELINE:-$PWD/out/release/dateline} DATELINE_OUT=${DATELINE_OUT:-$PWD/out/debug}
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
git diff --quiet HEAD 2>/dev/null || commit+='+changes'
failed=0

# total NAME: what is done of it with this commit's program.
total() { cat "$state/$1-$commit" 2>/dev/null || echo 0; }
tell() {
    local line
    line="$(date -u +%Y-%m-%dT%H:%M:%SZ) $commit $*"
    echo "$line"
    echo "$line" >>"$results"
}

# pieces NAME TARGET PIECE PLAY: the play again and again, PIECE at a time, until TARGET or a fault.
pieces() {
    local name=$1 target=$2 piece=$3 play=$4 done_ n seed log
    done_=$(total "$name")
    while [ "$done_" -lt "$target" ]; do
        n=$((target - done_ < piece ? target - done_ : piece)) seed=$((RANDOM * 32768 + RANDOM))
        log=$state/$name.log
        if ! env KILLS=$n CUTS=$n FLIPS=$n LIES=0 SEED=$seed CUTS_KEEP="$PWD/$state/fault" bash "t/$play" >"$log" 2>&1 ||
            grep -q '^not ok' "$log" || ! grep -q '^ok' "$log"; then
            cp "$log" "$state/$name-fault.log"
            tail -n 60 "$log"
            tell "$name: $done_ good, then a fault in the next $n (seed $seed; $state/$name-fault.log)"
            failed=1
            return
        fi
        done_=$((done_ + n))
        echo "$done_" >"$state/$name-$commit"
        echo "$name: $done_ of $target"
    done
    tell "$name: $done_, nothing wrong"
}

soak_fuzz() {
    local seconds=${1:-14400} targets each
    targets=$(find src -name 'fuzz_*.c' | wc -l)
    # ./dev fuzz gives each target its seconds, two targets at a time.
    each=$((seconds * 2 / (targets ? targets : 1)))
    if ./dev fuzz '' "$((each ? each : 1))" >"$state/fuzz.log" 2>&1; then
        tell "fuzz: $targets targets, $each s each, nothing found"
    else
        tail -n 60 "$state/fuzz.log"
        tell "fuzz: something was found ($state/fuzz.log, out/fuzz/found)"
        failed=1
    fi
}

case $what in kills | cuts | flips | fuzz | all) ;; *)
    echo "soak: kills, cuts, flips or fuzz, and how many (fuzz: seconds)" >&2
    exit 2
    ;;
esac
case $what in kills | all) pieces kills "${count:-10000}" 500 d_kill.sh ;; esac
case $what in cuts | all) pieces cuts "${count:-100000}" 2000 e_cuts.sh ;; esac
case $what in flips | all) pieces flips "${count:-20000}" 1000 q_fsck.sh ;; esac
case $what in fuzz | all) soak_fuzz "${count:-14400}" ;; esac
exit $failed
