#!/usr/bin/env python3
"""Walks through a served site and holds what it finds against the standards that it claims.

  t/formats.py check URL SITE          from the front, robots.txt and the read API on to every address that
                                       any answer names; a line for each fault, and exit code 1
  t/formats.py snapshot URL SITE FILE  the same walk; writes each address's ETags and what they stand for
  t/formats.py compare OLD NEW         of two snapshots: a tag is another one if, and only if, the bytes are

URL is where it is served, SITE what its configuration calls it: "http://127.0.0.1:8080 http://play.example".
Shares nothing with the program. After the standards' own words:
  RSS 2.0 (rssboard.org/rss-specification and its profile), Atom (RFC 4287), JSON Feed 1.1, sitemaps.org 0.9 (its
  schema and its rule of locations), Google's news sitemap 0.9, schema.org's NewsArticle, OpenGraph, hreflang (both
  ways or not at all), RFC 9110 (validators), RFC 8785 (canonical JSON), docs/api.md.
"""
import collections, datetime, email.utils, gzip, hashlib, html.parser, http.client, json, re, sys, urllib.parse
import xml.etree.ElementTree as xml

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
NOW = datetime.datetime.now(datetime.timezone.utc)

faults = 0
checked = collections.Counter()


def fault(where, text):
    global faults
    faults += 1
    print(f"FAULT {where}: {text}")


def want(truth, where, text):
    if not truth:
        fault(where, text)
    return truth


# ---- fetching -------------------------------------------------------------------------------------
Answer = collections.namedtuple("Answer", "status headers body")


class Site:
    def __init__(self, served, name):
        self.served, self.name = urllib.parse.urlsplit(served), name.rstrip("/")
        self.host = urllib.parse.urlsplit(name).netloc
        self.connection = None
        self.cache = {}

    def ask(self, path, method="GET", **headers):
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        for tries in range(2):
            if not self.connection:
                self.connection = http.client.HTTPConnection(self.served.hostname, self.served.port, timeout=20)
            try:
                self.connection.request(method, path, headers={"Host": self.host, **headers})
                answer = self.connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (http.client.HTTPException, OSError):  # it was closed between two requests
                self.connection = None
                if tries:
                    raise

    def get(self, path):
        if path not in self.cache:
            self.cache[path] = self.ask(path)
        return self.cache[path]

    def path_of(self, link, base):
        """Of a link as it stands: its path with its query here, or None of another site."""
        whole = urllib.parse.urldefrag(urllib.parse.urljoin(self.name + base, link))[0]
        if not whole.startswith(self.name + "/") and whole != self.name:
            return None
        return whole[len(self.name):] or "/"

    def ends_at(self, path):
        """The path that redirects lead to, and its answer."""
        for _ in range(5):
            answer = self.get(path)
            if answer.status not in (301, 302, 307, 308):
                break
            path = self.path_of(answer.headers["Location"], path)
        return path, answer


# ---- small rules -------------------------------------------------------------------------------------
def rfc3339(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)", text or ""):
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def rfc822(text):
    """With its year in four digits and, if it is there, the right day of the week."""
    if not re.fullmatch(r"(\w{3}, )?\d\d? \w{3} \d{4} \d\d:\d\d(:\d\d)? ([-+]\d{4}|GMT)", text or ""):
        return None
    at = email.utils.parsedate_to_datetime(text)
    return at if at.strftime("%a") == text[:3] else None


def plain_language(text):
    """A language, script and region, without what is about figures and clocks, which few readers know."""
    return re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?", text or "") is not None


def one_of(parent, tag, where, least=1):
    found = parent.findall(tag)
    want(least <= len(found) <= 1, where, f"{len(found)} <{tag.split('}')[-1]}>")
    text = found[0].text if found else None
    want(not found or len(found[0]) or (text and text.strip()), where, f"<{tag.split('}')[-1]}> is empty")
    return text


def is_address(site, text):
    return bool(text) and text.startswith(site.name + "/") and " " not in text and urllib.parse.urlsplit(text).scheme != ""


def leads_to_page(site, where, link):
    if not want(is_address(site, link), where, f"not an address of this site: {link}"):
        return
    answer = site.ends_at(site.path_of(link, "/"))[1]
    want(answer.status == 200, where, f"{link} answers {answer.status}")


