// A visitor without a mouse and without scripts, and the auditor who looks at each page with them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// What all must fit without moving sideways (WCAG 1.4.10), whatever the visitor has.
const NARROWEST = 320;

export class Visitor {
  /** A new one, with cookies of their own. */
  static async arrive(stack, browser, out, { lang, width, height }, name = '') {
    const context = await browser.newContext({
      viewport: { width, height }, locale: lang === 'fr' ? 'fr-FR' : 'en-GB',
      javaScriptEnabled: false, acceptDownloads: true,
    });
    const auditor = await browser.newPage({ viewport: { width, height } });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const visitor = Object.assign(new Visitor(), { stack, context, auditor, page, out, lang, width,
      height, name, count: 0, findings: [], refused: [] });
    page.on('response', (answer) => {
      if (answer.request().isNavigationRequest()) visitor.status = answer.status();
    });
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security Policy')) {
        visitor.refused.push(message.text());
      }
    });
    return visitor;
  }

  async leave() {
    assert.deepEqual(this.refused, [], 'the pages break their own policy');
    await this.context.close();
    await this.auditor.close();
  }

  base() {
    return `${this.stack.url}/portal/${this.stack.tenant}/${this.lang}`;
  }

  async go(place) {
    await this.page.goto(this.base() + place);
  }

  /** Takes the picture of the page as it is, audits it, and says at once what was found. */
  async look(name) {
    const { page, width } = this;
    const number = String(++this.count).padStart(2, '0');
    const label = [this.lang, width, ...(this.name ? [this.name] : []), number, name].join('-');
    await page.screenshot({ path: join(this.out, `${label}.png`), fullPage: true });
    const found = [...await this.read(label), ...await this.audit(label)];
    console.log(`  ${label}: ${found.length ? `${found.length} FINDINGS` : 'ok'}`);
    for (const finding of found) console.log(`    ${finding.replaceAll('\n', '\n    ')}`);
    this.findings.push(...found);
  }

  /** What axe-core does not know: language, codes instead of words, errors that lead nowhere. */
  async read(label) {
    const found = [];
    const { page, width, lang } = this;
    // Pages of our own faults are pages too: they must not pass for what was asked.
    if (this.status >= 500) found.push(`${label}: answered ${this.status}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) found.push(`${label}: ${wide} pixels wide`);
    if (await page.getAttribute('html', 'lang') !== lang) found.push(`${label}: not ${lang}`);
    const text = await page.evaluate(() => document.body.innerText);
    const codes = text.match(/\b[a-z]+(_[a-z]+)+\b/g);
    if (codes) found.push(`${label}: codes where words belong: ${codes.join(' ')}`);
    const other = lang === 'fr' ? /\b(the|your|with|return)\b/i : /\b(votre|avec|retour|les)\b/i;
    const alien = text.replace(/English|Français/g, '').match(other);
    if (alien) found.push(`${label}: a word of the other language: ${alien[0]}`);
    const lost = await page.evaluate(() => {
      const links = [...document.querySelectorAll('.summary a')];
      const leads = (link) => {
        const at = document.getElementById(link.hash.slice(1));
        return at && (at.tabIndex >= 0 || at.hasAttribute('tabindex'));
      };
      return links.filter((link) => !leads(link)).map((link) => link.hash);
    });
    if (lost.length) found.push(`${label}: errors that lead to no field: ${lost.join(' ')}`);
    return found;
  }

  /** Scripts are off for the visitor: the auditor gets the same bytes at the same address. */
  async audit(label) {
    const html = await this.page.content();
    const at = this.auditor;
    await at.unrouteAll();
    await at.route('**/*', (route) => route.request().isNavigationRequest()
      ? route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
      : route.continue());
    await at.setViewportSize({ width: NARROWEST, height: this.height });
    await at.goto(this.page.url());
    const narrow = await at.evaluate(() => document.documentElement.scrollWidth);
    const found = narrow > NARROWEST ? [`${label}: ${narrow} pixels wide of ${NARROWEST}`] : [];
    await at.setViewportSize({ width: this.width, height: this.height });
    await at.evaluate(axe);
    const result = await at.evaluate((values) =>
      window.axe.run(document, { runOnly: { type: 'tag', values } }), TAGS);
    if (result.passes.length <= 10) found.push(`${label}: axe-core has looked at nothing`);
    for (const one of result.violations) {
      const where = one.nodes.map((node) => `  ${node.html}\n    ${node.failureSummary}`);
      found.push(`${label}: axe-core: ${one.id} (${one.impact}): ${one.help}\n${where.join('\n')}`);
    }
    return found;
  }

  /** Goes to an element with Tab, and sees that the focus is shown there. */
  async tabTo(selector) {
    for (let n = 0; n < 80; n++) {
      await this.page.keyboard.press('Tab');
      const seen = await this.page.evaluate((wanted) => {
        const at = document.activeElement;
        if (!at?.matches(wanted)) return null;
        const style = getComputedStyle(at);
        return { outline: parseFloat(style.outlineWidth), kind: style.outlineStyle };
      }, selector);
      if (seen) {
        assert.ok(seen.outline >= 2 && seen.kind !== 'none', `${selector}: no visible focus`);
        return;
      }
    }
    const { lang, width, page } = this;
    const text = await page.evaluate(() => document.body.innerText);
    assert.fail(`${lang} ${width}: Tab never comes to ${selector} on ${page.url()}\n${text}`);
  }

  async type(selector, text) {
    await this.tabTo(selector);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async press(selector, key = 'Enter') {
    await this.tabTo(selector);
    await Promise.all([this.page.waitForEvent('load'), this.page.keyboard.press(key)]);
  }

  /** Chooses in a list by its first letters. */
  async choose(selector, letters, value) {
    await this.tabTo(selector);
    await this.page.keyboard.type(letters);
    assert.equal(await this.page.locator(selector).inputValue(), value);
  }

  /** Radio buttons are one stop of Tab; arrows move between them. */
  async pickRadio(name, value) {
    await this.tabTo(`input[name="${name}"]`);
    await this.page.keyboard.press('Space');
    const wanted = this.page.locator(`input[name="${name}"][value="${value}"]`);
    for (let n = 0; n < 6 && !(await wanted.isChecked()); n++) {
      await this.page.keyboard.press('ArrowDown');
    }
    assert.ok(await wanted.isChecked(), `${name}=${value}`);
  }

  /** Files are chosen in a window of the browser's own: what it would hand over is given. */
  async file(selector, data) {
    await this.tabTo(selector);
    await this.page.setInputFiles(selector,
      { name: 'photo.png', mimeType: 'image/png', buffer: data });
  }

  /** Saves what a link leads to. */
  async save(selector) {
    await this.tabTo(selector);
    const [saved] = await Promise.all(
      [this.page.waitForEvent('download'), this.page.keyboard.press('Enter')]);
    return { name: saved.suggestedFilename(), data: readFileSync(await saved.path()) };
  }

  async shows(text) {
    const seen = await this.page.evaluate(() => document.body.innerText);
    assert.ok(seen.includes(text), `"${text}" is not on ${this.page.url()}\n${seen}`);
  }

  /** What the page says, without what was typed and without what each answer has of its own. */
  async said(...typed) {
    const main = await this.page.evaluate(() => document.querySelector('main').outerHTML);
    const plain = main.replace(/name="token" value="[^"]*"/g, '');
    return typed.reduce((text, word) => text.replaceAll(`value="${word}"`, 'value=""'), plain);
  }
}
