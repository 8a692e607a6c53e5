#!/usr/bin/env python3
"""t/weigh.py URL BYTES WORDS: the stories of a site by their weight, as they come: head and body in gzip, the style sheet in it. One of
up to WORDS words with one picture at most must not be over BYTES; and one must be there that has all that a story usually
has, so that this says something. Prints "ok …" or "not ok …", a line a claim."""
import http.client, json, re, sys, urllib.parse

url, most, words_most = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
SCRIPT_MOST = 5120


# (head and body as they come, body)
def get(path, gzip=False):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"} if gzip else {})
    answer = connection.getresponse()
    body = answer.read()
    head = "HTTP/1.1 %d %s\r\n%s\r\n" % (answer.status, answer.reason, "".join("%s: %s\r\n" % h for h in answer.getheaders()))
    connection.close()
    if answer.status != 200:
        sys.exit("t/weigh.py: %s answers %d" % (path, answer.status))
    return len(head.encode("latin-1")) + len(body), body.decode("utf-8", "replace") if not gzip else ""


def places(path):
    return [urllib.parse.urlsplit(found).path for found in re.findall("<loc>([^<]+)</loc>", get(path)[1])]


stories, scripts, blocking = [], [], []
for sitemap in places("/sitemap.xml"):
    for path in places(sitemap):
        page = get(path)[1]
        found = re.search('"wordCount":(\\d+)', page)
        if not found:
            continue
        story = {"path": urllib.parse.unquote(path), "words": int(found[1]), "bytes": get(path, True)[0],
                 "pictures": len(re.findall("<figure[^>]*>\\s*(?:<picture|<img|<a[^>]*>\\s*<(?:picture|img))", page)),
                 "tags": page.count('property="article:tag"'),
                 "related": page.count('<article class="card more')}
        stories.append(story)
        scripts.append((sum(len(s.encode()) for s in re.findall("(?s)<script>(.*?)</script>", page)), path))
        if re.search("<link[^>]+stylesheet|<script[^>]+src=", page):
            blocking.append(path)

light = [s for s in stories if s["pictures"] <= 1 and s["words"] <= words_most]
full = [s for s in light if s["words"] >= 550 and s["pictures"] and s["tags"] >= 6 and s["related"] >= 4]
over = [s for s in light if s["bytes"] > most]
for s in sorted(light, key=lambda s: -s["bytes"])[:3] + full[:1]:
    print("    %(bytes)d bytes: %(words)d words, %(pictures)d pictures, %(tags)d tags, %(related)d related: %(path)s" % s)
for claim, good in (("%d stories of at most %d words and one picture are not over %d bytes each" % (len(light), words_most, most), light and not over),
                    ("one of them has 550 words, a picture, six tags and four related stories", full),
                    ("no script is over %d bytes" % SCRIPT_MOST, scripts and max(scripts)[0] <= SCRIPT_MOST),
                    ("nothing else is needed for the first paint", not blocking)):
    print("%s %s" % ("ok" if good else "not ok", claim))
sys.exit(0 if light and not over and full and not blocking and max(scripts)[0] <= SCRIPT_MOST else 1)
