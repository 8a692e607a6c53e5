#!/usr/bin/env bash
# A 24-megapixel JPEG to all its renditions: by Dateline (one media job: decode once, metadata, sandbox and all) and by
# vipsthumbnail (the same sizes, formats and qualities, one run each). And the formats beside each other, as
# src/media/ writes them or might. Writes bench/results/media.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
out=out/release
work=$(mktemp -d "$PWD/out/bench-media-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p bench/results
widths=(1920 1600 1280 960 780 640 480 320)

cat >"$work/thumbnails.sh" <<'SH'
file=$1 folder=$2
shift 2
for width in "$@"; do
    vipsthumbnail "$file" -s "${width}x" -e srgb -o "$folder/$width.jpg[Q=72,interlace,optimize-coding,strip]"
    vipsthumbnail "$file" -s "${width}x" -e srgb -o "$folder/$width.avif[Q=55,effort=0,strip]"
done 2>/dev/null
SH

# The middle one of each column.
medians() {
    for column in 1 2 3; do
        cut -d' ' -f$column "$1" | sort -n | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
    done | paste -sd' '
}

{
    echo "date      $(date -u +%Y-%m-%dT%H:%M:%SZ)   commit $(git rev-parse --short HEAD)$(git diff --quiet || echo '+')"
    echo "machine   $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), libvips $(vips --version | cut -d- -f2)"
    "$out/bench/media" make "$work/24.jpg" 6000 4000
    echo "picture   6000 × 4000, $(stat -c %s "$work/24.jpg") bytes of JPEG"
    for round in 1 2 3 4 5; do
        "$out/bench/media" time "$out/dateline" picture "$work/24.jpg" | tail -n 1 >>"$work/dateline"
        "$out/bench/media" time bash "$work/thumbnails.sh" "$work/24.jpg" "$work" "${widths[@]}" >>"$work/vips"
    done
    echo '5 rounds, medians: seconds, of them processor time (both cores), peak memory of the largest process'
    read -r wall cpu peak < <(medians "$work/dateline")
    printf 'dateline picture           %6.2f s   %6.2f s   %4d MB   %d files\n' "$wall" "$cpu" "$peak" $((2 * ${#widths[@]}))
    read -r wall cpu peak < <(medians "$work/vips")
    printf 'vipsthumbnail, %2d runs     %6.2f s   %6.2f s   %4d MB   %d bytes of JPEG, %d of AVIF\n' $((2 * ${#widths[@]})) "$wall" "$cpu" "$peak" \
        "$(cat "$work"/[0-9]*0.jpg | wc -c)" "$(cat "$work"/*.avif | wc -c)"
    echo 'the renditions of dateline picture:'
    "$out/dateline" picture "$work/24.jpg" | sed -n '/AVIF/s/^/  /p'
    echo 'formats: bytes, processor time of the whole command, likeness (SSIM) to what was saved'
    for width in 1600 960 480; do
        vips thumbnail "$work/24.jpg" "$work/plain.ppm" $width
        for format in 'jpg[Q=72,interlace,optimize-coding]' 'webp[Q=60]' 'avif[Q=55,effort=0]' 'avif[Q=55,effort=2]'; do
            read -r wall cpu peak < <("$out/bench/media" time vips copy "$work/plain.ppm" "$work/format.$format")
            file=$work/format.${format%%[*}
            printf '  %4d %-36s %7d bytes  %5.2f s  %s\n' $width "$format" "$(stat -c %s "$file")" "$cpu" \
                "$("$out/bench/media" compare "$file" "$work/plain.ppm" 2>/dev/null)"
        done
    done
} 2>&1 | tee "$work/results"
cp "$work/results" bench/results/media.txt