# ---- feeds ---------------------------------------------------------------------------------------------
def check_rss(site, path, body):
    rss = xml.fromstring(body)
    want(rss.tag == "rss" and rss.get("version") == "2.0" and len(rss) == 1, path, "not <rss version=2.0> with one channel")
    channel = rss.find("channel")
    for name in ("title", "link", "description"):
        one_of(channel, name, path)
    want(channel.findtext("link") != site.name + path, path, "its <link> is the feed, not the page")
    leads_to_page(site, path, channel.findtext("link"))
    want(plain_language(one_of(channel, "language", path, 0)), path, f"language {channel.findtext('language')}")
    own = [link.get("href") for link in channel.findall(ATOM + "link") if link.get("rel") == "self"]
    want(own == [site.name + path], path, f"atom:link self is {own}")
    built = channel.findtext("lastBuildDate")
    want(built is None or rfc822(built), path, f"lastBuildDate {built}")
    seen, last = set(), None
    for item in channel.findall("item"):
        at = f"{path}, {item.findtext('guid')}"
        for name in ("title", "link", "guid", "pubDate"):
            one_of(item, name, at)
        one_of(item, "description", at, 0)
        want("<" not in (item.findtext("title") or ""), at, "markup in a title")
        want(item.find("author") is None or "@" in item.findtext("author"), at, "<author> must be an e-mail address")
        leads_to_page(site, at, item.findtext("link"))
        guid = item.find("guid")
        want(guid.text not in seen, at, "its guid is there twice")
        seen.add(guid.text)
        if guid.get("isPermaLink", "true") == "true":
            leads_to_page(site, at, guid.text)
        when = rfc822(item.findtext("pubDate"))
        want(when, at, f"pubDate {item.findtext('pubDate')}")
        want(not when or when <= NOW, at, "pubDate is in the future")
    known = {"title", "link", "description", "language", "lastBuildDate", "item", ATOM + "link"}
    want({e.tag for e in channel} <= known, path, f"unknown elements: {({e.tag for e in channel} - known)}")
    return {item.findtext("link") for item in channel.findall("item")}


def check_atom(site, path, body):
    feed = xml.fromstring(body)
    want(feed.tag == ATOM + "feed", path, "not a feed")

    def common(it, where):
        for name in ("id", "title", "updated"):  # §4.1.1, §4.1.2: exactly one each
            one_of(it, ATOM + name, where)
        want(rfc3339(it.findtext(ATOM + "updated")), where, "updated is no date")
        want(urllib.parse.urlsplit(it.findtext(ATOM + "id")).scheme, where, "its id is no absolute IRI")
        for author in it.findall(ATOM + "author"):
            one_of(author, ATOM + "name", where)
        alternates = [(l.get("type"), l.get("hreflang")) for l in it.findall(ATOM + "link") if l.get("rel", "alternate") == "alternate"]
        want(len(alternates) == len(set(alternates)) > 0, where, f"alternates {alternates}")

    common(feed, path)
    own = [link.get("href") for link in feed.findall(ATOM + "link") if link.get("rel") == "self"]
    want(own == [site.name + path], path, f"self is {own}")
    want(plain_language(feed.get("{http://www.w3.org/XML/1998/namespace}lang")), path, "xml:lang")
    seen, newest = set(), None
    for entry in feed.findall(ATOM + "entry"):
        at = f"{path}, {entry.findtext(ATOM + 'id')}"
        common(entry, at)
        want(entry.find(ATOM + "author") is not None or feed.find(ATOM + "author") is not None, at, "no author")
        want(entry.findtext(ATOM + "id") not in seen, at, "its id is there twice")
        seen.add(entry.findtext(ATOM + "id"))
        published, updated = (rfc3339(entry.findtext(ATOM + n)) for n in ("published", "updated"))
        want(published and updated and published <= updated, at, "it was updated before it was published")
        newest = max(newest or updated, updated)
        one_of(entry, ATOM + "summary", at, 0)
        for link in entry.findall(ATOM + "link"):
            leads_to_page(site, at, link.get("href"))
    want(not newest or newest == rfc3339(feed.findtext(ATOM + "updated")), path, "updated is not that of its newest entry")
    return {e.find(ATOM + "link").get("href") for e in feed.findall(ATOM + "entry")}


