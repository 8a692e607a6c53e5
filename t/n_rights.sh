# What the owners of pictures allow: where they are shown, that they are gone at the second in which a lease ends, whoever was
# running then; and that files are served as long as anybody may show them.
. "$(dirname "$0")/lib.sh"
new_site
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
printf '\n[edition pt]\nname = A Peça\nlanguage = pt\nzone = Asia/Tokyo\n' >>"$site/dateline.conf"
sum=0
# picture NAME: another one each time
picture() { png "$scratch/$1" 640 420 $((sum += 1)); }
media_of() { get "$1" | grep -o '/media/[0-9a-f]*\.jpg' | head -n 1; }
# ends SECONDS: the moment, as RFC 3339 and in milliseconds
ends() { end_ms=$((($(date +%s) + $1) * 1000)); end=$(date -u -d "@$((end_ms / 1000))" +%Y-%m-%dT%H:%M:%SZ); }
await_end() { python3 -c "import time; time.sleep(max(0, $end_ms / 1000 - time.time()))"; }

ok 'serve' serve

# ---- a lease that ends: nothing of the picture is left anywhere, but its caption
picture lease.png
ends 12
story lease 'Text.' 'section: City' 'tags: [Leases]' 'byline: Mara Vale' 'picture: lease.png' 'picture-caption: A quay at noon.' \
    'picture-credit: COURIER' 'picture-creator: M. Vale' 'picture-alt: A quay' "picture-expires: $end"
ok 'a picture with a lease' publish "$scratch/lease.md"
page=$(path_of "$scratch/out")
file=$(media_of "$page")
story beside 'Beside it.' 'tags: [Leases]'
ok 'a story beside it' publish "$scratch/beside.md"
beside=$(path_of "$scratch/out")
# of JPEG and AVIF alike
name=$(basename "$file" .jpg)
everywhere="$page / /latest /tag/leases /section/city /author/mara-vale ${page%/*} /feed.xml /atom.xml /feed.json /section/city/feed.xml
    /tag/leases/feed.xml /api/v1/items /api/v1/items/1 /api/v1/tag/leases/items $page.json $beside"
for at in $everywhere; do
    wait_for "it is on $at" page_has "$at" /media/
done
get "$page" >"$scratch/page"
has 'agency and photographer' '<cite class="credit">© COURIER / M. Vale</cite>' "$scratch/page"
has 'are named apart' '"creditText":"© COURIER / M. Vale"' "$scratch/page"
has 'the creator by himself' '"creator":{"@type":"Person","name":"M. Vale"}' "$scratch/page"
get "$page.json" >"$scratch/item"
has 'ninjs says the end' "\"expires\":\"$end\"" "$scratch/item"
is 'its file is served' 200 "$(get_status "$file")"
get "$file" -o /dev/null -D "$scratch/head"
has 'and may be kept until then' "Expires: $(LC_ALL=C date -u -d "$end" '+%a, %d %b %Y %H:%M:%S GMT')" "$scratch/head"
lacks 'no longer' 'immutable' "$scratch/head"
await_end
sleep 0.5
bad=
for at in $everywhere; do
    ! get "$at" | grep -q '/media/' || bad="$bad $at"
done
is 'half a second behind the end it is nowhere' '' "$bad"
is 'nor is its file' 404 "$(get_status "$file")"
get "$page" >"$scratch/page"
has 'the page says why' 'The rights to this picture have ended.' "$scratch/page"
has 'its caption stays' 'A quay at noon.' "$scratch/page"
has 'its credit too' '© COURIER / M. Vale' "$scratch/page"
lacks 'nothing is said to others' 'og:image' "$scratch/page"
is 'nothing was recorded' 2 "$(get /record/checkpoint | sed -n 2p)"
ok 'record verify' "$DATELINE" record verify "$site"

# ---- a lease that is over already, one that is changed in time, one of several, and one that others share
picture late.png
story late 'Text.' 'picture: late.png' 'picture-caption: Late.' 'picture-alt: Late' 'picture-expires: 2020-01-31'
ok 'a lease that is over' publish "$scratch/late.md"
page=$(path_of "$scratch/out")
get "$page" >"$scratch/page"
lacks 'is never shown' '/media/' "$scratch/page"
has 'but its caption' 'Late.' "$scratch/page"
picture longer.png
ends 12
story longer 'Text.' 'picture: longer.png' 'picture-alt: Longer' "picture-expires: $end"
ok 'a short lease' publish "$scratch/longer.md"
sed -i "s/^picture-expires: .*/picture-expires: 2099-01-31/" "$scratch/longer.md"
ok 'is made longer' publish "$scratch/longer.md"
longer=$(path_of "$scratch/out")
picture one.png; picture two.png; picture shared.png
story several 'Text.' 'picture: one.png' 'picture-alt: One' "picture-expires: $end" "rights: [two.png; expires 2099-01-01; redistribution no]"
printf '\n![Two](two.png "Two two")\n\n![Shared](shared.png)\n' >>"$scratch/several.md"
sed -i "/^rights:/a \  - shared.png; expires $end" "$scratch/several.md"
sed -i 's/^rights: \[\(.*\)\]/rights:\n  - \1/' "$scratch/several.md"
ok 'three pictures, two leases' publish "$scratch/several.md"
several=$(path_of "$scratch/out")
story sharing 'Text.' 'picture: shared.png' 'picture-alt: Shared'
ok 'another story has one of them for ever' publish "$scratch/sharing.md"
sharing=$(path_of "$scratch/out")
is 'three are there' 3 "$(get "$several" | grep -o '<img src="/media/' | wc -l)"
shared=$(media_of "$sharing")
lacks 'for ever: may be kept so' 'Expires:' <(get "$shared" -o /dev/null -D -)
get "$several.json" >"$scratch/item"
lacks 'one is not passed on' 'Two two' "$scratch/item"
await_end
wait_for 'one is left' sh -c "[ \$(curl -s -H 'Host: play.example' http://127.0.0.1:$port$several | grep -o '<img src=\"/media/' | wc -l) = 1 ]"
is 'the longer one is there' yes "$([ -n "$(media_of "$longer")" ] && echo yes)"
is 'what another shows is served' 200 "$(get_status "$shared")"
ok 'which is withdrawn' "$DATELINE" withdraw "$site" "$sharing" --reason 'Wrong.'
is 'then it is not' 404 "$(get_status "$shared")"

