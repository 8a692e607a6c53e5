// Pages spoilt on purpose, one fault each: every check must catch its own, for the right reason.
import * as checks from './checks.mjs';
import { readHtml, readXml } from './site.mjs';

const PIXEL = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

// answer: a story's. → [{name, check, reason, text, open}]; open: without Content-Security-Policy.
export function mutants(answer) {
    const { text } = answer;
    const into = (what) => text.replace(/<main[^>]*>/, (main) => `${main}\n${what}`);
    const first = (what) => text.replace(/<body[^>]*>/, (body) => `${body}\n${what}`);
    const html = (change) => text.replace(/<html[^>]*>/, change);
    const styled = (style, what = '') => into(what).replace('</head>', `<style>${style}</style></head>`);
    return [
        { name: 'a div in a p', check: 'vnu', reason: 'No “p” element in scope', text: into('<p><div>x</div></p>') },
        { name: 'two h1', check: 'oneHeading', reason: '2 h1', text: into('<h1>Another</h1>') },
        { name: 'no h1', check: 'oneHeading', reason: '0 h1', text: text.replace(/<(\/?)h1/g, '<$1h2') },
        { name: 'no language', check: 'languageAndDirection', reason: 'html lang is "null"', text: html('<html dir="ltr">') },
        { name: 'no direction', check: 'languageAndDirection', reason: 'html dir is "null"', text: html('<html lang="en">') },
        { name: 'the wrong direction', check: 'languageAndDirection', reason: 'lang ar with dir ltr', text: html('<html lang="ar" dir="ltr">') },
        { name: 'JSON-LD with a comma too many', check: 'jsonLd', reason: 'JSON-LD: ',
            text: into('<script type="application/ld+json">{"@context":"https://schema.org","@type":"Thing",}</script>') },
        { name: 'an article without its date', check: 'jsonLd', reason: 'without datePublished',
            text: into('<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"x"}</script>') },
        { name: 'a link to nothing', check: 'linksAnswer', reason: '/no-such-page: 404', text: into('<p><a href="/no-such-page">x</a></p>') },
        { name: 'a name that is not there', check: 'linksAnswer', reason: 'there is no #nowhere', text: into('<p><a href="#nowhere">x</a></p>') },
        { name: 'a picture from elsewhere', check: 'ownHostOnly', reason: 'loads http://elsewhere.example/x.png',
            text: into('<img src="http://elsewhere.example/x.png" alt="x" width="9" height="9">') },
        { name: 'a feed with a bare &', check: 'xml', reason: 'error', text: '<rss><channel><title>Fish & chips</title></channel></rss>' },
        { name: 'a style that the policy forbids', check: 'quiet', reason: 'Content-Security-Policy', text: into('<p style="color:red">x</p>') },
        { name: 'a script that throws', check: 'quiet', reason: 'script: spoilt', open: true, text: into('<script>throw Error("spoilt")</script>') },
        { name: 'a picture that is not there', check: 'quiet', reason: 'console: Failed to load',
            text: into('<img src="/no-such.png" alt="x" width="9" height="9">') },
        { name: 'a request to elsewhere', check: 'quiet', reason: 'another host: http://elsewhere.example/x.png', open: true,
            text: into('<img src="http://elsewhere.example/x.png" alt="x" width="9" height="9">') },
        { name: 'a picture without room', check: 'shift', reason: '390 px: 0.', open: true,
            text: into(`<img src="/spoilt.png" alt="x" style="width:300px;height:auto">`), pixel: PIXEL },
        { name: 'a picture without alt', check: 'axe', reason: 'light, 390 px: image-alt', open: true, text: into(`<img src="${PIXEL}" width="9" height="9">`) },
        { name: 'ink too dark for the dark', check: 'axe', reason: 'dark, 1440 px: color-contrast', text: into('<p><font color="#444444">Too dark a text</font></p>') },
        { name: 'a table too wide for phones', check: 'sideways', reason: '320 px: ', open: true, text: styled('#spoilt{min-width:700px}', '<table id="spoilt"><tr><td>x</td></tr></table>') },
        { name: 'a line cut off', check: 'sideways', reason: 'is cut off', open: true,
            text: styled('html,body{overflow-x:clip}', '<p style="white-space:nowrap;width:60rem">This line goes on and on</p>') },
        { name: 'too wide at 200 % only', check: 'sideways', reason: '1440 px at 200 %: ', open: true,
            text: styled('@media(min-width:700px) and (max-width:740px){#spoilt{width:50rem}}', '<p id="spoilt">x</p>') },
        { name: 'too wide with large text only', check: 'sideways', reason: '820 px, text at 200 %: ', open: true,
            text: styled('@media(min-width:800px) and (max-width:840px){#spoilt{width:30rem}}', '<p id="spoilt">x</p>') },
        { name: 'a stop before the skip link', check: 'keyboard', reason: 'not a skip link', text: first('<a href="/">x</a>') },
        { name: 'a skip link to nothing', check: 'keyboard', reason: 'which is not there', text: first('<a href="#nothing">x</a>') },
        { name: 'a skip link that nobody sees', check: 'keyboard', reason: 'not in sight', open: true,
            text: first('<a href="#spoilt" style="position:absolute;left:-999px">x</a>')
                .replace(/<main[^>]*>/, '<main id="spoilt">') },
        { name: 'no focus to be seen', check: 'focus', reason: 'its focus cannot be seen', open: true, text: styled('*:focus{outline:0!important}') },
        { name: 'a report without its script', check: 'report', reason: 'the passage is not in it',
            text: text.replace(' data-report=""', '') },
        { name: 'a button without its script', check: 'scriptless', reason: 'does nothing without script', text: into('<button type="button">Copy</button>') },
        { name: 'a text that only a script writes', check: 'scriptless', reason: 'only a script shows "Written late"', open: true,
            text: into('<script>document.currentScript.parentNode.insertAdjacentHTML("beforeend","<p>Written late</p>")</script>') },
    ];
}

// → the reasons that the mutant's own check gives.
export async function spoil(mutant, { site, parser, tab, answers, url }) {
    if (mutant.check === 'xml') return [(await parser.evaluate(readXml, { text: mutant.text, url: site.home })).wrong ?? ''];
    const read = await parser.evaluate(readHtml, { text: mutant.text, url });
    const answer = { url, status: 200, form: 'html', read };
    const known = new Map(answers);
    known.set(url, answer);
    known.set(new URL('/no-such-page', site.home).href, { status: 404 });
    const headers = mutant.open ? {} : answers.get(url).headers;
    const item = { url, stands: { status: 200, headers, text: mutant.text }, pixel: mutant.pixel };
    switch (mutant.check) {
        case 'quiet': case 'shift':
            return (await checks.asItComes(tab.rich, item))[mutant.check];
        case 'axe': case 'sideways':
            await tab.rich.show(item, { width: 390, height: 844 });
            return (await (mutant.check === 'axe' ? checks.accessible : checks.fits)(tab.rich))[mutant.check];
        case 'keyboard': case 'focus':
            return (await checks.byKeyboard(tab.rich, item))[mutant.check];
        case 'scriptless':
            await checks.asItComes(tab.rich, item);
            return (await checks.withoutScript(tab.rich, tab.plain, item)).scriptless;
        case 'jsonLd':
            return checks.jsonLd(answer, true);
        case 'report':
            return (await checks.reports(tab.rich, item)).report;
        case 'linksAnswer':
            return checks.linksAnswer(answer, known, site);
        case 'ownHostOnly':
            return checks.ownHostOnly(answer, site);
        default:
            return checks[mutant.check](answer);
    }
}
