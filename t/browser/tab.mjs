// Chromium, and one of its tabs as the checks use it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../out/deps/browser/', import.meta.url));
const LATE_MS = 150; // pictures and fonts come later than the text: what moves then, moves for readers
// Late fonts may move a line by a pixel; a picture or a box without room moves far more.
const SHIFT_MAX = 0.005;

// Every name leads to the site's own port: a page that asks elsewhere is caught, and reaches nobody.
export async function launch(site) {
    const { chromium } = require('playwright-core');
    const base = new URL(site.base);
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync',
            '--disable-dev-shm-usage', '--hide-scrollbars', `--host-resolver-rules=MAP * ${base.hostname}:${base.port || 80}`],
    });
}
const axeSource = () => readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const vnuJar = () => require.resolve('vnu-jar/build/dist/vnu.jar');

// Runs before the page's own script.
function watch() {
    window.seenShifts = [];
    window.seenViolations = [];
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) {
            if (shift.hadRecentInput) continue;
            window.seenShifts.push([shift.value, shift.sources.slice(0, 2).map(({ node }) =>
                node ? `<${node.localName ?? 'text'}> "${node.textContent.trim().slice(0, 40)}"` : '?').join(', ')]);
        }
    }).observe({ type: 'layout-shift', buffered: true });
    document.addEventListener('securitypolicyviolation', (e) =>
        window.seenViolations.push(`Content-Security-Policy: ${e.violatedDirective} forbids ${e.blockedURI || 'inline'}`));
}

export class Tab {
    // direct: nothing stands between the tab and the site, so that it keeps faces and pictures as a reader's browser does.
    static async open(browser, site, { script = true, direct = false } = {}) {
        const tab = new Tab();
        tab.site = site;
        tab.script = script;
        tab.context = await browser.newContext({ javaScriptEnabled: script, reducedMotion: 'reduce', colorScheme: 'light' });
        if (script) await tab.context.addInitScript(watch);
        if (!direct) await tab.context.route('**/*', (route) => tab.answer(route));
        tab.page = await tab.context.newPage();
        tab.cdp = await tab.context.newCDPSession(tab.page);
        tab.axeSource = script ? axeSource() : '';
        tab.page.on('request', (request) => tab.onRequest(request));
        tab.page.on('console', (message) => tab.onConsole(message));
        tab.page.on('pageerror', (error) => tab.seen.push(`script: ${error.message}`));
        tab.seen = [];
        tab.shiftMost = 0;
        return tab;
    }

    // An item is {url}, or {url, stands} with the answer that stands for the site's.
    async answer(route) {
        const request = route.request();
        if (request.isNavigationRequest()) {
            const { stands } = this.item;
            if (!stands) return route.continue();
            const headers = { 'content-type': 'text/html; charset=utf-8' };
            if (stands.headers['content-security-policy']) headers['content-security-policy'] = stands.headers['content-security-policy'];
            return route.fulfill({ status: stands.status, headers, body: stands.text });
        }
        if (this.item.pixel && request.url().endsWith('/spoilt.png')) {
            await new Promise((done) => setTimeout(done, LATE_MS));
            return route.fulfill({ contentType: 'image/png', body: Buffer.from(this.item.pixel.split(',')[1], 'base64') });
        }
        if (['image', 'font'].includes(request.resourceType())) await new Promise((done) => setTimeout(done, LATE_MS));
        return route.continue().catch(() => {}); // the page has gone on
    }

    onRequest(request) {
        const url = request.url();
        if (/^https?:/.test(url) && !this.site.isOwn(url)) this.seen.push(`a request to another host: ${url}`);
    }

    onConsole(message) {
        if (!['error', 'warning'].includes(message.type())) return;
        const where = message.location().url;
        // That an error page answers with its error is as it should be.
        if (where === this.item?.url && /^Failed to load resource/.test(message.text())) return;
        this.seen.push(`console: ${message.text()}${where && where !== this.item?.url ? ` (${where})` : ''}`);
    }

    async show(item, size) {
        this.item = item;
        this.seen = [];
        await this.page.setViewportSize(size);
        await this.page.goto(item.url, { waitUntil: 'load', timeout: 20000 });
        await this.settle();
    }

    async settle() {
        if (this.script)
            await this.page.evaluate(async () => {
                await document.fonts.ready;
                for (let n = 0; n < 2; n++) await new Promise((done) => requestAnimationFrame(done));
            });
    }

    // Down to the end, so that what waits to be seen is loaded.
    async throughAll() {
        await this.page.evaluate(async (late) => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
                scrollTo(0, y);
                await frame();
            }
            const waiting = () => [...document.images].some((image) => !image.complete && image.checkVisibility());
            for (let n = 0; n < 40 && waiting(); n++) await new Promise((done) => setTimeout(done, late / 3));
            scrollTo(0, 0);
            await frame();
            await frame();
        }, LATE_MS);
    }

    async resize(width, height) {
        await this.page.setViewportSize({ width, height });
        await this.settle();
    }

    async scheme(colorScheme) {
        await this.page.emulateMedia({ colorScheme });
    }

    async textSize(times) {
        await this.cdp.send('Page.setFontSizes', { fontSizes: { standard: 16 * times, fixed: 13 * times } });
    }

    async noises() {
        const violations = this.script ? await this.page.evaluate(() => window.seenViolations) : [];
        return [...new Set([...this.seen, ...violations])];
    }

    async shifts(where) {
        const shifts = await this.page.evaluate(() => window.seenShifts.splice(0));
        const sum = shifts.reduce((total, [value]) => total + value, 0);
        this.shiftMost = Math.max(this.shiftMost, sum);
        if (sum <= SHIFT_MAX) return [];
        return [`${where}: ${sum.toFixed(4)}: ${shifts.map(([, what]) => what).join('; ').slice(0, 300)}`];
    }

    async axe() {
        if (!await this.page.evaluate(() => Boolean(window.axe))) await this.page.evaluate(this.axeSource);
        return this.page.evaluate(async () => {
            const found = await window.axe.run(document, { resultTypes: ['violations'], preload: false,
                rules: { 'target-size': { enabled: true } } });
            return found.violations.map(({ id, impact, nodes }) => ({ id, impact,
                nodes: nodes.slice(0, 3).map(({ html, any, all, none }) => `${html.slice(0, 120)} ${[...any, ...all, ...none][0]?.message ?? ''}`) }));
        });
    }
}