FEED_KEYS = set("version title home_page_url feed_url description user_comment next_url icon favicon authors language expired "
                "hubs items".split())
ITEM_KEYS = set("id url external_url title content_html content_text summary image banner_image date_published date_modified "
                "authors tags language attachments".split())


def check_json_feed(site, path, body):
    feed = json.loads(body)
    want(feed.get("version") == "https://jsonfeed.org/version/1.1", path, "version")
    want({k for k in feed if k[0] != "_"} <= FEED_KEYS, path, f"unknown members {set(feed) - FEED_KEYS}")
    want(feed.get("title"), path, "no title")
    want(feed.get("feed_url") == site.name + path, path, f"feed_url {feed.get('feed_url')}")
    want(plain_language(feed.get("language")), path, f"language {feed.get('language')}")
    leads_to_page(site, path, feed.get("home_page_url"))
    seen = set()
    for item in feed["items"]:
        at = f"{path}, {item.get('id')}"
        want({k for k in item if k[0] != "_"} <= ITEM_KEYS, at, f"unknown members {set(item) - ITEM_KEYS}")
        want(isinstance(item.get("id"), str) and item["id"] not in seen, at, "its id is missing or there twice")
        seen.add(item.get("id"))
        want(item.get("content_text") or item.get("content_html"), at, "no content")
        published, modified = rfc3339(item.get("date_published")), rfc3339(item.get("date_modified"))
        want(published and modified and published <= modified, at, "dates")
        want(plain_language(item.get("language")), at, f"language {item.get('language')}")
        for author in item.get("authors", []) + feed.get("authors", []):
            want(author.get("name") or author.get("url"), at, "an author without a name")
        want(all(isinstance(tag, str) for tag in item.get("tags", [])), at, "tags")
        leads_to_page(site, at, item.get("url"))
    return {item["url"] for item in feed["items"]}


# ---- sitemaps --------------------------------------------------------------------------------------------
def check_sitemap(site, path, body):
    root = xml.fromstring(body)
    index = root.tag == MAPS + "sitemapindex"
    want(index or root.tag == MAPS + "urlset", path, f"root {root.tag}")
    want(len(body) <= 50 << 20 and len(root) <= 50000, path, "too large")
    news = NEWS.strip("{}").encode() in body
    # The schema wants at least one; Google lets its own be empty when there is no news.
    want(len(root) > 0 or news, path, "it has no entry")
    want(not news or len(root) <= 1000, path, "a news sitemap has at most 1000")
    folder = site.name + path[: path.rindex("/") + 1]
    found = set()
    for entry in root:
        want(entry.tag == MAPS + ("sitemap" if index else "url"), path, f"unexpected {entry.tag}")
        names = [e.tag for e in entry]
        want(set(names) <= {MAPS + "loc", MAPS + "lastmod", NEWS + "news"}, path, f"unknown elements {names}")
        want(names == sorted(names, key=[MAPS + "loc", MAPS + "lastmod", NEWS + "news"].index), path, "elements out of order")
        loc = one_of(entry, MAPS + "loc", path)
        at = f"{path}, {loc}"
        want(12 <= len(loc) <= 2048 and loc not in found, at, "its length, or it is there twice")
        found.add(loc)
        want(loc.startswith(folder), at, "it is not below the sitemap's own folder")
        lastmod = one_of(entry, MAPS + "lastmod", path, 0)
        want(lastmod is None or rfc3339(lastmod), at, f"lastmod {lastmod}")
        answer = site.get(site.path_of(loc, "/"))
        want(answer.status == 200, at, f"answers {answer.status}: a sitemap names what is there, and no redirects")
        if not news:
            continue
        item = entry.find(NEWS + "news")
        one_of(item, NEWS + "title", at)
        publication = item.find(NEWS + "publication")
        one_of(publication, NEWS + "name", at)
        language = one_of(publication, NEWS + "language", at)
        want(re.fullmatch("[a-z]{2,3}|zh-cn|zh-tw", language or ""), at, f"language {language}")
        when = rfc3339(one_of(item, NEWS + "publication_date", at))
        want(when and NOW - when < datetime.timedelta(days=2, minutes=5), at, f"older than two days: {when}")
    return found


