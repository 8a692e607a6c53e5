# What goes in and what comes out.
. "$(dirname "$0")/lib.sh"
new_site
printf '\n[edition pt]\nname = A Peça\nlanguage = pt\n' >>"$site/dateline.conf"
serve

story one 'The harbour *reopened* on Monday.' 'headline: Harbour reopens' 'dateline: PORT AVERIL (COURIER)' \
    'byline: Mara Vale, Harbour correspondent' 'section: City' 'tags: [place: Port Averil, Storm]'
ok 'publish' publish "$scratch/one.md"
cp "$scratch/out" "$scratch/said"
has 'says where' 'published http://play.example/' "$scratch/said"
path=$(path_of "$scratch/said")
get "$path" >"$scratch/page"
is 'its own address answers at once' 200 "$(get_status "$path")"
has 'headline' 'Harbour reopens' "$scratch/page"
has 'emphasis' '<em>reopened</em>' "$scratch/page"
has 'byline' 'Mara Vale' "$scratch/page"
has 'dateline from its field' 'PORT AVERIL' "$scratch/page"
has 'recorded as' '/record/opening/0.json' "$scratch/page"
is 'ninjs' 'http://play.example'"$path" "$(get "$path.json" | grep -o "http://play.example$path" | head -n 1)"
short=$(grep -o '/s/[2-9a-z]*' "$scratch/page" | head -n 1)
is 'the short address leads there' "$path" "$(get "$short" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
wait_for 'the front lists it' page_has / 'Harbour reopens'
wait_for 'its tag' page_has /tag/storm 'Harbour reopens'
wait_for 'its section' page_has /section/city 'Harbour reopens'
wait_for 'its day' page_has "${path%/*}" 'Harbour reopens'
wait_for 'RSS' page_has /feed.xml 'Harbour reopens'
wait_for 'JSON Feed' page_has /feed.json 'Harbour reopens'
day=${path%/*} month=${path%/*/*} year=${path%/*/*/*}
wait_for 'the archive has its month' page_has /archive "href=\"$month\""
wait_for 'the year its day' page_has "$year" "href=\"$day\""
wait_for 'the month too' page_has "$month" "href=\"$day\""
wait_for 'the sitemap' page_has /sitemap.xml '/sitemap-20'
wait_for 'the month in it' page_has "$(get /sitemap.xml | grep -o '/sitemap-20[^<]*')" "$path"

ok 'the same again' publish "$scratch/one.md"
has 'changes nothing' 'unchanged' "$scratch/out"
is 'and records nothing' 1 "$(get /record/checkpoint | sed -n 2p)"

# Feeds are what their formats say: check_feed FORM PATH
check_feed() {
    get "$2" >"$scratch/feed"
    python3 - "$1" "http://play.example$2" "$scratch/feed" <<'PY'
import json, re, sys
import xml.etree.ElementTree as xml
form, own, file = sys.argv[1:]
atom = '{http://www.w3.org/2005/Atom}'
stamp = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ').fullmatch
short = re.compile(r'http://play\.example/s/[2-9a-z]+').fullmatch
if form == 'json':
    feed = json.load(open(file))
    assert feed['feed_url'] == own, feed
    item, = feed['items']
    assert short(item['id']) and item['authors'] == [{'name': 'Mara Vale', 'url': 'http://play.example/author/mara-vale'}], item
elif form == 'rss':
    channel = xml.parse(file).getroot().find('channel')
    assert channel.find(atom + 'link').get('href') == own
    item, = channel.findall('item')
    assert short(item.findtext('guid'))
    assert item.findtext('{http://purl.org/dc/elements/1.1/}creator') == 'Mara Vale'
elif form == 'atom':
    feed = xml.parse(file).getroot()
    assert feed.tag == atom + 'feed' and feed.findtext(f'{atom}author/{atom}name')
    assert [l.get('href') for l in feed.findall(atom + 'link') if l.get('rel') == 'self'] == [own]
    entry, = feed.findall(atom + 'entry')
    for it in (feed, entry):
        assert len(it.findall(atom + 'id')) == len(it.findall(atom + 'title')) == 1
        assert stamp(it.findtext(atom + 'updated'))
    assert short(entry.findtext(atom + 'id'))
else:
    name = {'': 'http://www.sitemaps.org/schemas/sitemap/0.9', 'n': 'http://www.google.com/schemas/sitemap-news/0.9'}
    url, = xml.parse(file).getroot().findall('url', name)
    news = url.find('n:news', name)
    assert url.findtext('loc', None, name).startswith('http://play.example/20')
    assert news.findtext('n:publication/n:name', None, name) == 'The Play'
    assert news.findtext('n:publication/n:language', None, name) == 'en'
    assert stamp(news.findtext('n:publication_date', None, name)) and news.findtext('n:title', None, name) == 'Harbour reopens'
PY
}
for of in / /section/city/ /tag/storm/ /author/mara-vale/; do
    wait_for "RSS of $of" page_has "${of}feed.xml" 'Harbour reopens'
    ok 'is RSS' check_feed rss "${of}feed.xml"
