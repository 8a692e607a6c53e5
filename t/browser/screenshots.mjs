// screenshots.mjs SITE-URL FOLDER [PATH…], or SITE-URL --sheet FILE [PATH…]: see tools/screenshots.
import { mkdirSync, writeFileSync } from 'node:fs';
import { crawl, editionsOf, kindOf, readHtml, sample, Site } from './site.mjs';
import { launch, Tab } from './tab.mjs';

const STORIES = 4; // of an edition; one page of every other kind
const A4 = [794, 1123];
const THUMB_HEIGHT = 200;
const SHEET_BYTES_MAX = 1500000; // it may be committed
const SHOTS = [
    ...[[390, 844], [820, 1180], [1440, 900]].flatMap(([width, height]) =>
        ['light', 'dark'].map((colorScheme) => ({ name: `${width}-${colorScheme}`, width, height, media: { colorScheme } }))),
    { name: 'print', width: A4[0], height: A4[1], media: { media: 'print' } },
    { name: 'forced-colours', width: 1440, height: 900, media: { forcedColors: 'active' } },
];
const PLAIN = { media: 'screen', colorScheme: 'light', forcedColors: 'none' };

const [base, ...rest] = process.argv.slice(2);
const sheetOnly = rest[0] === '--sheet';
const [folder, ...paths] = sheetOnly ? rest.slice(1) : rest;
const sheetFile = sheetOnly ? folder : `${folder}/contact-sheet.jpg`;
const site = new Site(base);
const browser = await launch(site);
const rows = []; // of the contact sheet: {name, address, thumbs}
try {
    const parser = await (await browser.newContext()).newPage();
    const answers = await crawl(site, parser, paths);
    const editions = editionsOf(answers.keys());
    const pages = [...answers.values()].filter((answer) => answer.form === 'html' && answer.text && !answer.location)
        .map((answer) => ({ url: answer.url, answer }));
    for (const edition of editions) {
        const answer = await site.ask(new URL(`${edition}/no-such-page`, site.home).href);
        answer.read = await parser.evaluate(readHtml, answer);
        pages.push({ url: answer.url, answer });
    }
    for (const page of pages) page.kind = kindOf(page.answer, editions);
    const chosen = sample(pages, (kind) => (kind.startsWith('story') ? STORIES : 1));
    console.log(`${chosen.length} pages of ${new Set(pages.map(({ kind }) => kind)).size} kinds, each in ${SHOTS.length} ways, into ${folder}`);
    if (!sheetOnly) mkdirSync(folder, { recursive: true });
    const tab = await Tab.open(browser, site, { direct: true });
    const warm = new Set(); // languages of which the tab has the faces: who comes for the first time may read without
    const taken = new Map();
    for (const page of chosen) {
        const kind = page.kind.replace(/\/…/g, '').replace(/[^\p{L}\p{N}]+/gu, '-');
        taken.set(kind, (taken.get(kind) ?? 0) + 1);
        const name = taken.get(kind) > 1 ? `${kind}-${taken.get(kind)}` : kind;
        const thumbs = [];
        for (const [n, shot] of SHOTS.entries()) {
            await tab.page.emulateMedia({ ...PLAIN, ...shot.media });
            if (n === 0 && !warm.has(page.answer.read.lang)) await tab.show(page, shot);
            warm.add(page.answer.read.lang);
            if (n === 0) await tab.show(page, shot);
            else await tab.resize(shot.width, shot.height);
            await tab.throughAll();
            if (!sheetOnly) await tab.page.screenshot({ path: `${folder}/${name}-${shot.name}.png`, fullPage: true });
            const { data } = await tab.cdp.send('Page.captureScreenshot', { format: 'jpeg', quality: 80,
                clip: { x: 0, y: 0, width: shot.width, height: shot.height, scale: THUMB_HEIGHT / shot.height } });
            thumbs.push({ data, width: Math.round(shot.width * THUMB_HEIGHT / shot.height) });
        }
        rows.push({ name, address: decodeURI(new URL(page.url).pathname), thumbs });
        console.log(`${name}  ${page.url}`);
    }

    // ---- all first screens on one sheet
    const quote = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
    const cell = ({ data, width }) => `<td><img src="data:image/jpeg;base64,${data}" width="${width}" height="${THUMB_HEIGHT}" alt=""></td>`;
    const sheet = await browser.newPage({ viewport: { width: 1800, height: 900 } });
    await sheet.setContent(`<!doctype html><meta charset="utf-8"><style>
        body{margin:16px;background:#8a8a8a;font:13px sans-serif;width:max-content}table{border-spacing:8px 4px}
        th{text-align:start;font-weight:400}td{vertical-align:top}img{display:block}b{font-size:15px}</style>
        <table><tr>${SHOTS.map(({ name }) => `<th>${name}`).join('')}</tr>${rows.map(({ name, address, thumbs }) =>
    `<tr><th colspan="${SHOTS.length}"><b>${quote(name)}</b> <bdi>${quote(address)}</bdi></th></tr><tr>${thumbs.map(cell).join('')}</tr>`).join('')}</table>`);
    await sheet.waitForFunction(() => [...document.images].every((image) => image.complete));
    let jpeg;
    for (let quality = 80; quality >= 30 && !(jpeg?.length <= SHEET_BYTES_MAX); quality -= 10)
        jpeg = await sheet.locator('body').screenshot({ type: 'jpeg', quality });
    writeFileSync(sheetFile, jpeg);
    console.log(`${sheetFile}: ${jpeg.length} bytes`);
} finally {
    await browser.close();
}
