// A site as its readers meet it: asks over HTTP, follows every link, and sorts what it finds into
// kinds of pages. It knows addresses, elements and headers, and no class name of any theme.
import http from 'node:http';

const AT_ONCE = 8;
const ANSWERS_MAX = 20000;
const TIMEOUT_MS = 20000;

export class Site {
    // base: where the site answers, http://127.0.0.1:PORT. The addresses it gives itself (its canonical
    // links) may have other hosts: all are asked at base, with the Host that they name.
    constructor(base) {
        this.base = new URL(base);
        this.home = this.base.origin; // of the front; known once it was read
        this.own = new Set([this.base.origin]);
        this.agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
    }

    // → {url, status, headers, type, text}. An answer that is no text, or to HEAD, has text ''.
    ask(url, { method = 'GET', host, body } = {}) {
        const wanted = new URL(url);
        return new Promise((resolve, reject) => {
            const headers = { host: host ?? wanted.host };
            if (body) headers['content-length'] = Buffer.byteLength(body);
            const request = http.request({
                agent: this.agent, method, headers, timeout: TIMEOUT_MS,
                host: this.base.hostname, port: this.base.port || 80, path: wanted.pathname + wanted.search,
            }, (answer) => {
                const pieces = [];
                answer.on('data', (piece) => pieces.push(piece));
                answer.on('error', reject);
                answer.on('end', () => {
                    const type = (answer.headers['content-type'] ?? '').split(';')[0].trim();
                    const isText = /^text\/|[/+](xml|json)$|javascript/.test(type);
                    resolve({ url, status: answer.statusCode, headers: answer.headers, type,
                        text: isText ? Buffer.concat(pieces).toString('utf8') : '' });
                });
            });
            request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
            request.on('error', reject);
            request.end(body);
        });
    }

    isOwn(url) {
        return this.own.has(new URL(url).origin);
    }
}

// Runs in a page of the browser: what is in one HTML text. DOMParser runs no script and loads nothing.
export function readHtml({ text, url }) {
    const d = new DOMParser().parseFromString(text, 'text/html');
    const base = new URL(d.querySelector('base[href]')?.getAttribute('href') ?? url, url);
    const absolute = (href) => { try { return new URL(href.trim(), base).href; } catch { return null; } };
    const links = [], loads = [], broken = [];
    const add = (list, node, attribute, href) => {
        const to = absolute(href);
        if (to === null) broken.push(`<${node.localName} ${attribute}="${href}"> is no address`);
        else if (/^https?:/.test(to)) list.push(to);
    };
    for (const node of d.querySelectorAll('a[href], area[href]')) add(links, node, 'href', node.getAttribute('href'));
    for (const node of d.querySelectorAll('form[action]')) {
        if ((node.getAttribute('method') ?? 'get').toLowerCase() === 'get') add(links, node, 'action', node.getAttribute('action'));
    }
    const loading = /^(stylesheet|icon|apple-touch-icon|preload|modulepreload|manifest|mask-icon)$/;
    for (const node of d.querySelectorAll('link[href]')) {
        const rel = (node.getAttribute('rel') ?? '').toLowerCase().split(/\s+/);
        if (rel.some((word) => loading.test(word))) add(loads, node, 'href', node.getAttribute('href'));
        else if (!rel.includes('preconnect') && !rel.includes('dns-prefetch')) add(links, node, 'href', node.getAttribute('href'));
    }
    for (const node of d.querySelectorAll('[src], [poster], object[data]')) {
        for (const attribute of ['src', 'poster', 'data']) {
            if (node.hasAttribute(attribute)) add(loads, node, attribute, node.getAttribute(attribute));
        }
    }
    for (const node of d.querySelectorAll('[srcset], [imagesrcset]')) {
        for (const part of (node.getAttribute('srcset') ?? node.getAttribute('imagesrcset')).split(/,\s+/)) {
            if (part.trim()) add(loads, node, 'srcset', part.trim().split(/\s+/)[0]);
        }
    }
    for (const node of d.querySelectorAll('style')) {
        for (const found of node.textContent.matchAll(/url\(\s*["']?([^"')]+)["']?\s*\)/g)) add(loads, node, 'url()', found[1]);
    }
    for (const node of d.querySelectorAll('meta[property="og:image"], meta[property="og:url"]')) add(links, node, 'content', node.content);
    const features = new Set();
    for (const node of d.body.querySelectorAll('*')) {
        if (node.closest('svg') && node.localName !== 'svg') continue;
        features.add(node.localName);
        for (const attribute of node.attributes) {
            if (!/^(id|href|src|srcset|alt|title|datetime|content|width|height|style|data-.*)$/.test(attribute.name))
                features.add(`${node.localName} ${attribute.name}=${attribute.value.slice(0, 40)}`);
        }
        if (node.parentElement) features.add(`${node.parentElement.localName} > ${node.localName}`);
    }
    const size = Math.round(Math.log2(1 + d.body.textContent.length));
    features.add(`text of 2^${size}`);
    const all = (selector, attribute) => [...d.querySelectorAll(selector)].map((node) => node.getAttribute(attribute));
    return {
        links, loads, broken,
        lang: d.documentElement.getAttribute('lang'),
        dir: d.documentElement.getAttribute('dir'),
        title: d.title.trim(),
        h1: [...d.querySelectorAll('h1')].map((node) => node.textContent.trim()),
        ids: [...all('[id]', 'id'), ...all('a[name]', 'name')],
        canonical: absolute(d.querySelector('link[rel=canonical]')?.getAttribute('href') ?? '') ?? url,
        editions: all('link[rel~=alternate][hreflang]', 'href').map(absolute),
        hasIcon: Boolean(d.querySelector('link[rel~=icon]')),
        isArticle: d.querySelector('meta[property="og:type"]')?.content === 'article',
        jsonld: [...d.querySelectorAll('script[type="application/ld+json"]')].map((node) => node.textContent),
        features: [...features],
    };
}

