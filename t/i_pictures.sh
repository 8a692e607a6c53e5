# Pictures: what is read from them, what is served of them, what they may not do; and the processes in which they are decoded
# die, are killed, and are started again.
. "$(dirname "$0")/lib.sh"
new_site
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}:handle_segv=0" # a decoder that crashes does so by a signal
pictures=$(dirname "$0")/../demo/pictures

# ---- without a site
ok 'picture shows' "$DATELINE" picture "$pictures/buoy-field.jpg"
has 'its size' 'JPEG, 1440 × 960 pixels' "$scratch/out"
has 'its caption' 'Klaus Wern' "$scratch/out"
has 'its credit' 'COURIER' "$scratch/out"
has 'in which sizes it is served' '320 × 213: AVIF' "$scratch/out"
png "$scratch/plain.png" 40 30
ok 'one that says nothing' "$DATELINE" picture "$scratch/plain.png"
has 'has its alt text missed' 'no alt text' "$scratch/out"
has 'and its credit' 'no credit' "$scratch/out"
fails 'a text file' 3 'a picture is a JPEG, PNG, WebP or AVIF' "$DATELINE" picture "$0"

# ---- published
ok 'serve' serve
story buoy 'Text.' 'picture: buoy.jpg'
cp "$pictures/buoy-field.jpg" "$scratch/buoy.jpg"
ok 'a picture with its texts' publish "$scratch/buoy.md"
lacks 'nothing to remark' 'picture "buoy.jpg"' "$scratch/out"
page=$(path_of "$scratch/out")
get "$page" >"$scratch/page"
has 'its caption is shown' 'Klaus Wern' "$scratch/page"
has 'agency and author are credited' 'COURIER / Drawn by program' "$scratch/page"
has 'its alt text is there' 'alt="A print in charcoal' "$scratch/page"
has 'AVIF is offered' 'type="image/avif"' "$scratch/page"
# Every file that the page names: under the hash of its bytes, and without a word of what the original says.
bad=0 files=0
for file in $(grep -o '/media/[0-9a-f]*\.[a-z]*' "$scratch/page" | sort -u); do
    files=$((files + 1))
    get "$file" >"$scratch/file"
    [ "/media/$(sha256sum "$scratch/file" | cut -c1-64).${file##*.}" = "$file" ] || bad=$((bad + 1))
    ! grep -qaE 'Exif|photoshop|xmpmeta|COURIER|Averil' "$scratch/file" || bad=$((bad + 1))
done
is 'several sizes in two formats' yes "$([ $files -ge 14 ] && echo yes)"
is 'each is of its name, and says nothing' 0 $bad
is 'AVIF is served as such' 'image/avif' "$(get "$(grep -o '/media/[0-9a-f]*\.avif' "$scratch/page" | head -n 1)" -o /dev/null -w '%{content_type}')"
picture=$(grep -o '/media/[0-9a-f]*\.jpg' "$scratch/page" | head -n 1)
get "$picture" >"$scratch/whole"
is 'a part of it' "$(tail -c +101 "$scratch/whole" | head -c 200 | sha256sum)" "$(get "$picture" -r 100-299 | sha256sum)"
is 'answers 206' 206 "$(get "$picture" -r 100-299 -o /dev/null -w '%{http_code}')"
head -c 1000 "$scratch/whole" >"$scratch/resumed"
get "$picture" -C - -o "$scratch/resumed"
is 'a download that broke off goes on' "$(sha256sum <"$scratch/whole")" "$(sha256sum <"$scratch/resumed")"
is 'what is behind its end is not there' 416 "$(get "$picture" -r 99999999- -o /dev/null -w '%{http_code}')"
story plain 'Text.' 'picture: plain.png' 'picture-caption: Nothing much.'
ok 'a picture without' publish "$scratch/plain.md"
has 'alt text is missed' 'picture "plain.png": it has no alt text; its caption stands in' "$scratch/out"
has 'credit is missed' 'picture "plain.png": it has no credit' "$scratch/out"
has 'the caption stands in' 'alt="Nothing much."' <(get "$(path_of "$scratch/out")")
jobs() { sed -n 's/media jobs: \([0-9]*\) started.*/\1/p' "$site/run/media"; }
before=$(jobs)
ok 'the same again' publish "$scratch/buoy.md"
story other 'Another.' 'picture: buoy.jpg'
ok 'another story with it' publish "$scratch/other.md"
is 'nothing is decoded twice' "$before" "$(jobs)"

