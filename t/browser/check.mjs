// check.mjs URL SCRATCH [PATH…]: looks at a site as its readers do and prints "ok …" or "not ok …", a line a claim.
//
//   URL      where it answers: http://127.0.0.1:PORT
//   SCRATCH  a folder for what is only needed meanwhile
//   PATH…    pages to which no link leads: of a withdrawn story, of corrections
//
// All pages that links lead to are read, and vnu reads most; in the browser a few of each kind are opened, those that
// differ most. Then pages are spoilt on purpose, to see that each check can fail.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { crawl, editionsOf, kindOf, readHtml, sample, Site } from './site.mjs';
import * as checks from './checks.mjs';
import { launch, Tab, vnuJar } from './tab.mjs';
import { mutants, spoil } from './mutants.mjs';

const [base, scratch, ...paths] = process.argv.slice(2);
const TABS = 2;
const VNU_PAGES_MAX = 150;
// How many of the stories of an edition, and of every other kind, are opened in the browser: the first pair that
// stays within SAMPLE_PAGES_MAX, each of which costs about 1.3 s of a processor.
const SAMPLES = [[6, 2], [5, 1], [3, 1]];
const SAMPLE_PAGES_MAX = 72;
const REASONS_SHOWN = 8;
// Faults that are somebody else's to mend: printed, not counted. Take them out when they are mended.
const KNOWN = ['/latest: 404'];
const KINDS_WANTED = ['front', 'story', 'day', 'month', 'year', 'archive', 'section/…', 'tag/…', 'corrections', 'standing', 'version', 'error 404', 'error 410', 'error 451'];
const NAMES = {
    quiet: 'no error, no violation, no other host',
    shift: 'no layout shift',
    axe: 'axe, light and dark, 390 and 1440 px',
    sideways: 'no sideways scroll, 320 to 1440 px, 200 %',
    keyboard: 'the first stop is a skip link',
    focus: 'the focus can be seen',
    scriptless: 'all there without script',
    report: 'a report of an error has the passage',
};

const begun = Date.now();
const say = (text) => console.log(`    ${((Date.now() - begun) / 1000).toFixed(1)} s: ${text}`);
const shown = (url) => {
    const { pathname, search } = new URL(url);
    try { return decodeURI(pathname + search); } catch { return pathname + search; }
};

let failed = 0;
function claim(name, reasons) {
    const known = reasons.filter((reason) => KNOWN.some((text) => reason.endsWith(text)));
    const fresh = reasons.filter((reason) => !known.includes(reason));
    if (known.length) console.log(`    known, and not counted: ${known.length} × ${known[0]}`);
    for (const reason of fresh.slice(0, REASONS_SHOWN)) console.log(`    ${reason}`);
    if (fresh.length > REASONS_SHOWN) console.log(`    … and ${fresh.length - REASONS_SHOWN} more`);
    console.log(`${fresh.length ? 'not ok' : 'ok'} ${name}`);
    if (fresh.length) failed++;
}

// Reasons by kind and check, as pages come in.
const rows = new Map();
function tally(kind, check, url, reasons) {
    const name = `${kind}: ${check}`;
    const row = rows.get(name) ?? { count: 0, reasons: [] };
    row.count++;
    row.reasons.push(...reasons.map((reason) => `${shown(url)}: ${reason}`));
    rows.set(name, row);
}

// vnu over all files in one call. → Map of file → reasons
function vnu(files) {
    return new Promise((resolve, reject) => {
        const child = spawn('java', ['-Xss8m', '-jar', vnuJar(), '--format', 'json', '--stdout', '--errors-only',
            '--exit-zero-always', ...files]);
        let out = '', err = '';
        child.stdout.on('data', (piece) => { out += piece; });
        child.stderr.on('data', (piece) => { err += piece; });
        child.on('error', reject);
        child.on('close', () => {
            try {
                const found = new Map(files.map((file) => [file, []]));
                for (const { url, lastLine, message, extract } of JSON.parse(out).messages)
                    found.get(url.replace(/^file:/, '')).push(`line ${lastLine}: ${message} [${(extract ?? '').trim().slice(0, 120)}]`);
                resolve(found);
            } catch (e) {
                reject(new Error(`vnu: ${e.message}: ${out.slice(0, 300)} ${err.slice(0, 600)}`));
            }
        });
    });
}

// Each of `work`, by as many tabs as there are.
async function share(tabs, work, one) {
    const queue = [...work];
    await Promise.all(tabs.map(async (tab) => {
        for (let next = queue.shift(); next; next = queue.shift()) await one(tab, next);
    }));
}

