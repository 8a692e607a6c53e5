#!/usr/bin/env python3
"""bench/archive.py DIR FIRST COUNT: an archive as DIR/FIRST.ndjson, an item a line, the same for the same numbers: 50 to 750 words by
Zipf's law (450 in the mean), 3 to 9 tags out of 50,000 (every fifth story has the first of them), 1 to 4 pictures out of a pool of
200 that lies in DIR/pool, five years to a quarter century old, every fourth in the other edition."""
import json, os, random, struct, sys, time, zlib

folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(os.path.join(folder, "pool"), exist_ok=True)
rng = random.Random(11)


def words_of(syllables, n):
    return ["".join(rng.choice(syllables) for _ in range(rng.randint(1, 4))) for _ in range(n)]


latin = words_of("ba be bi bo da de di do fa fe fo ga go ha he ka ke ki la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te ti to va ve wa we".split(), 12000)
arabic = words_of("با بي بو تا تي دا دي را ري سا سي شا عا عي فا في قا قو كا كي لا لي ما مي نا ني ها هي وا يا".split(), 12000)
total, weights = 0.0, []
for i in range(12000):
    total += 1 / (i + 10)
    weights.append(total)


def sentences(words, n):  # of 50 words each
    return [" ".join(rng.choices(words, cum_weights=weights, k=50)).capitalize() + "." for _ in range(n)]


# A story's paragraphs are drawn out of many: a million stories in minutes, and no two that share a text.
paragraphs = {"en": sentences(latin, 40000), "ar": sentences(arabic, 20000)}
sections = {"en": ["City", "World", "Business", "Science", "Culture", "Sport"], "ar": ["المدينة", "العالم"]}
tag_weights, total = [], 0.0
for i in range(50000):
    total += 1 / (i + 50)
    tag_weights.append(total)


def png(number):
    wide, high, r = 480, 320, random.Random(number)
    a, b, c = r.randint(2, 9), r.randint(2, 9), r.randint(0, 200)
    rows = b"".join(b"\0" + bytes((x * a // 8 + y * b // 8 + c) % 256 for x in range(wide)) for y in range(high))
    chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


for i in range(200):
    name = os.path.join(folder, "pool", "%03d.png" % i)
    if not os.path.exists(name):
        with open(name, "wb") as f:
            f.write(png(i))

with open(os.path.join(folder, "%d.ndjson" % first), "w", encoding="utf-8") as out:
    for number in range(first, first + count):
        rng = random.Random(number)
        edition = "ar" if number % 4 == 3 else "en"
        texts = rng.sample(paragraphs[edition], min(15, 1 + int(rng.gammavariate(6, 1.4))))
        tags = {int(t) for t in rng.choices(range(50000), cum_weights=tag_weights, k=rng.randint(3, 8))}
        if number % 5 == 0:
            tags.add(0)
        headline = " ".join(texts[0].split()[:7]).capitalize()
        at = 946684800 + rng.randrange(20 * 365 * 86400)
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        section = rng.choice(sections[edition])
        pictures = rng.sample(range(200), rng.randint(1, 4))
        item = {
            "uri": "urn:archive:%d" % number, "type": "text", "pubStatus": "usable", "version": "1",
            "language": edition, "versionCreated": when,
            "headlines": [{"value": headline}],
            "descriptions": [{"role": "drol:summary", "value": " ".join(texts[-1].split()[:18])}],
            "located": "PORT AVERIL", "by": "Writer %d" % (number % 300),
            "subjects": [{"name": section, "rel": "section"}, {"name": edition, "rel": "edition", "literal": edition}] + [{"name": "Topic %d" % t} for t in sorted(tags)],
            "bodies": [{"contentType": "text/html", "value": "".join("<p>%s</p>" % t for t in texts)}],
            "associations": [{"name": "picture-%d" % i, "uri": "urn:archive:picture:%d" % p, "type": "picture",
                              "renditions": [{"name": "original", "href": "pool/%03d.png" % p, "contentType": "image/png"}],
                              "headlines": [{"value": "Picture %d" % p}], "descriptions": [{"value": "What picture %d shows." % p}]}
                             for i, p in enumerate(pictures)],
        }
        out.write(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n")
