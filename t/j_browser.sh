# The demonstration in a real browser: every kind of page, by the rules that browser/checks.mjs lists, and pages spoilt
# on purpose, to see that each rule can fail. The demonstration gets more stories: some hold everything at once,
# some next to nothing, and one is withdrawn.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$(readlink -f "$0")")
DATELINE=${DATELINE_RELEASE:-$DATELINE}

ok 'the demonstration' "$DATELINE" demo "$site"
python3 - "$scratch" <<'P'
import struct, sys, zlib
def piece(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for name, wide, high in ("wide", 1800, 600), ("tall", 600, 1200), ("small", 120, 80):
    rows = b"".join(b"\0" + bytes(((x + y) // 40 % 2 * 60 + 120) for x in range(wide)) for y in range(high))
    with open(f"{sys.argv[1]}/{name}.png", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", struct.pack(">2I5B", wide, high, 8, 0, 0, 0, 0)) +
                   piece(b"IDAT", zlib.compress(rows)) + piece(b"IEND", b""))
P
cp "$here"/browser/*.md "$here"/browser/embed.json "$scratch"
for name in every-block.md every-block-ar.md embed.json portrait.md flash.md; do ok "a story: $name" publish "$scratch/$name"; done
sed -i 's/^The last paragraph/The very last paragraph/' "$scratch/every-block.md"
ok 'a correction' publish "$scratch/every-block.md" --change correction --note 'It was the very last paragraph.'
story withdrawn 'It will not stand.' 'section: City'
ok 'one more' publish "$scratch/withdrawn.md"
gone=$(sed -n 's|.*http://[^/]*\(/[^ ]*\).*|\1|p' "$scratch/out" | head -n 1)
ok 'is withdrawn' "$DATELINE" withdraw "$site" urn:play:withdrawn --reason 'A name in it was wrong.'
story barred 'It may not stand.' 'section: City' 'headline: The witness of pier nine speaks'
ok 'another' publish "$scratch/barred.md"
barred=$(sed -n 's|.*http://[^/]*\(/[^ ]*\).*|\1|p' "$scratch/out" | head -n 1)
ok 'is withdrawn by law' "$DATELINE" withdraw "$site" urn:play:barred --reason 'It names a witness who is protected.' \
    --legal --authority 'Averil District Court' --demanded 2026-11-26
ok 'serve' serve
node "$here/browser/check.mjs" "http://127.0.0.1:$port" "$scratch" "$gone" "$barred" /corrections /ar/corrections || echo '    see above'
# What a reader's first packet must hold: head, style sheet and text of a story, in gzip. (Ten segments of 1,460 bytes.)
python3 "$here/weigh.py" "http://127.0.0.1:$port" 14600 650 || echo '    see above'