# ---- HTML -------------------------------------------------------------------------------------------------
class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.metas, self.sources, self.json = [], [], [], [], []
        self.lang, self.ids, self.inside, self.classes = None, set(), None, set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "html":
            self.lang = a.get("lang")
        if "id" in a:
            self.ids.add(a["id"])
        self.classes.update((a.get("class") or "").split())
        if tag == "link":
            self.links.append(a)
        if tag == "a" and a.get("href"):
            self.anchors.append(a["href"])
        if tag == "meta":
            self.metas.append((a.get("property") or a.get("name"), a.get("content")))
        if tag in ("img", "source", "audio", "video"):
            self.sources += [a["src"]] if a.get("src") else []
            self.sources += [part.split()[0] for part in (a.get("srcset") or "").split(",") if part.strip()]
        self.inside = tag if tag == "script" and a.get("type") == "application/ld+json" else None

    def handle_data(self, data):
        if self.inside:
            self.json.append(json.loads(data))

    def handle_endtag(self, tag):
        self.inside = None

    def rel(self, rel, **also):
        return [l for l in self.links if rel in (l.get("rel") or "").split() and all(l.get(k) == v for k, v in also.items())]

    def meta(self, name):
        return [content for key, content in self.metas if key == name]


FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
ARTICLES = set("NewsArticle AnalysisNewsArticle OpinionNewsArticle ReportageNewsArticle ReviewNewsArticle BackgroundNewsArticle "
               "AskPublicNewsArticle AdvertiserContentArticle LiveBlogPosting".split())


def check_article(site, path, page):
    if not want(len(page.json) == 1, path, f"{len(page.json)} pieces of JSON-LD"):
        return
    it = page.json[0]
    want(it.get("@context") == "https://schema.org" and it.get("@type") in ARTICLES, path, f"JSON-LD: {it.get('@type')}")
    want(it.get("headline"), path, "JSON-LD: no headline")
    published, modified = rfc3339(it.get("datePublished")), rfc3339(it.get("dateModified"))
    want(published and modified and published <= modified, path, "JSON-LD: dates")
    want(it.get("url") == site.name + path == it.get("mainEntityOfPage"), path, "JSON-LD: url")
    want(plain_language(it.get("inLanguage")), path, f"JSON-LD: inLanguage {it.get('inLanguage')}")
    want(it.get("publisher", {}).get("name"), path, "JSON-LD: no publisher")
    for author in it.get("author", []):
        want(author.get("@type") in ("Person", "Organization") and author.get("name"), path, f"JSON-LD: author {author}")
    for image in it.get("image", []):
        want(image.get("@type") == "ImageObject" and image.get("width") and image.get("height"), path, "JSON-LD: image")
        leads_to_page(site, path, image.get("url"))
        want(image.get("creditText"), path, "JSON-LD: an image without a credit")
    want(("corrections" in page.classes) == bool(it.get("correction")), path, "JSON-LD: corrections are on the page or in it alone")
    for correction in it.get("correction", []):
        want(correction.get("@type") == "CorrectionComment" and correction.get("text") and rfc3339(correction.get("datePublished")),
             path, "JSON-LD: correction")
    want(("dateline" in page.classes) == bool(it.get("dateline")), path, "JSON-LD: the dateline is on the page or in it alone")


def alternates_of(page):
    return {l["hreflang"]: l["href"] for l in page.rel("alternate") if l.get("hreflang")}


def check_translations(site, path, page):
    found = [l for l in page.rel("alternate") if l.get("hreflang")]
    if not found:
        return
    own = alternates_of(page)
    want(len(own) == len(found), path, "a language is there twice")
    want(site.name + path in own.values(), path, "hreflang without the page itself")
    want("x-default" not in own, path, "x-default: no language of a paper is the others' default")
    for language, link in own.items():
        want(plain_language(language), path, f"hreflang {language}")
        answer = site.get(site.path_of(link, "/"))
        if want(answer.status == 200, path, f"hreflang {language} answers {answer.status}"):
            want(alternates_of(Page(answer.body.decode())) == own, path, f"hreflang {language} does not lead back")