done
ok 'JSON Feed' check_feed json /feed.json
ok 'JSON Feed of a section' check_feed json /section/city/feed.json
ok 'Atom' check_feed atom /atom.xml
ok 'news sitemap' check_feed news /news-sitemap.xml
get /robots.txt >"$scratch/page"
has 'robots.txt names it' 'Sitemap: http://play.example/news-sitemap.xml' "$scratch/page"

# The read API: stored answers, to which nobody needs a token
for list in /api/v1/items /api/v1/items/1 /api/v1/section/city/items /api/v1/tag/storm/items/1; do
    get "$list" >"$scratch/items"
    has "$list" "\"self\":\"http://play.example$list\"" "$scratch/items"
    has 'lists it' "\"url\":\"http://play.example$path\"" "$scratch/items"
done
ninjs=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["ninjs"])' <"$scratch/items")
get "${ninjs#http://play.example}" >"$scratch/ninjs"
canonical=$(python3 -c 'import json, sys; print(*(i["value"] for i in json.load(sys.stdin)["altIds"] if i["role"] == "canonical"))' <"$scratch/ninjs")
is 'the item names its canonical text' 200 "$(get_status "${canonical#http://play.example}")"
etag=$(get /api/v1/items -o /dev/null -w '%header{etag}')
is 'asked again: nothing new' 304 "$(get_status /api/v1/items -H "If-None-Match: $etag")"
is 'no further page' 404 "$(get_status /api/v1/items/2)"

# Revisions
story one 'The harbour reopened on Monday, at seven.' 'headline: Harbour reopens at seven' 'tags: [Storm]'
ok 'a revision' publish "$scratch/one.md"
cp "$scratch/out" "$scratch/said"
new=$(path_of "$scratch/said")
has 'is one' 'revised' "$scratch/said"
is 'the old address leads to the new' "$new" "$(get "$path" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
is 'the code stays' "$new" "$(get "$short" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
wait_for 'it leaves the tag it lost' sh -c "! curl -s -H 'Host: play.example' http://127.0.0.1:$port/tag/port-averil | grep -q 'Harbour'"
sed -i 's/at seven\./at eight./' "$scratch/one.md"
fails 'a correction without a note' 3 'note' publish "$scratch/one.md" --change correction
ok 'a correction' publish "$scratch/one.md" --change correction --note 'It opened at eight, not at seven.'
get "$new" >"$scratch/page"
has 'says what was wrong' 'It opened at eight, not at seven.' "$scratch/page"
wait_for 'so does the page of corrections' page_has /corrections 'It opened at eight, not at seven.'
get /corrections >"$scratch/corrections"
has 'of which story' '>Harbour reopens at seven</a>' "$scratch/corrections"
has 'and its kind' '<p class="kick">Correction <time datetime="20' "$scratch/corrections"
is 'and is an entry of that type' 'type correction' "$(get /record/tile/entries/000.p/3 | grep -a '^type' | tail -n 1)"
sed -i 's/at eight\./at nine./' "$scratch/one.md"
ok 'another correction' publish "$scratch/one.md" --change clarification --note 'For cars it opened at nine.'
wait_for 'a story corrected twice stands there twice' page_has /corrections 'For cars it opened at nine.'
get /corrections >"$scratch/corrections"
is 'the newest first' 'Clarification Correction' "$(grep -o '<p class="kick">[A-Z][a-z]*' "$scratch/corrections" | sed 's/.*>//' | xargs)"
check_corrections() {
    get /corrections/feed.xml | python3 -c '
import sys, xml.etree.ElementTree as xml
items = xml.parse(sys.stdin).getroot().find("channel").findall("item")
assert [i.findtext("title") for i in items] == ["Clarification: Harbour reopens at seven", "Correction: Harbour reopens at seven"]
assert [i.findtext("description") for i in items] == ["For cars it opened at nine.", "It opened at eight, not at seven."]
assert len({i.findtext("guid") for i in items}) == 2 and all(i.findtext("pubDate") for i in items)'
}
wait_for 'and in the feed' check_corrections
is 'an edition without any has the page' 200 "$(get_status /pt/corrections)"

# Refusals
story bad 'x' 'headlin: typo'
fails 'an unknown key' 3 'line' publish "$scratch/bad.md"
printf '{"uri":"urn:x","type":"text","headlines":[{"value":7}]}' >"$scratch/bad.json"
fails 'ninjs with a number for a headline' 3 '$.headlines[0].value' publish "$scratch/bad.json"
printf '{"uri":"urn:x","type":"text",' >"$scratch/cut.json"
fails 'cut JSON' 3 'line' publish "$scratch/cut.json"
is 'nothing of them is recorded' 4 "$(get /record/checkpoint | sed -n 2p)"

# The archive: months know those beside them
story older 'Long ago.' 'date: 2024-03-05T12:00:00Z' 'headline: Long ago'
ok 'a story of another year' publish "$scratch/older.md" --archive
wait_for 'the archive has that year' page_has /archive 'href="/2024"'
wait_for 'this month leads to that' page_has "$month" 'href="/2024/03" rel="prev"'
wait_for 'and that to this' page_has /2024/03 "href=\"$month\" rel=\"next\""
wait_for 'so do the years' page_has "$year" 'href="/2024" rel="prev"'
get /2024 >"$scratch/page"
has 'both ways' "href=\"$year\" rel=\"next\"" "$scratch/page"
wait_for 'this day leads to that' page_has "${path%/*}" 'href="/2024/03/05" rel="prev"'
wait_for 'and that to this' page_has /2024/03/05 "href=\"${path%/*}\" rel=\"next\""
is 'a month without stories has no page' 404 "$(get_status /2024/04)"

# Versions
story v 'First.' 'version: 3' 'kind: breaking'
ok 'version 3' publish "$scratch/v.md"
story v 'Other.' 'version: 3'
fails 'the same version with other content' 6 'version 3' publish "$scratch/v.md"
story v 'Other.' 'version: 2'
fails 'a lower version' 6 'older' publish "$scratch/v.md"
story v 'Other.' 'version: 4' 'kind: live'
ok 'a higher one' publish "$scratch/v.md"
wait_for 'what is live is marked' page_has /latest 'class="kick is-live"'

# What browsers ask for unasked
is 'there is an icon' 200 "$(get_status "$(get /favicon.ico -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')")"
is 'at another address' 302 "$(get_status /favicon.ico)"

# Withdrawal: everywhere at once
wait_for 'the front has it' page_has / 'Harbour reopens'
wait_for 'so has the page for what is not there' page_has /no-such-page 'Harbour reopens'
ok 'withdraw' "$DATELINE" withdraw "$site" "$new" --reason 'The source withdrew it.'
is 'its address says gone' 410 "$(get_status "$new")"
is 'its short address too' 410 "$(get_status "$short")"
is 'its ninjs too' 410 "$(get_status "$new.json")"
get "$new" >"$scratch/page"
has 'and why' 'The source withdrew it.' "$scratch/page"
for list in / /no-such-page /latest/1 /corrections /corrections/1 /corrections/feed.xml /tag/storm /section/city "${path%/*}" /feed.xml /feed.json /atom.xml /news-sitemap.xml \
    /section/city/feed.json /api/v1/items /api/v1/items/1 /api/v1/tag/storm/items; do
    get "$list" >"$scratch/page"
    lacks "it left $list" 'Harbour reopens' "$scratch/page"
done
lacks 'the sitemap' "$new" <(get "$(get /sitemap.xml | grep -o '/sitemap-20[^<]*' | tail -n 1)")
is 'its openings are withheld' 410 "$(get_status /record/opening/0.json)"
ok 'record verify' "$DATELINE" record verify "$site"
fails 'it cannot come back under its uri' 4 'withdrawn' publish "$scratch/one.md"
has 'its headline stands' '>Harbour reopens at seven</h1>' <(get "$new")
has 'and when' '<strong>Withdrawn:</strong> <time datetime="20' <(get "$new")
get "$new.json" >"$scratch/page"
has 'its ninjs cancels it' '"pubStatus":"canceled"' "$scratch/page"
has 'with the reason' '"edNote":"The source withdrew it."' "$scratch/page"

# By law: an entry of its own, of a story that is gone already too
entries() { get /record/checkpoint | sed -n 2p; }
count=$(entries)
ok 'withdrawn again' "$DATELINE" withdraw "$site" "$new" --reason 'For another reason.'
has 'that is nothing new' 'unchanged' "$scratch/out"
is 'nothing is recorded' "$count" "$(entries)"
fails 'by law without an authority' 2 '--authority' "$DATELINE" withdraw "$site" "$new" --reason x --legal
fails 'an authority without a law' 2 '--legal' "$DATELINE" withdraw "$site" "$new" --reason x --authority Court
fails 'a date that is none' 3 'not a date' "$DATELINE" withdraw "$site" "$new" --reason x --legal --authority Court \
    --demanded 2026-02-30
ok 'by law' "$DATELINE" withdraw "$site" "$new" --reason 'It names a witness.' --legal \
    --authority 'Averil District Court' --demanded 2026-11-20
is 'its address says so' 451 "$(get_status "$new")"
is 'its short address too' 451 "$(get_status "$short")"
is 'its ninjs too' 451 "$(get_status "$new.json")"
get "$new" -D "$scratch/headers" >"$scratch/page"
has 'who blocks it' 'Link: <http://play.example/>; rel="blocked-by"' "$scratch/headers"
has 'who demanded it' 'Averil District Court' "$scratch/page"
has 'and when' '<time datetime="2026-11-20">' "$scratch/page"
has 'and why' 'It names a witness.' "$scratch/page"
is 'an entry of its own' $((count + 1)) "$(entries)"
has 'which can be proven' '[[\"status\"],451]' <(get "/record/opening/$count.json")
ok 'the same again' "$DATELINE" withdraw "$site" "$new" --reason 'It names a witness.' --legal \
    --authority 'Averil District Court' --demanded 2026-11-20
is 'is the same' $((count + 1)) "$(entries)"
ok 'record verify' "$DATELINE" record verify "$site"

# And back
ok 'restore' "$DATELINE" reinstate "$site" "$short"
has 'says so' 'restored http://play.example/' "$scratch/out"
is 'it answers again' 200 "$(get_status "$new")"
has 'with its text' 'at nine' <(get "$new")
is 'its opening too' 200 "$(get_status /record/opening/0.json)"
is 'and its old address' "$new" "$(get "$path" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
for list in / /tag/storm /feed.xml /api/v1/items; do wait_for "it is in $list" page_has "$list" 'Harbour reopens'; done
has 'that is recorded' 'type restore' <(get "/record/tile/entries/000.p/$(entries)" | grep -a '^type' | tail -n 1)
ok 'record verify' "$DATELINE" record verify "$site"
fails 'only what is withdrawn' 6 'published' "$DATELINE" reinstate "$site" "$new"
ok 'withdrawn once more' "$DATELINE" withdraw "$site" "$new" --reason 'The source withdrew it.'
is 'plainly' 410 "$(get_status "$new")"
lacks 'by nobody' 'Demanded' <(get "$new")
ok 'fsck' "$DATELINE" fsck "$site"

# What stands beside a story
story bore1 'The drill turns.' 'headline: Drilling begins' 'tags: [Tunnel, Drill]'
story bore2 'The drill stands.' 'headline: Drilling pauses' 'tags: [Tunnel, Drill]'
story bore3 'The drill turns again.' 'headline: Drilling goes on' 'tags: [Tunnel, Drill]'
publish "$scratch/bore1.md" >"$scratch/said"
first=$(path_of "$scratch/said")
publish "$scratch/bore2.md" >"$scratch/said"
second=$(path_of "$scratch/said")
get "$second" >"$scratch/page"
has 'a story has its box at once' 'Drilling begins' "$scratch/page"
lacks 'it is not beside itself' "<a href=\"$second\"" "$scratch/page"
wait_for 'the lists have followed' page_has /tag/drill 'Drilling pauses'
publish "$scratch/bore3.md" >"$scratch/said"
third=$(path_of "$scratch/said")
get "$third" >"$scratch/page"
has 'of one event the newest' 'Drilling pauses' "$scratch/page"
lacks 'and only that' 'Drilling begins' "$scratch/page"
get "$second" >"$scratch/page"
has 'a box stays as it was made' 'Drilling begins' "$scratch/page"
ok 'a related story is withdrawn' "$DATELINE" withdraw "$site" "$first" --reason "It was wrong."
get "$second" >"$scratch/page"
lacks 'it left the box in the same flip' 'Drilling begins' "$scratch/page"
has 'another took its place' 'Drilling goes on' "$scratch/page"
sed -i 's/Drilling goes on/Drilling goes on by night/' "$scratch/bore3.md"
ok 'a related story is revised' publish "$scratch/bore3.md"
third=$(path_of "$scratch/out")
wait_for 'its new headline reaches the box' page_has "$second" 'Drilling goes on by night'
echo 'It does not.' >>"$scratch/bore3.md"
ok 'a related story is retracted' publish "$scratch/bore3.md" --change retraction --note 'It never went on.'
get "$second" >"$scratch/page"
lacks 'it left the box in the same flip, too' 'Drilling goes on' "$scratch/page"
is 'its own page stays' 200 "$(get_status "$third")"

# An editor's choice
story pin1 'One.' 'headline: Pinned one' 'tags: [Pins]'
story pin2 'Two.' 'headline: Pinned two' 'tags: [Other]'
publish "$scratch/pin1.md" "$scratch/pin2.md" >"$scratch/said"
pinned=$(path_of "$scratch/said")
code=$(get "$(sed -n 's|.*http://play.example\(/[^ ]*\).*|\1|p' "$scratch/said" | tail -n 1)" | grep -o '/s/[2-9a-z]*' | head -n 1)
story chooser 'Chosen.' "related: [$code, urn:play:pin1]" 'byline: [Mara Vale, B Two, C Three, D Four]' 'tags: [Chooser]'
ok 'a story with related ones' publish "$scratch/chooser.md"
chooser=$(path_of "$scratch/out")
get "$chooser" >"$scratch/page"
is 'has them in their order' 'Pinned two Pinned one' "$(sed -n '/id="related"/,$p' "$scratch/page" | grep -o 'Pinned [a-z]*' | paste -sd' ')"
is 'its author has a page' 200 "$(get_status "$(grep -o '/author/mara-vale' "$scratch/page" | head -n 1)")"
has 'four authors are three and others' 'and others' "$scratch/page"
has 'ninjs names them' '"rel":"seeAlso"' <(get "$chooser.json")
ok 'one is withdrawn' "$DATELINE" withdraw "$site" "$pinned" --reason 'Wrong.'
lacks 'it left in the same flip' 'Pinned one' <(get "$chooser")
sed -i 's/Pinned two/Pinned too/' "$scratch/pin2.md"
ok 'one is revised' publish "$scratch/pin2.md"
wait_for 'its headline follows' page_has "$chooser" 'Pinned too'
ok 'the withdrawn one is shown again' "$DATELINE" reinstate "$site" "$pinned"
wait_for 'it comes back' page_has "$chooser" 'Pinned one'
is 'on its place' 'Pinned too Pinned one' "$(get "$chooser" | sed -n '/id="related"/,$p' | grep -o 'Pinned [a-z]*' | paste -sd' ')"
story nobody 'Text.' 'related: [urn:play:nobody-knows]'
fails 'one that is not here' 5 'related: there is no story "urn:play:nobody-knows"' publish "$scratch/nobody.md"
story own 'Text.' 'related: [a, b, c, d, e, f, g, h, i]'
fails 'too many' 3 'related: 9 stories, at most 8 are taken' publish "$scratch/own.md"

# Translations
story ferry 'The ferry sails.' 'headline: Ferry sails'
publish "$scratch/ferry.md" >"$scratch/said"
english=$(path_of "$scratch/said")
get "$english" >"$scratch/page"
lacks 'no translation, no hreflang' '<link rel="alternate" hreflang' "$scratch/page"
story balsa 'A balsa parte.' 'headline: A balsa parte' 'edition: pt' 'translation-of: urn:play:ferry'
publish "$scratch/balsa.md" >"$scratch/said"
portuguese=$(path_of "$scratch/said")
get "$portuguese" >"$scratch/page"
has 'a translation names the original at once' "<link rel=\"alternate\" hreflang=\"en\" href=\"http://play.example$english\">" "$scratch/page"
wait_for 'the original names it' page_has "$english" "<link rel=\"alternate\" hreflang=\"pt\" href=\"http://play.example$portuguese\">"
ok 'the translation is withdrawn' "$DATELINE" withdraw "$site" "$portuguese" --reason "It was wrong."
get "$english" >"$scratch/page"
lacks 'the original names it no longer' '<link rel="alternate" hreflang' "$scratch/page"

# Embargo
due=$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)
story later 'Not yet.' "embargo: $due" 'headline: Under embargo'
ok 'held' publish "$scratch/later.md"
has 'says until when' 'held until' "$scratch/out"
get / >"$scratch/page"
lacks 'not on the front' 'Under embargo' "$scratch/page"
wait_for 'published on time' page_has / 'Under embargo'

# Pictures
cp "$(dirname "$0")/../demo/pictures/chart-tide.jpg" "$scratch/chart.jpg"
story pictured 'Text.' 'picture: chart.jpg' 'picture-caption: The chart.' 'picture-credit: © PLAY' 'picture-alt: A chart'
ok 'with a picture' publish "$scratch/pictured.md"
page=$(path_of "$scratch/out")
image=$(get "$page" | grep -o '/media/[0-9a-f]*\.jpg' | head -n 1)
is 'the picture is served' "$(basename "$image" .jpg)" "$(get "$image" | sha256sum | cut -d' ' -f1)"
story lost 'Text.' 'picture: missing.png'
fails 'a picture that is not there' 5 'missing.png' publish "$scratch/lost.md"
story up 'Text.' 'picture: ../../etc/passwd'
ok 'a picture from above' publish "$scratch/up.md"
has 'is left out' 'was left out' "$scratch/out"

# The API
token=$("$DATELINE" token add "$site" agency 2>/dev/null)
post() { curl -sS -o "$scratch/answer" -w '%{http_code} %header{location}' -H 'Host: play.example' "$@" "http://127.0.0.1:$port/api/v1/items"; }
is 'without a token' '401 ' "$(post --data-binary @"$scratch/v.md")"
is 'with a wrong one' '403 ' "$(post -H 'Authorization: Bearer dl_x' --data-binary @"$scratch/v.md")"
story api 'By the API.'
got=$(post -H "Authorization: Bearer $token" -H 'Content-Type: text/markdown' --data-binary @"$scratch/api.md")
is '201 with Location' 201 "${got%% *}"
is 'Location answers' 200 "$(get_status "${got#* }")"
is 'again: 200' '200' "$(post -H "Authorization: Bearer $token" -H 'Content-Type: text/markdown' --data-binary @"$scratch/api.md" | cut -d' ' -f1)"
is 'bad input: 422' 422 "$(post -H "Authorization: Bearer $token" --data-binary @"$scratch/bad.json" | cut -d' ' -f1)"
has 'with its place' '$.headlines[0].value' "$scratch/answer"
story apipic 'With a picture.' 'picture: chart.jpg' 'picture-credit: © PLAY' 'picture-alt: A chart'
is 'an upload with its picture' 201 "$(post -H "Authorization: Bearer $token" -F "item=<$scratch/apipic.md" -F "p=@$scratch/chart.jpg" | cut -d' ' -f1)"
printf '{"uri":"urn:play:api","type":"text","pubStatus":"canceled","version":"0","embargoedUntil":"2999-01-01T00:00:00Z"}' >"$scratch/cancel.json"
is 'canceled: withdrawn, whatever else is said' '200' "$(post -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-binary @"$scratch/cancel.json" | cut -d' ' -f1)"
is 'its address says gone' 410 "$(get_status "${got#* }")"
"$DATELINE" token revoke "$site" agency
is 'a revoked token' '403 ' "$(post -H "Authorization: Bearer $token" --data-binary @"$scratch/api.md")"

# An archive: an item a line, killed half-way and begun again.
python3 - "$scratch/archive.ndjson" <<'P'
import json, sys
with open(sys.argv[1], "w") as f:
    for i in range(1, 4001):
        f.write(json.dumps({"uri": "urn:play:archive:%d" % i, "type": "text", "pubStatus": "usable", "versionCreated": "2020-01-%02dT10:00:00Z" % (i % 28 + 1),
            "headlines": [{"value": "Archived %d" % i}], "bodies": [{"contentType": "text/html", "value": "<p>Old news.</p>" }]}) + "\n")
    f.write('{"uri": "urn:play:archive:bad"}\n')
P
publish --archive --quiet "$scratch/archive.ndjson" >"$scratch/out" 2>&1 &
importing=$!
sleep 0.6
kill -9 $importing
wait $importing 2>/dev/null
publish --archive --quiet "$scratch/archive.ndjson" >"$scratch/out" 2>&1
is 'an archive, begun again' 3 $?
has 'what is wrong is named by its line' "archive.ndjson:4001: " "$scratch/out"
has 'and counted' '1 of 4001 items were not taken; the others are published' "$scratch/out"
wait_for 'all of it is there, once' page_has /2020 '4,000'
is 'at their own addresses' 200 "$(get_status /2020/01/02/archived-1)"

# The editor
cat >"$scratch/editor" <<'ED'
#!/bin/sh
sed -i 's/^headline: .*/headline: Written in an editor/' "$1"
echo 'A paragraph.' >>"$1"
ED
chmod +x "$scratch/editor"
EDITOR=$scratch/editor ok 'new' "$DATELINE" new "$site"
has 'publishes on save' 'published' "$scratch/out"
EDITOR=true ok 'new, nothing written' "$DATELINE" new "$site"
has 'publishes nothing' 'nothing is published' "$scratch/out"

ok 'rebuild while serving' "$DATELINE" rebuild "$site"
wait_for 'the pages are there' page_has "$page" 'chart'
wait_for 'what is not there shows the newest again' page_has /no-such-page 'id="newest"'
ok 'record verify, at the end' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
unserve
ok 'without a server: publish' publish "$scratch/pictured.md"
ok 'fsck, without a server' "$DATELINE" fsck "$site"
