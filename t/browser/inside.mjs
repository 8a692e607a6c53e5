// Functions that run inside a page of the browser; each must stand alone.

// What sticks out at a side: scrolling, and text that is cut off because nothing scrolls.
export function sideways() {
    const root = document.documentElement, wide = root.clientWidth, reasons = [];
    const name = (node) => `<${node.localName}> "${node.textContent.trim().replace(/\s+/g, ' ').slice(0, 50)}"`;
    const scrolls = (node) => {
        for (let up = node.parentElement; up && up !== document.body && up !== root; up = up.parentElement) {
            const style = getComputedStyle(up);
            if (/auto|scroll/.test(style.overflowX)) return true;
            const box = up.getBoundingClientRect(); // for screen readers only
            if (style.overflowX !== 'visible' && box.width <= 2) return true;
        }
        return false;
    };
    const out = [];
    for (const node of document.body.querySelectorAll('*')) {
        if (node.closest('svg') && node.localName !== 'svg') continue;
        const box = node.getBoundingClientRect();
        if (box.width <= 2 || box.height <= 2) continue;
        const after = box.right - wide, before = -box.left;
        // What is wholly outside was put there: a skip link, until it has the focus.
        if ((after > 1 && box.left < wide) || (before > 1 && box.right > 0)) out.push([Math.max(after, before), node]);
    }
    const outermost = out.filter(([, node]) => !scrolls(node)).sort((a, b) => b[0] - a[0]);
    const innermost = outermost.filter(([, node]) => !outermost.some(([, other]) => other !== node && node.contains(other)));
    if (root.scrollWidth > wide)
        reasons.push(`${root.scrollWidth} px wide in ${wide}: ${innermost.slice(0, 2)
            .map(([by, node]) => `${name(node)} by ${Math.round(by)} px`).join(', ')}`);
    else
        for (const [by, node] of innermost.slice(0, 2))
            if (node.textContent.trim()) reasons.push(`${name(node)} is cut off by ${Math.round(by)} px`);
    return reasons;
}

// Every stop of the keyboard: has it a focus that can be seen? The last input was the keyboard's.
export function focusStops() {
    const looks = ['outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'backgroundColor', 'borderTopColor',
        'borderBottomColor', 'borderBottomWidth', 'textDecorationLine', 'textDecorationThickness', 'textDecorationColor', 'color'];
    const look = (node) => { const s = getComputedStyle(node); return looks.map((key) => s[key]); };
    const reasons = [];
    const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, audio[controls], video[controls], [tabindex]')]
        .filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }) &&
            !node.closest('[inert]'));
    for (const node of stops) {
        const name = `<${node.localName}> "${(node.textContent.trim() || node.getAttribute('aria-label') || '').slice(0, 40)}"`;
        document.activeElement?.blur();
        const before = look(node);
        node.focus();
        if (document.activeElement !== node) { reasons.push(`${name} does not take the focus`); continue; }
        const after = look(node), s = getComputedStyle(node);
        const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1 && !/^rgba\(.*, 0\)$|^transparent$/.test(s.outlineColor);
        if (!outlined && after.slice(3).every((value, n) => value === before[n + 3])) reasons.push(`${name}: its focus cannot be seen`);
        const box = node.getBoundingClientRect();
        if (box.right <= 0 || box.bottom + scrollY <= 0 || box.width * box.height < 1) reasons.push(`${name} has the focus out of sight`);
    }
    if (!stops.length) reasons.push('nothing to stop at');
    return reasons;
}

// What is shown and linked, and buttons with nothing behind them. Times and the clock are the script's to change.
export function textOf() {
    const shown = (node) => node.checkVisibility({ visibilityProperty: true });
    const main = document.querySelector('main') ?? document.body;
    const text = [...main.querySelectorAll('h1, h2, h3, p, li, td, th, blockquote, figcaption, dd, dt')]
        .filter((node) => shown(node) && !node.querySelector('p, li, time, [role=status], button') && !node.closest('[role=status]'))
        .map((node) => node.textContent.trim().replace(/\s+/g, ' ')).filter(Boolean);
    const links = [...document.querySelectorAll('a[href]')].filter(shown).map((node) => node.href);
    const dead = [...document.querySelectorAll('button, [role=button]')]
        .filter((node) => shown(node) && !(node.form && node.type === 'submit') && !node.hasAttribute('popovertarget') &&
            !node.hasAttribute('commandfor'))
        .map((node) => node.textContent.trim() || node.getAttribute('aria-label') || '?');
    return { text, links, dead };
}
