// What must hold for one page. Each check returns reasons: none, if all is well. Those of a text are pure; those
// of a page run in a tab of Chromium (tab.mjs). None knows a class name of a theme.
import { focusStops, sideways, textOf } from './inside.mjs';

export const SCHEMES = ['light', 'dark'];
export const READ_AT = [390, 1440]; // where axe looks
export const WIDTHS = [320, 390, 820, 1440];
const HEIGHTS = { 320: 640, 390: 844, 410: 590, 720: 450, 820: 1180, 1440: 900 };
const RTL = /^(ar|fa|ur|he|yi|ps|sd|ug|ckb|dv)(-|$)/;

// ---- of the text alone: every HTML page -----------------------------------------------------------
export function oneHeading({ read }) {
    if (read.h1.length !== 1) return [`${read.h1.length} h1: ${read.h1.join(' | ').slice(0, 200)}`];
    return read.h1[0] ? [] : ['an empty h1'];
}

export function languageAndDirection({ read }) {
    const reasons = [];
    if (!read.lang || !/^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$/i.test(read.lang)) reasons.push(`html lang is "${read.lang}"`);
    if (!/^(ltr|rtl)$/.test(read.dir ?? '')) reasons.push(`html dir is "${read.dir}"`);
    else if ((read.dir === 'rtl') !== RTL.test((read.lang ?? '').toLowerCase())) reasons.push(`lang ${read.lang} with dir ${read.dir}`);
    if (!read.title) reasons.push('no title');
    return reasons;
}

export function jsonLd({ read, status }, isStory) {
    const reasons = [];
    if (isStory && status === 200 && !read.jsonld.length) reasons.push('a story without JSON-LD');
    for (const text of read.jsonld) {
        let data;
        try { data = JSON.parse(text); } catch (e) { reasons.push(`JSON-LD: ${e.message}`); continue; }
        for (const thing of data['@graph'] ?? [data].flat()) {
            if (!/^https?:\/\/schema\.org\/?$/.test(thing['@context'] ?? data['@context'] ?? ''))
                reasons.push('JSON-LD: no @context of schema.org');
            if (!thing['@type']) reasons.push('JSON-LD: no @type');
            else if (/Article|BlogPosting/.test(String(thing['@type'])))
                for (const name of ['headline', 'datePublished'])
                    if (!thing[name]) reasons.push(`JSON-LD: ${thing['@type']} without ${name}`);
        }
    }
    return reasons;
}

// Links of one page: each answers with 200, 301 or 302 and leads to a 200 in the end; each #name is there.
export function linksAnswer(answer, answers, site) {
    const { read, url } = answer;
    const reasons = [...read.broken ?? []];
    for (const to of new Set([...read.links, ...read.loads ?? []])) {
        if (!site.isOwn(to)) continue;
        let hash = new URL(to).hash.slice(1);
        try { hash = decodeURIComponent(hash); } catch { /* then it is meant as it stands */ }
        let target = to.split('#')[0] === url ? answer : answers.get(to.split('#')[0]);
        if (!target) { reasons.push(`${to}: was not asked`); continue; }
        if (target !== answer && ![200, 301, 302].includes(target.status)) { reasons.push(`${to}: ${target.status}`); continue; }
        for (let hops = 0; target?.location && hops < 5; hops++) target = answers.get(target.location.split('#')[0]);
        if (target && target !== answer && target.status !== 200) reasons.push(`${to}: leads to ${target.status}`);
        if (hash && hash !== 'top' && target?.form === 'html' && !hash.startsWith(':~:') && !target.read.ids.includes(hash))
            reasons.push(`${to}: there is no #${hash}`);
    }
    return reasons;
}

// What the page would load from another host.
export function ownHostOnly({ read }, site) {
    return [...new Set(read.loads)].filter((url) => !site.isOwn(url)).map((url) => `loads ${url}`);
}

// ---- in the browser --------------------------------------------------------------------------------
// The page as it comes, down to its end. → {quiet, shift}
export async function asItComes(tab, item) {
    const out = { quiet: [], shift: [] };
    await tab.show(item, { width: 390, height: HEIGHTS[390] });
    out.shift.push(...await tab.shifts('390 px'));
    await tab.throughAll();
    out.shift.push(...await tab.shifts('390 px, scrolled'));
    out.quiet.push(...await tab.noises());
    tab.text = await tab.page.evaluate(textOf);
    return out;
}

// Of the page that the tab shows. → {axe}
export async function accessible(tab) {
    const out = { axe: [] };
    for (const width of READ_AT) {
        await tab.resize(width, HEIGHTS[width]);
        for (const scheme of SCHEMES) {
            await tab.scheme(scheme);
            for (const { id, impact, nodes } of await tab.axe())
                out.axe.push(`${scheme}, ${width} px: ${id} (${impact}): ${nodes.join(' ; ')}`);
        }
    }
    await tab.scheme('light');
    return out;
}