# ---- what means harm
token=$("$DATELINE" token add "$site" sender 2>/dev/null)
# upload FILE: an item that names it; the status, the answer in $scratch/answer.
upload() {
    story "up-$1" 'Text.' "picture: $1"
    curl -s -o "$scratch/answer" -w '%{http_code}' --max-time 60 -H 'Host: play.example' -H "Authorization: Bearer $token" \
        -F "item=<$scratch/up-$1.md" -F "p=@$scratch/$1" "http://127.0.0.1:$port/api/v1/items"
}
png "$scratch/bomb.png" 30000 30000 header
is 'a bomb' 413 "$(upload bomb.png)"
has 'is told why' '30000 × 30000 pixels: a side may have 20000' "$scratch/answer"
head -c 20000 "$pictures/buoy-field.jpg" >"$scratch/cut.jpg"
is 'a file that was cut' 422 "$(upload cut.jpg)"
has 'is told why' 'picture \"cut.jpg\": the file ends before the picture does' "$scratch/answer"
echo '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' >"$scratch/drawing.png"
is 'an SVG, whatever it is called' 422 "$(upload drawing.png)"
has 'is named' 'it is an SVG' "$scratch/answer"
printf 'GIF89a' >"$scratch/moving.jpg"
is 'a GIF' 422 "$(upload moving.jpg)"
{ cat "$pictures/bridge-fog.jpg"; echo '<script>alert(1)</script>'; } >"$scratch/both.jpg"
is 'a picture and a page at once' 201 "$(upload both.jpg)"
get "$(sed -n 's/.*"path":"\([^"]*\)".*/\1/p' "$scratch/answer")" >"$scratch/page"
bad=0
for file in $(grep -o '/media/[0-9a-f]*\.[a-z]*' "$scratch/page" | sort -u); do
    ! get "$file" | grep -qa script || bad=$((bad + 1))
done
is 'is a picture alone' 0 $bad
is 'and the next is taken' 201 "$(story next 'The next.'; cp "$pictures/chart-tide.jpg" "$scratch/next.jpg"; upload next.jpg)"

# ---- while one is decoded, others are published
png "$scratch/large.png" 6000 4000
(upload large.png >"$scratch/large.status") &
waiting=$!
for i in $(seq 200); do pgrep -f "^dateline role media-job" >/dev/null && break; sleep 0.02; done
story quick 'At once.'
ok 'a story meanwhile' publish "$scratch/quick.md"
wait $waiting
is 'and the large one behind it' 201 "$(cat "$scratch/large.status")"

# ---- processes that die
keeper=$(role_pid media)
# kill_job SIGNAL: the next job of the keeper, as soon as there is one.
kill_job() {
    for i in $(seq 400); do pkill "-$1" -P "$keeper" && return; sleep 0.01; done
}
png "$scratch/victim.png" 5000 4000 1
kill_job SEGV &
is 'a decoder that crashes' 422 "$(upload victim.png)"
wait $!
has 'is told' 'it ended the process that decoded it (signal SEGV)' "$scratch/answer"
is 'and counted' 'died 1 times' "$(grep -o 'died 1 times' "$site/run/media")"
has 'doctor shows it' 'died 1 times' <("$DATELINE" doctor "$site" 2>&1)
is 'the same again is taken' 201 "$(upload victim.png)"
kill -KILL "$keeper"
png "$scratch/after.png" 50 40 2
is 'without its keeper: the next one' 201 "$(upload after.png)"
is 'has another keeper' yes "$([ "$(role_pid media)" != "$keeper" ] && echo yes)"
kill -KILL "$(role_pid core)"
png "$scratch/new-core.png" 50 40 3
sleep 0.5
wait_for 'core is back' publish "$scratch/quick.md"
is 'a picture for the next core' 201 "$(upload new-core.png)"
ok 'fsck' "$DATELINE" fsck "$site"
unserve
is 'no job is left' '' "$(pgrep -P "$keeper")"

# ---- without a server
png "$scratch/alone.png" 60 40 4
story alone 'Text.' 'picture: alone.png' 'picture-credit: © PLAY' 'picture-alt: Lines'
ok 'a command that is core develops too' publish "$scratch/alone.md"
sed -i 's/^pictures.require =.*/pictures.require = alt, credit/' "$site/dateline.conf"
story lacking 'Text.' 'picture: alone.png' 'picture-credit: © PLAY'
fails 'a site may require alt texts' 3 'no alt text, and this site requires one' publish "$scratch/lacking.md"
sed -i 's/^pictures.require =.*/pictures.require =/' "$site/dateline.conf"
# In the order in which they were given, whether or not they have to wait for a picture.
for i in 1 2 3 4 5 6; do
    story "in-order-$i" "Version $i." "uri: urn:play:in-order" 'headline: In order'
    sed -i '/^uri: urn:play:in-order-/d' "$scratch/in-order-$i.md"
    [ $((i % 2)) = 0 ] || { png "$scratch/order-$i.png" 300 200 1$i; sed -i "2a picture: order-$i.png" "$scratch/in-order-$i.md"; }
done
ok 'six versions at once' publish "$scratch"/in-order-[1-6].md
ok 'serve again' serve
has 'the last one counts' 'Version 6.' <(get "$("$DATELINE" publish "$site" "$scratch/in-order-6.md" | sed -n 's|.*http://play.example\(/[^ ]*\).*|\1|p')")
unserve