// Runs in a page of the browser: what is in one XML text.
export function readXml({ text, url }) {
    const d = new DOMParser().parseFromString(text, 'application/xml');
    const wrong = d.querySelector('parsererror');
    if (wrong) return { wrong: wrong.textContent.replace(/\s+/g, ' ').trim().slice(0, 300), links: [] };
    const links = [];
    for (const node of d.querySelectorAll('*')) {
        const name = node.localName;
        if (/^(loc|link|guid|url|image)$/.test(name) && node.getAttribute('isPermaLink') !== 'false' && !node.children.length)
            links.push(node.textContent.trim());
        for (const attribute of ['href', 'url', 'src']) if (node.hasAttribute(attribute)) links.push(node.getAttribute(attribute));
    }
    return { root: d.documentElement.localName,
        links: links.filter((link) => /^(https?:|\/)/.test(link)).map((link) => new URL(link, url).href) };
}

function readJson(text, url) {
    const links = [];
    const walk = (value, depth) => {
        if (depth > 40) return;
        if (typeof value === 'string') {
            if (/^https?:\/\/\S+$/.test(value) && URL.canParse(value)) links.push(new URL(value).href);
        } else if (value && typeof value === 'object') Object.values(value).forEach((inner) => walk(inner, depth + 1));
    };
    try {
        walk(JSON.parse(text), 0);
        return { links };
    } catch (e) {
        return { wrong: e.message, links };
    }
}

const plain = (url) => { const u = new URL(url); u.hash = ''; return u.href; };