def check_html(site, path, answer):
    page = Page(answer.body.decode())
    canonical = [l.get("href") for l in page.rel("canonical")]
    if want(len(canonical) == 1, path, f"{len(canonical)} canonical links"):
        want(canonical[0] == site.name + path or path == "/", path, f"its canonical address is {canonical[0]}")
    feeds = [l for l in page.rel("alternate") if l.get("type") in FEED_TYPES]
    want(any(l["type"] == "application/rss+xml" for l in feeds), path, "no feed is linked")
    for link in feeds:
        there = site.get(site.path_of(link["href"], path))
        want(there.status == 200 and there.headers.get_content_type() == link["type"], path,
             f"its feed {link['href']}: {there.status} {there.headers.get_content_type()}")
    for name in ("og:title", "og:type", "og:url", "og:site_name"):
        want(len(page.meta(name)) == 1 and page.meta(name)[0], path, f"{name}: {page.meta(name)}")
    want(page.meta("og:url") == canonical, path, f"og:url is {page.meta('og:url')}")
    for image in page.meta("og:image"):
        leads_to_page(site, path, image)
    for name in page.meta("article:published_time") + page.meta("article:modified_time"):
        want(rfc3339(name), path, f"OpenGraph: {name}")
    if page.meta("og:type") == ["article"]:
        check_article(site, path, page)
    check_translations(site, path, page)
    return {l["href"] for l in page.links if l.get("href")} | set(page.anchors) | set(page.sources)


# ---- the read API -------------------------------------------------------------------------------------------
def check_items(site, path, listed):
    want(listed.get("self") == site.name + path, path, f"self is {listed.get('self')}")
    want(listed.get("title") and plain_language(listed.get("language")), path, "title, language")
    want(isinstance(listed.get("page"), int), path, "page")
    for item in listed["items"]:
        at = f"{path}, {item.get('uri')}"
        for name in ("uri", "story", "headline", "kind", "language", "published", "updated", "url", "ninjs"):
            want(item.get(name), at, f"no {name}")
        published, updated = rfc3339(item.get("published")), rfc3339(item.get("updated"))
        want(published and updated and published <= updated, at, "dates")
        want(re.fullmatch("[0-9a-f]{32}", item.get("story", "")), at, "story")
    for this, other in (("next", "prev"), ("prev", "next")):
        if this not in listed:
            continue
        there = json.loads(site.get(site.path_of(listed[this], "/")).body)
        numbered = path.rsplit("/", 1)[-1].isdigit()
        want(not numbered or there.get(other) == listed["self"], path, f"{this} does not lead back")


def check_ninjs(site, path, item):
    want(item["standard"]["name"] == "ninjs" and item["standard"]["version"], path, "ninjs: standard")
    for name in ("uri", "type", "pubStatus", "version", "firstCreated", "versionCreated", "language", "headlines", "bodies"):
        want(item.get(name), path, f"ninjs: no {name}")
    where = site.ends_at(site.path_of(item["uri"], "/"))[0]
    want(where + ".json" == path, path, "ninjs: its uri leads elsewhere")
    canonical = [i["value"] for i in item.get("altIds", []) if i.get("role") == "canonical"]
    if want(len(canonical) == 1, path, "ninjs: its canonical text is not named"):
        body = site.get(site.path_of(canonical[0], "/")).body
        text = json.loads(body)
        # RFC 8785; our keys are ASCII, so that its order is Python's.
        form = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        want(form.encode() == body, canonical[0], "not canonical JSON")
        want(text["headline"] == item["headlines"][0]["value"], canonical[0], "of another revision")


def links_in(value):
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in ("$schema", "schema"):
                yield from links_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from links_in(member)
    elif isinstance(value, str) and re.match(r"https?://\S+$", value):
        yield value


def check_json(site, path, body):
    value = json.loads(body)
    if "items" in value and "self" in value:
        check_items(site, path, value)
    elif "standard" in value:
        check_ninjs(site, path, value)
    return set(links_in(value)) if not path.startswith("/record/") else set()


# ---- one answer ---------------------------------------------------------------------------------------------
XML = {"application/rss+xml": check_rss, "application/atom+xml": check_atom, "application/xml": check_sitemap}
PLAIN = ("image/", "font/", "audio/", "video/", "text/plain", "application/octet-stream")


