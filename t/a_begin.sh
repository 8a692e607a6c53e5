# A site's beginning: init, the errors a person meets first, and that serving works.
. "$(dirname "$0")/lib.sh"

ok 'version' "$DATELINE" version
ok 'help' "$DATELINE" help
fails 'no command' 2 'a command is needed' "$DATELINE"
fails 'an unknown command' 2 'no such command' "$DATELINE" frobnicate
fails 'not a site' 5 'no such folder' "$DATELINE" publish "$scratch/nowhere" x.md
ok 'init' new_site
fails 'init again' 6 'not empty' "$DATELINE" init "$site"
ok 'the key is exported once' "$DATELINE" record export-key "$site"
fails 'and not twice' 5 'once' "$DATELINE" record export-key "$site"
ok 'doctor' "$DATELINE" doctor "$site"

echo 'nmae = x' >>"$site/dateline.conf"
fails 'a wrong key has its line' 3 'dateline.conf:' "$DATELINE" serve "$site"
sed -i '$d' "$site/dateline.conf"

ok 'serve' serve
is 'the front answers' 200 "$(get_status /)"
is 'robots.txt' 200 "$(get_status /robots.txt)"
is 'a page that is not there' 404 "$(get_status /nothing-here)"
is 'another host' 421 "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: evil.example' "http://127.0.0.1:$port/")"
is 'localhost always answers' 200 "$(curl -s -o /dev/null -w '%{http_code}' "http://localhost:$port/")"
is 'an empty log has a checkpoint' 0 "$(get /record/checkpoint | sed -n 2p)"
fails 'a second serve is refused' 10 'serve' "$DATELINE" serve "$site" --listen 127.0.0.1:0
ok 'commands reach the one that serves' "$DATELINE" token add "$site" agency
has 'the token is shown' 'dl_' "$scratch/out"
ok 'record verify' "$DATELINE" record verify "$site"
unserve
lacks 'it stops, and nobody died of it' '"message":"died"' "$scratch/log.old"
ok 'record verify without a server' "$DATELINE" record verify "$site"