// Of the page that the tab shows. → {sideways}
export async function fits(tab) {
    const out = { sideways: [] };
    const at = async (width, name) => {
        await tab.resize(width, HEIGHTS[width]);
        for (const reason of await tab.page.evaluate(sideways)) out.sideways.push(`${name}: ${reason}`);
    };
    for (const width of WIDTHS) await at(width, `${width} px`);
    // Zoom of the whole page is half the width in CSS pixels; zoom of the text alone is a larger rem.
    await at(720, '1440 px at 200 %');
    await at(410, '820 px at 200 %');
    await tab.textSize(2);
    await at(820, '820 px, text at 200 %');
    await tab.textSize(1);
    return out;
}

// With the keyboard alone, at a desk. → {keyboard, focus, shift}
export async function byKeyboard(tab, item) {
    const out = { keyboard: [], focus: [], shift: [] };
    await tab.show(item, { width: 1440, height: HEIGHTS[1440] });
    out.shift.push(...await tab.shifts('1440 px'));
    await tab.page.keyboard.press('Tab');
    const first = await tab.page.evaluate(() => {
        const node = document.activeElement, href = node?.getAttribute('href') ?? '';
        const target = href.startsWith('#') ? document.getElementById(href.slice(1)) : null;
        const box = node.getBoundingClientRect();
        return { href, name: `<${node?.localName}> "${(node?.textContent ?? '').trim().slice(0, 40)}"`,
            hasTarget: Boolean(target), holdsH1: Boolean(target?.closest('main') || target?.querySelector('h1')),
            seen: box.width > 20 && box.height > 10 && box.left >= 0 && box.top >= 0 &&
                box.right <= innerWidth && box.bottom <= innerHeight };
    });
    if (!first.href.startsWith('#')) out.keyboard.push(`the first stop is ${first.name}, not a skip link`);
    else {
        if (!first.hasTarget) out.keyboard.push(`the skip link leads to ${first.href}, which is not there`);
        else if (!first.holdsH1) out.keyboard.push(`the skip link leads to ${first.href}, which is not the main part`);
        if (!first.seen) out.keyboard.push('the skip link has the focus and is not in sight');
        if (first.hasTarget) {
            await tab.page.keyboard.press('Enter');
            await tab.page.keyboard.press('Tab');
            const beyond = await tab.page.evaluate((id) => {
                const target = document.getElementById(id), node = document.activeElement;
                // A page whose main part has nothing to stop at goes on behind it.
                return node === document.body || target.contains(node) ||
                    Boolean(target.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING);
            }, first.href.slice(1));
            if (!beyond) out.keyboard.push('after the skip link the next stop is before its target');
        }
    }
    out.focus.push(...await tab.page.evaluate(focusStops));
    return out;
}

// The same page in a browser that runs no script, against what asItComes() saw. → {scriptless}
export async function withoutScript(tab, plain, item) {
    const reasons = [];
    const rich = tab.text;
    await plain.show(item, { width: 390, height: HEIGHTS[390] });
    const poor = await plain.page.evaluate(textOf);
    for (const text of rich.text) if (!poor.text.includes(text)) reasons.push(`only a script shows "${text.slice(0, 80)}"`);
    for (const link of rich.links) if (!poor.links.includes(link)) reasons.push(`only a script links ${link}`);
    for (const button of poor.dead) reasons.push(`a button that does nothing without script: "${button}"`);
    reasons.push(...(await plain.page.evaluate(sideways)).map((reason) => `sideways: ${reason}`));
    reasons.push(...await plain.noises());
    return { scriptless: reasons.slice(0, 10) };
}

// What was selected goes along with a report of an error, and where it stands. → {report}
export async function reports(tab, item) {
    await tab.show(item, { width: 1440, height: HEIGHTS[1440] });
    const found = await tab.page.evaluate(async () => {
        const link = document.querySelector('.acts a[href^="mailto:"][href*="@"]'), block = document.querySelector('.text [id]');
        if (!link || !block) return null; // the edition has no address, the story no text
        const before = link.href;
        getSelection().selectAllChildren(block);
        await new Promise((resolve) => setTimeout(resolve, 100)); // the event comes with a later task
        link.addEventListener('click', (event) => event.preventDefault());
        link.click();
        return { before, after: decodeURIComponent(link.href), passage: block.innerText.trim().slice(0, 60), id: block.id };
    });
    if (!found) return { report: [] };
    const reasons = [];
    if (!/%0D%0A/i.test(found.before)) reasons.push('without script it has no room for the passage');
    if (!found.after.includes(found.passage)) reasons.push(`the passage is not in it: "${found.passage}"`);
    if (!found.after.includes(`#${found.id}`)) reasons.push(`where the passage stands is not in it: #${found.id}`);
    return { report: reasons };
}