# ---- channels
# shown NAME RIGHTS…: page, feed, API and ninjs of a story with such a picture; a letter each
shown() {
    local name=$1 path
    shift
    picture "$name.png"
    story "$name" 'Text.' "picture: $name.png" "picture-caption: Caption of $name" 'picture-alt: Alt' "tags: [$name]" "$@"
    publish "$scratch/$name.md" >"$scratch/said" || return
    path=$(path_of "$scratch/said")
    wait_for '' page_has "/tag/$name/feed.xml" "Story $name" >/dev/null
    wait_for '' page_has "/api/v1/tag/$name/items" "Story $name" >/dev/null
    get "$path" | grep -q '/media/' && printf p
    get "/tag/$name" | grep -q '/media/' && printf c
    get "/tag/$name/feed.xml" | grep -q '/media/' && printf f
    get "/api/v1/tag/$name/items" | grep -q '/media/' && printf a
    get "$path.json" | grep -q '/media/' && printf n
    echo
}
is 'all channels' pcfan "$(shown everywhere)"
is 'the web alone' pc "$(shown web 'picture-channels: web')"
is 'web and feeds' pcf "$(shown webfeed 'picture-channels: [web, feed]')"
is 'others alone' fan "$(shown others 'picture-channels: [feed, api]')"
is 'print alone' '' "$(shown print 'picture-channels: print')"
is 'not to be passed on' pc "$(shown kept 'picture-redistribution: no')"
lacks 'where it may not be, its caption is not either' 'Caption of others' <(get "$(sed -n 's|.*http://play.example\(/[^ ]*\).*|\1|p' "$scratch/said" | head -n 1)")
story fax 'Text.' 'picture: one.png' 'picture-channels: fax'
fails 'an unknown channel' 3 'there is no channel "fax"; known are: api feed print web' publish "$scratch/fax.md"
story when 'Text.' 'picture: one.png' 'picture-expires: soon'
fails 'an end that is none' 3 'line 4: picture-expires: must be a day' publish "$scratch/when.md"

# ---- a day ends where the paper is: in Tokyo nine hours before it does in Lisbon
picture day.png
today=$(TZ=Asia/Tokyo date -d '-1 day' +%Y-%m-%d)
story tokyo 'Text.' 'edition: pt' 'picture: day.png' 'picture-alt: Day' "picture-expires: $today"
ok 'a day that is over there' publish "$scratch/tokyo.md"
is 'has ended' '' "$(media_of "$(path_of "$scratch/out")")"
sed -i "s/^picture-expires: .*/picture-expires: $(TZ=Asia/Tokyo date +%Y-%m-%d)/" "$scratch/tokyo.md"
ok 'one that is not' publish "$scratch/tokyo.md"
is 'has not' yes "$([ -n "$(media_of "$(path_of "$scratch/out")")" ] && echo yes)"

# ---- nobody runs when it ends; a crash amid the end; many at once
picture down.png
ends 12
story down 'Text.' 'picture: down.png' 'picture-alt: Down' "picture-expires: $end" 'tags: [Down]'
ok 'a lease that ends while nobody serves' publish "$scratch/down.md"
down=$(path_of "$scratch/out")
wait_for 'its tag shows it' page_has /tag/down /media/
downfile=$(media_of "$down")
unserve
await_end
ok 'serve again' serve
wait_for 'it is gone' sh -c "! curl -s -H 'Host: play.example' http://127.0.0.1:$port$down | grep -q /media/"
is 'from its list, too' '' "$(media_of /tag/down)"
is 'and its file' 404 "$(get_status "$downfile")"
unserve
logged() { grep -q "$1" "$scratch/log"; }
ok 'serve, to be killed amid the end of a lease' serve DATELINE_CRASH=core/leases.before-flip
picture many.png
ends 25
for i in $(seq 40); do
    story "many-$i" 'Text.' 'picture: many.png' 'picture-alt: Many' "picture-expires: $end" 'tags: [Many]'
done
ok 'forty stories with one lease' publish "$scratch"/many-*.md
many=$(path_of "$scratch/out")
wait_for 'their tag shows them' page_has /tag/many /media/
await_end
wait_for 'core is killed amid it' logged '"died"'
is 'readers are served' 200 "$(get_status "$many")"
unserve
ok 'serve as ever' serve
wait_for 'then it ends for all of them' sh -c "! curl -s -H 'Host: play.example' http://127.0.0.1:$port/tag/many | grep -q /media/"
is 'on further pages, too' '' "$(media_of /tag/many/1)$(media_of /tag/many/2)"
is 'and on their own' '' "$(media_of "$many")"
ok 'rebuild' "$DATELINE" rebuild "$site"
is 'shows nothing again' '' "$(media_of "$down")$(media_of /tag/many)"
ok 'fsck' "$DATELINE" fsck "$site"
ok 'record verify, at the end' "$DATELINE" record verify "$site"
unserve
