# Power cuts, simulated: CUTS of them (1,000), on one site for each core, each at a random change or sync of
# the real program, with a random part of what was not synced lost and torn at 512 bytes (t/cut/). After each
# the next command must succeed on what is left. The independent checker reads the sites along the way and at
# the end: what was acknowledged is there once, every head ever signed is of one log.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
cuts=${CUTS:-1000} seed=${SEED:-$RANDOM$RANDOM}
tools=$(readlink -f "${DATELINE_OUT:-$here/../out/debug}")/t
shim=$tools/cut.so
[ -x "$tools/cuts" ] || { echo "not ok $tools/cuts: build it first"; exit 1; }

# ---- the shim itself
# survived SEED [sync]: how much of the writer's file is left after a cut.
survived() {
    rm -rf "$scratch/proof"
    mkdir -p "$scratch/proof/site"
    "$tools/cuts" -s "$1" "$shim" "$scratch/proof" "$tools/cut_writer" "$scratch/proof/site" "${2:-no}" >/dev/null
    [ -f "$scratch/proof/site/data" ] && tr -d '\0' <"$scratch/proof/site/data" | wc -c || echo 0
}
lost=0 torn=0 kept=0
for i in $(seq 40); do
    case $(survived "$i") in
        0) lost=$((lost + 1)) ;;
        16000) kept=$((kept + 1)) ;;
        *) torn=$((torn + 1)) ;;
    esac
done
echo "    unsynced: $kept times whole, $torn torn, $lost lost"
is 'what is not synced may be lost, torn or kept' yes "$([ $kept -gt 0 ] && [ $torn -gt 0 ] && [ $lost -gt 0 ] && echo yes)"
whole=0
for i in $(seq 40); do [ "$(survived "$i" sync)" = 16000 ] && whole=$((whole + 1)); done
is 'what is synced never' 40 $whole

# ---- the sites
pictures() {
    python3 - "$1" <<'PY'
import struct, sys, zlib
chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
for i in range(64):
    rows = b"".join(b"\0" + bytes(x * y * (i + 1) % 251 for x in range(120)) for y in range(30))
    open("%s/picture-%d.png" % (sys.argv[1], i), "wb").write(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PY
}
work_new() {
    rm -rf "$1"
    mkdir -p "$1"
    site=$1/site
    new_site
    pictures "$1"
}
# look WORK: what readers and the raw files show.
look() {
    site=$1/site
    serve || return 1
    python3 "$here/check.py" "$site" "http://127.0.0.1:$port" play.example "$1/acknowledged" "$1/heads"
    local code=$?
    python3 "$here/cut/look.py" "$site" "http://127.0.0.1:$port" play.example "$1/others" || code=1
    unserve
    "$DATELINE" fsck "$site" && "$DATELINE" record verify "$site" || code=1
    return $code
}
keep() { # what is needed to look into a fault
    [ -z "${CUTS_KEEP:-}" ] || { rm -rf "$CUTS_KEEP"; cp -r "$1" "$CUTS_KEEP"; echo "    kept in $CUTS_KEEP"; }
}

# ---- a disk that lies
# lies KIND SEEDS CUTS: how many of the sites on which syncs of that kind do nothing show a fault.
lies() {
    local i noticed=0
    for i in $(seq "$2"); do
        work_new "$scratch/lie"
        "$tools/cuts" -s "$i" -n "$3" -l "$1" "$shim" "$scratch/lie" "$DATELINE" >"$scratch/said" 2>&1 &&
            look "$scratch/lie" >"$scratch/said" 2>&1 || {
            noticed=$((noticed + 1))
            grep -v '^cuts:' "$scratch/said" | head -n 2 | cut -c1-300 | sed 's/^/    /' >&2
            [ -z "${4:-}" ] || break
        }
    done
    echo $noticed
}
if [ "${LIES:-1}" != 0 ]; then
    for kind in wal database lmdb signer media folder; do
        is "a disk that lies is noticed: $kind" 1 "$(lies $kind 20 20 first)"
    done
    # The journal alone is written anew from the database.
    is 'a journal that was lied about is mended' 0 "$(lies journal 4 20)"
fi

# ---- the cuts
# many WORK SEED COUNT: in pieces of a hundred; the checker looks at every fifth and at the last.
many() {
    local work=$1 seed=$2 left=$3 n i=0 bad=0
    while [ "$left" -gt 0 ] && [ $bad = 0 ]; do
        n=$((left < 100 ? left : 100)) left=$((left - n)) i=$((i + 1))
        # A site of its own for every thousand, so that the log's beginning is seen often, and its tiles.
        [ $((i % 10)) != 1 ] || work_new "$work"
        "$tools/cuts" -s $((seed + i)) -n $n "$shim" "$work" "$DATELINE" || bad=1
        cat "$work/cuts" >>"$work.cuts"
        : >"$work/cuts"
        [ $bad != 0 ] || { [ $left != 0 ] && [ $((i % 5)) != 0 ]; } || look "$work" || bad=1
    done
    [ $bad = 0 ] || keep "$work"
    return $bad
}
echo "    seed $seed"
begun=$(date +%s%N)
jobs=$(nproc) running=()
for ((j = 0; j < jobs; j++)); do
    share=$(((cuts + j) / jobs))
    (
        # Its own log of the server, and no end for the others' files.
        trap unserve EXIT
        scratch=$scratch/job-$j
        mkdir -p "$scratch"
        many "$scratch/work" $((seed + 1000000 * j)) $share
    ) >"$scratch/told-$j" 2>&1 &
    running+=($!)
done
bad=0
for pid in "${running[@]}"; do wait "$pid" || bad=$((bad + 1)); done
sed 's/^/    /' "$scratch"/told-*
cat "$scratch"/job-*/work.cuts >"$scratch/all"
done_=$(wc -l <"$scratch/all")
echo "    $done_ cuts in $((($(date +%s%N) - begun) / 1000000)) ms, $(grep -c ' again: ' "$scratch/all") of them in a recovery; where:"
sed 's/.*: \([a-z-]* [a-z]*\);.*/\1/' "$scratch/all" | sort | uniq -c | sort -rn | sed 's/^/    /'
is "after each of $cuts power cuts it goes on, and the checker finds nothing wrong" "0 $cuts" "$bad $done_"