// Follows every link from the front (and from the paths given, to which none may lead) until nothing new comes.
// → Map of address → answer, with .read of what its text holds and .from, who named it.
// parser: an empty page of the browser.
export async function crawl(site, parser, paths = []) {
    const answers = new Map();
    const wanted = new Map(); // address → {from, headOnly}
    const want = (to, from, headOnly) => {
        const url = plain(to);
        if (!site.isOwn(url) || answers.has(url)) return;
        if (!wanted.has(url)) wanted.set(url, { from, headOnly });
        else if (!headOnly) wanted.get(url).headOnly = false;
    };
    const readers = { html: readHtml, xml: readXml };
    async function take(url, { from, headOnly }) {
        const answer = { from, ...await site.ask(url, { method: headOnly ? 'HEAD' : 'GET' }) };
        const type = answer.type === 'text/html' || answer.type === 'application/xhtml+xml' ? 'html'
            : /[/+]xml$/.test(answer.type) ? 'xml' : /[/+]json$/.test(answer.type) ? 'json'
            : answer.type === 'text/css' ? 'css' : '';
        answer.form = headOnly ? '' : type;
        if (answer.headers.location) answer.location = new URL(answer.headers.location, url).href;
        if (readers[answer.form] && !answer.location) answer.read = await parser.evaluate(readers[answer.form], { text: answer.text, url });
        else if (answer.form === 'json') answer.read = readJson(answer.text, url);
        return answer;
    }
    const front = await take(new URL('/', site.base).href, { from: 'the start' });
    if (front.read?.canonical) site.home = new URL(front.read.canonical).origin;
    site.own.add(site.home);
    for (const path of ['/', '/robots.txt', ...paths]) want(new URL(path, site.home).href, 'the start');
    while (wanted.size) {
        const turn = [...wanted.entries()].slice(0, AT_ONCE);
        for (const [url] of turn) wanted.delete(url);
        for (const answer of await Promise.all(turn.map(([url, how]) => take(url, how)))) {
            answers.set(answer.url, answer);
            if (answers.size > ANSWERS_MAX) throw new Error(`more than ${ANSWERS_MAX} addresses: is this a trap?`);
            if (answer.location) want(answer.location, answer.url);
            const { read } = answer;
            if (answer.form === 'html' && read) {
                for (const to of [read.canonical, ...read.editions]) if (to) site.own.add(new URL(to).origin);
                read.loads.forEach((to) => want(to, answer.url, !/\.css($|\?)/.test(to)));
            } else if (answer.form === 'css') {
                for (const found of answer.text.matchAll(/url\(\s*["']?([^"')]+)["']?\s*\)/g)) {
                    if (!found[1].startsWith('data:')) want(new URL(found[1], answer.url).href, answer.url, true);
                }
            } else if (new URL(answer.url).pathname === '/robots.txt') {
                for (const found of answer.text.matchAll(/^sitemap:\s*(\S+)/gim)) want(found[1], answer.url);
            }
            read?.links.forEach((to) => want(to, answer.url));
        }
    }
    return answers;
}

// The paths below which editions live: '' for the first, '/ar' where stories stand at /ar/2026/11/24/….
export function editionsOf(urls) {
    const found = new Set(['']);
    for (const url of urls) {
        const step = /^(\/[^/]+)\/\d{4}\/\d\d\/\d\d\//.exec(new URL(url).pathname);
        if (step && !/^\/\d+$/.test(step[1])) found.add(step[1]);
    }
    return found;
}

const LISTS = new Set(['latest', 'archive', 'corrections', 'section', 'tag', 'author']); // any other name is a standing page's

// The kind of an HTML answer, with its language: 'story, en', 'tag/…, ar', 'error 404, en'. It is read from the
// address: what follows the first word stands for everything below that word, and figures are dates.
export function kindOf(answer, editions) {
    const lang = (answer.read.lang ?? '?').toLowerCase();
    let steps = new URL(answer.url).pathname.split('/').filter(Boolean);
    if (editions.has(`/${steps[0]}`)) steps = steps.slice(1);
    const paging = steps.findIndex((step, n) => n > 0 && step === 'page' && /^\d+$/.test(steps[n + 1] ?? ''));
    if (paging > 0) steps = steps.slice(0, paging);
    const word = steps.findIndex((step) => !/^\d+$/.test(step));
    let kind;
    if (answer.status !== 200) kind = `error ${answer.status}`;
    else if (answer.read.isArticle || word >= 3) kind = 'story';
    else if (!steps.length) kind = 'front';
    else if (word === -1) kind = ['year', 'month', 'day'][steps.length - 1] ?? 'figures';
    else if (LISTS.has(steps[0])) kind = steps.length > 1 ? `${steps[0]}/…` : steps[0];
    else kind = steps[1] === 'v' ? 'version' : 'standing';
    return `${kind}${paging > 0 && answer.status === 200 ? ', further page' : ''}, ${lang}`;
}

// Of each kind the pages that differ most in what they hold, at most `most(kind)` of them.
// pages: [{kind, answer, …}] → some of them
export function sample(pages, most) {
    const kinds = new Map();
    for (const page of pages) kinds.set(page.kind, [...(kinds.get(page.kind) ?? []), page]);
    const chosen = [];
    for (const [kind, all] of [...kinds].sort()) {
        const seen = new Set(), rest = new Set(all);
        for (let n = most(kind); n > 0 && rest.size; n--) {
            let best = null, news = -1;
            for (const page of rest) {
                const fresh = page.answer.read.features.filter((feature) => !seen.has(feature)).length;
                if (fresh > news) [best, news] = [page, fresh];
            }
            if (news === 0) break;
            rest.delete(best);
            best.answer.read.features.forEach((feature) => seen.add(feature));
            chosen.push(best);
        }
    }
    return chosen;
}