def check_validators(site, path, answer):
    """RFC 9110 §8.8, §13.1: the tag it was given makes 304 of it, another one does not; HEAD says the same as GET."""
    tag = answer.headers["ETag"]
    if not want(tag and re.fullmatch('"[^"]+"', tag), path, f"its ETag is {tag}"):
        return
    again = site.ask(path, If_None_Match=f'"other", {tag}')
    want(again.status == 304 and not again.body and again.headers["ETag"] == tag, path, f"with its tag: {again.status}")
    want(site.ask(path, If_None_Match='"other"').status == 200, path, "304 for another tag")
    head = site.ask(path, "HEAD")
    want(head.status == 200 and not head.body, path, "HEAD has a body")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Vary"):
        want(head.headers[name] == answer.headers[name], path, f"HEAD: another {name}")
    packed = site.ask(path, Accept_Encoding="gzip")
    if packed.headers["Content-Encoding"] == "gzip":
        want(gzip.decompress(packed.body) == answer.body, path, "gzip holds something else")
        want(packed.headers["ETag"] != tag, path, "gzip has the tag of another encoding")
        want("accept-encoding" in (packed.headers["Vary"] or "").lower(), path, "no Vary")


def check(site, path, answer):
    """What it links to."""
    kind = answer.headers.get_content_type()
    checked[kind] += 1
    if not path.endswith(".svg") or not path.startswith("/s/"):  # a QR code is drawn for each who asks
        check_validators(site, path, answer)
    if kind == "text/html":
        return check_html(site, path, answer)
    if kind in XML:
        return XML[kind](site, path, answer.body)
    if kind == "application/feed+json":
        return check_json_feed(site, path, answer.body)
    if kind == "application/json":
        return check_json(site, path, answer.body)
    if path == "/robots.txt":
        return set(re.findall(r"^Sitemap: (\S+)$", answer.body.decode(), re.M))
    want(kind.startswith(PLAIN), path, f"of an unexpected type: {kind}")
    return set()


def walk(site, visit):
    """visit(path, answer) of all addresses that can be reached; it returns links."""
    queue = ["/", "/robots.txt", "/api/v1/items"]
    seen = set(queue)
    while queue:
        path = queue.pop()
        answer = site.get(path)
        if answer.status in (301, 302, 307, 308):
            links = {answer.headers["Location"]}
        elif want(answer.status == 200, path, f"something links to it, and it answers {answer.status}"):
            links = visit(path, answer)
        else:
            continue
        for link in links:
            there = site.path_of(link, path)
            if there is not None and there not in seen and link and link[0] != "#":
                seen.add(there)
                queue.append(there)


# ---- what caches see -----------------------------------------------------------------------------------------
def snapshot(site, file):
    found = {}

    def visit(path, answer):
        links = check(site, path, answer)
        for name in ("identity", "gzip", "br"):
            of = site.ask(path, Accept_Encoding=name)
            coding = of.headers["Content-Encoding"] or "identity"
            found[f"{path} {coding}"] = [of.headers["ETag"], hashlib.sha256(of.body).hexdigest()]
        return links

    walk(site, visit)
    json.dump(found, open(file, "w"))
    print(f"{len(found)} answers of {len(site.cache)} addresses")


def compare(old, new):
    old, new = (json.load(open(name)) for name in (old, new))
    same = changed = 0
    for path in sorted(old.keys() & new.keys()):
        tag, body = (old[path][i] == new[path][i] for i in (0, 1))
        want(tag == body, path, "the same tag for other bytes" if tag else "another tag for the same bytes")
        same, changed = same + body, changed + (not body)
    print(f"{same} the same, {changed} changed, {len(new.keys() - old.keys())} new, {len(old.keys() - new.keys())} gone")


def main(act, *rest):
    if act == "check":
        site = Site(*rest)
        walk(site, lambda path, answer: check(site, path, answer))
        print(", ".join(f"{n} {kind}" for kind, n in checked.most_common()))
    elif act == "snapshot":
        snapshot(Site(*rest[:2]), rest[2])
    elif act == "compare":
        compare(*rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.exit(1 if faults else 0)