const site = new Site(base);
const browser = await launch(site);
try {
    const tabs = [];
    for (let n = 0; n < TABS; n++)
        tabs.push({ rich: await Tab.open(browser, site), plain: await Tab.open(browser, site, { script: false }) });
    const parser = await (await browser.newContext()).newPage();

    // ---- what links lead to, and the errors that a reader can meet
    const answers = await crawl(site, parser, paths);
    const editions = editionsOf(answers.keys());
    const pages = [...answers.values()].filter((answer) => answer.form === 'html' && answer.text && !answer.location)
        .map((answer) => ({ url: answer.url, answer }));
    for (const [path, how] of [...[...editions].map((edition) => [`${edition}/no-such-page`, {}]),
        ['/', { method: 'POST', body: 'x' }], ['/', { body: 'x' }], ['/', { host: 'elsewhere.example' }]]) {
        const answer = await site.ask(new URL(path, site.home).href, how);
        answer.read = await parser.evaluate(readHtml, answer);
        pages.push({ url: answer.url, answer, stands: answer });
    }
    for (const page of pages) page.kind = kindOf(page.answer, editions);
    say(`${answers.size} addresses, ${pages.length} pages, editions at ${[...editions].map((path) => path || '/').join(' ')}`);
    for (const wanted of KINDS_WANTED)
        claim(`there is a page of the kind ${wanted}`, pages.some(({ kind }) => kind.startsWith(`${wanted}, `)) ? [] : ['none was found']);

    // ---- a few of each kind, for what takes longer
    const chosen = SAMPLES.map(([stories, others]) => sample(pages, (kind) => (kind.startsWith('story') ? stories : others)))
        .find((some, n) => some.length <= SAMPLE_PAGES_MAX || n === SAMPLES.length - 1);

    // A browser asks for an icon, whether the page names one or not.
    const icon = await site.ask(new URL('/favicon.ico', site.home).href);
    claim('there is an icon', icon.status === 200 || chosen.every(({ answer }) => answer.read.hasIcon) ? [] : [`/favicon.ico: ${icon.status}`]);

    // ---- by their text
    mkdirSync(`${scratch}/vnu`, { recursive: true });
    const subject = pages.find(({ kind }) => kind.startsWith('story'));
    const spoilt = mutants(subject.answer);
    const toValidate = [...[...new Set([...chosen, ...pages])].slice(0, VNU_PAGES_MAX), ...spoilt.filter(({ check }) => check === 'vnu')];
    toValidate.forEach((page, n) => {
        page.file = `${scratch}/vnu/${n}.html`;
        writeFileSync(page.file, page.text ?? page.answer.text);
    });
    const validating = vnu(toValidate.map(({ file }) => file));
    for (const { url, kind, answer } of pages) {
        tally(kind, 'one h1', url, checks.oneHeading(answer));
        tally(kind, 'language, direction, title', url, checks.languageAndDirection(answer));
        tally(kind, 'JSON-LD', url, checks.jsonLd(answer, kind.startsWith('story')));
        tally(kind, 'links answer', url, checks.linksAnswer(answer, answers, site));
        tally(kind, 'loads from its own host', url, checks.ownHostOnly(answer, site));
    }
    for (const answer of answers.values()) {
        if (answer.form !== 'xml' && answer.form !== 'json') continue;
        const { wrong, root } = answer.read;
        tally(root ?? answer.type, 'well-formed', answer.url, wrong ? [wrong] : []);
        tally(root ?? answer.type, 'links answer', answer.url, checks.linksAnswer(answer, answers, site));
    }

    // ---- in the browser
    say(`${chosen.length} of them in Chromium ${browser.version()}: ${chosen.map(({ url }) => shown(url)).join(' ')}`);
    await share(tabs, chosen, async ({ rich, plain }, page) => {
        for (const found of [await checks.asItComes(rich, page), await checks.accessible(rich), await checks.fits(rich),
            await checks.byKeyboard(rich, page), await checks.withoutScript(rich, plain, page),
            page.kind.startsWith('story') ? await checks.reports(rich, page) : {}]) {
            for (const [check, reasons] of Object.entries(found)) tally(page.kind, NAMES[check], page.url, reasons);
        }
    });
    say(`looked at; the largest layout shift is ${Math.max(...tabs.map(({ rich }) => rich.shiftMost)).toFixed(4)}`);
    const validity = await validating;
    for (const { url, kind, file } of pages) if (file) tally(kind, 'valid HTML', url, validity.get(file));
    for (const [name, { count, reasons }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) claim(`${name} (${count})`, reasons);

    // ---- can each check fail?
    await share(tabs, spoilt, async (tab, mutant) => {
        mutant.reasons = mutant.check === 'vnu' ? validity.get(mutant.file)
            : await spoil(mutant, { site, parser, tab, answers, url: subject.url });
    });
    for (const { name, reason, reasons } of spoilt)
        claim(`a spoilt page is caught: ${name}`, reasons.some((text) => text.includes(reason)) ? []
            : [`wanted "${reason}"`, ...reasons.map((text) => `got ${text}`)]);
    say('done');
} finally {
    await browser.close();
}
process.exitCode = failed ? 1 : 0;
