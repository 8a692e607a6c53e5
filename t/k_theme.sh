# A theme: exported, checked, changed, taken on while stories are published, refused when it is broken (with file and
# line, and the one in force stays), and given up again. A crash amid the change makes nothing mixed.
. "$(dirname "$0")/lib.sh"

new_site
story first 'The first.' 'section: City'
story second 'The second.' 'section: City'
publish "$scratch/first.md" "$scratch/second.md" >"$scratch/said"
path=$(path_of "$scratch/said")
own=$site/themes/own
conf=$site/dateline.conf

set_theme() { sed -i "s/^theme = .*/theme = $1/" "$conf"; }
reload() { kill -HUP "$served"; }
logged() { grep -qF -- "$1" "$scratch/log"; }
times_logged() { grep -cF -- "$1" "$scratch/log"; }
rebuilt() { [ "$(times_logged 'rebuild: done')" -ge "$1" ]; }
all_have() {
    local page
    for page in / "$path" /latest /archive /section/city; do page_has "$page" "$1" || return 1; done
}
none_has() {
    local page
    for page in / "$path" /latest /archive /section/city; do ! page_has "$page" "$1" || return 1; done
}

# ---- making one
fails 'a theme that is not there' 5 'there is no such folder' "$DATELINE" theme check "$site" own
"$DATELINE" theme export "$site" >"$scratch/out" || sed 's/^/    /' "$scratch/out"
has 'exported' "themes/own" "$scratch/out"
is 'all its files are there' 0 "$(cd "$(dirname "$0")/../themes/default" && find . -type f ! -name README.md ! -exec cmp -s {} "$own/{}" \; -print | wc -l)"
fails 'not over what is there' 6 'is there already' "$DATELINE" theme export "$site"
fails 'a name is no path' 3 "cannot be a theme's name" "$DATELINE" theme export "$site" ../x
"$DATELINE" theme check "$site" own >"$scratch/out" 2>&1
is 'what was exported is good' 0 $?
has 'it says how much there is' ' phrases: good' "$scratch/out"
"$DATELINE" theme check "$site" >"$scratch/out" 2>&1
has 'the built-in one is good' 'the built-in theme: ' "$scratch/out"

# ---- what the check refuses
find "$own" -mindepth 1 -delete
printf 'a {\n  color: red;\n' >"$own/front.css"
fails 'bad CSS, with file and line' 3 'themes/own/front.css:1: { is never closed' "$DATELINE" theme check "$site" own
rm "$own/front.css"
printf '<p>\n{{#headline}}' >"$own/card.mustache"
fails 'a template that cannot be parsed' 3 'themes/own/card.mustache:2:1: ' "$DATELINE" theme check "$site" own
printf '<p>\n<b>{{healdine}}</b>' >"$own/card.mustache"
fails 'an unknown field' 3 'themes/own/card.mustache:2:4: there is no such field: {{healdine}}' \
    "$DATELINE" theme check "$site" own
rm "$own/card.mustache"
mkdir "$own/phrases"
printf 'latest\n' >"$own/phrases/en"
fails 'a phrase that is none' 3 'themes/own/phrases/en:1: ' "$DATELINE" theme check "$site" own
rm "$own/phrases/en"
ln -s /etc/hostname "$own/icon.svg"
fails 'a link is not followed' 8 'icon.svg' "$DATELINE" theme check "$site" own
rm "$own/icon.svg"
head -c 600000 /dev/zero >"$own/base.css"
fails 'a file that is too large' 3 'base.css' "$DATELINE" theme check "$site" own
rm "$own/base.css"

# ---- taken on while the site is served: one template, one phrase, the rest is the built-in one
default=$(dirname "$0")/../themes/default
new_look() { sed "s|<footer class=\"foot\">|<footer class=\"foot\"><b>$1</b>|" "$default/layout.mustache" >"$own/layout.mustache"; }
new_look look-one
echo 'latest = Freshest' >"$own/phrases/en"
echo notes >"$own/notes.txt"
serve
page_has "$path" look-one && echo 'not ok the built-in look at first' || echo 'ok the built-in look at first'
set_theme own
reload
wait_for 'pages are made anew' rebuilt 1
wait_for 'every page has the new look' all_have '<b>look-one</b>'
get /latest >"$scratch/latest"
grep -q Freshest "$scratch/latest" && echo 'ok a phrase of its own' || echo 'not ok a phrase of its own'
story third 'The third.' 'section: City'
publish "$scratch/third.md" >"$scratch/said3"
page_has "$(path_of "$scratch/said3")" '<b>look-one</b>' && echo 'ok a new story has it' || echo 'not ok a new story has it'

# ---- the same again: nothing to do
reload
wait_for 'the process is another one' eval '[ "$(times_logged "\"message\":\"started\"")" -ge 10 ]'
is 'the same theme is no reason to make pages anew' 1 "$(times_logged 'rebuild: begun')"

# ---- broken: refused, the old one stays, for new pages too
cp "$own/layout.mustache" "$scratch/good"
printf '\n{{nope}}\n' >"$own/layout.mustache"
reload
wait_for 'a broken theme is refused' logged 'theme refused; the one in force stays'
has 'with file and line' 'themes/own/layout.mustache:2:1: there is no such field' "$scratch/log"
story fourth 'The fourth.' 'section: City'
wait_for 'publishing goes on' publish "$scratch/fourth.md"
wait_for 'the old look stays' all_have '<b>look-one</b>'
kill -KILL "$(role_pid core)"
story fifth 'The fifth.' 'section: City'
wait_for 'publishing goes on after a crash' publish "$scratch/fifth.md"
wait_for 'the old look stays after a crash' all_have '<b>look-one</b>'
is 'nothing was made anew for it' 1 "$(times_logged 'rebuild: begun')"

# ---- mended
new_look look-two
reload
wait_for 'mended: pages are made anew' rebuilt 2
wait_for 'every page has the second look' all_have '<b>look-two</b>'
unserve

# ---- a start with a broken one: the built-in theme, loudly; a start with the mended one brings it back
printf '{{nope}}' >"$own/layout.mustache"
serve
wait_for 'a start with a broken theme' logged 'theme refused; the built-in one is used'
wait_for 'makes the pages anew' rebuilt 1
wait_for 'with the built-in look' none_has '<b>look-'
unserve
fails 'doctor says so' 8 'layout.mustache:1:1: there is no such field' "$DATELINE" doctor "$site"
new_look look-three

# ---- killed at the end of the change, again and again: the pages that there are are served, and a start that is
# not killed begins it anew
serve DATELINE_CRASH=core/rebuild.before-flip
wait_for 'killed amid the change' logged '"died"'
is 'readers are served' 200 "$(get_status "$path")"
wait_for 'begun again' eval '[ "$(times_logged "rebuild: begun")" -ge 2 ]'
unserve
serve
wait_for 'after it every page comes to one look' all_have '<b>look-three</b>'
unserve

# ---- the key is taken away
set_theme ''
serve
wait_for 'without the key pages are made anew' rebuilt 1
wait_for 'the built-in look again' none_has '<b>look-'
unserve
"$DATELINE" fsck "$site" >"$scratch/out" 2>&1
is 'all is in order' 0 $?
