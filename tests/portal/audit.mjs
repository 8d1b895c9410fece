// Walks the public pages of returns in a real browser: by keyboard, with scripts off, in French and
// English, on a phone of 360 pixels and on a desktop. Every page is audited with axe-core, must fit
// its width and show where the focus is. Screenshots go to out/portal. Starts its own stack: the
// command after `--`, e.g. `node audit.mjs -- target/debug/colibri`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'out/portal');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browserPath = process.env.COLIBRI_CHROMIUM ?? '/usr/bin/chromium';
const command = process.argv.slice(process.argv.indexOf('--') + 1);
// Parcels are handed over within minutes, and the days to withdraw last longer than the walk.
const SPEED = process.env.COLIBRI_PORTAL_SPEED ?? '1000';
const PATIENCE_MS = 5 * 60_000;
const EMAIL = 'camille.exemple@example.org';
const WALKS = ['fr', 'en'].flatMap((lang) =>
  [{ lang, width: 360, height: 740 }, { lang, width: 1280, height: 900 }]);

// A photo of one grey pixel.
const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64');

if (!existsSync(browserPath)) {
  console.error(`portal-audit: no Chromium at ${browserPath}. Install one (Debian: apt-get install `
    + 'chromium) or name it in COLIBRI_CHROMIUM. Nothing was checked.');
  process.exit(1);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// --- the stack ---------------------------------------------------------------------------------

function start(data) {
  const any = '127.0.0.1:0';
  const args = ['up', '--data', data, '--speed', SPEED, '--listen', any, '--grpc', any,
    '--metrics', any];
  const child = spawn(command[0], [...command.slice(1), ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { child, text: '' };
  told.ready = new Promise((resolve, reject) => {
    const heard = (part) => {
      told.text += part;
      const word = (name) => told.text.match(new RegExp(`^${name} +(\\S+)$`, 'm'))?.[1];
      if (word('token')) {
        resolve({ url: word('REST'), tenant: word('tenant'), token: word('token') });
      }
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', (part) => { told.text += part; });
    child.on('exit', (code) => reject(new Error(`the stack ended (${code})\n${told.text}`)));
  });
  return told;
}

function order(number) {
  const price = (amount_minor) => ({ amount_minor, currency: 'EUR' });
  return {
    channel: 'api', external_id: number, number, currency: 'EUR',
    lines: [
      { sku: 'MUG-35', name: 'Mug en grès bleu, 35 cl', quantity: 2, unit_price: price(1490),
        unit_weight_g: 420 },
      { sku: 'LAMPE-2', name: 'Lampe de bureau', quantity: 1, unit_price: price(3900),
        unit_weight_g: 900 },
    ],
    ship_to: {
      name: 'Camille Exemple', lines: ['12 rue des Essais'], city: 'Lyon', postcode: '69003',
      country: 'FR', phone: '06 39 98 01 23', email: EMAIL,
    },
  };
}

async function api(stack, method, path, body) {
  const answer = await fetch(stack.url + path, {
    method,
    headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID() },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await ask();
    if (found) return found;
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

// --- the visitor -------------------------------------------------------------------------------

class Walk {
  constructor(stack, context, auditor, { lang, width, height }) {
    Object.assign(this, { stack, context, auditor, lang, width, height, count: 0, found: [] });
  }

  /** Audits the page as it is and takes its picture. */
  async look(name) {
    const page = this.page;
    const html = await page.content();
    const label = `${this.lang}-${this.width}-${String(++this.count).padStart(2, '0')}-${name}`;
    await page.screenshot({ path: join(out, `${label}.png`), fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= this.width, `${label}: ${wide} pixels wide`);
    assert.equal(await page.getAttribute('html', 'lang'), this.lang, label);
    // Scripts are off for the visitor: the auditor gets the same bytes at the same address.
    const at = await this.auditor.newPage();
    await at.setViewportSize({ width: this.width, height: this.height });
    await at.route('**/*', (route) => route.request().isNavigationRequest()
      ? route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
      : route.continue());
    await at.goto(page.url());
    await at.evaluate(axe);
    const result = await at.evaluate(() => window.axe.run(document, { runOnly: {
      type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
        'best-practice'] } }));
    await at.close();
    assert.ok(result.passes.length > 10, `${label}: axe-core has looked at nothing`);
    for (const one of result.violations) {
      const where = one.nodes.map((node) => `    ${node.html}\n      ${node.failureSummary}`);
      this.found.push(`${label}: ${one.id} (${one.impact}): ${one.help}\n${where.join('\n')}`);
    }
    return label;
  }

  /** Goes to an element with Tab, as somebody without a mouse does, and sees that it is shown. */
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
    assert.fail(`${this.lang} ${this.width}: Tab never comes to ${selector} on ${this.page.url()}`);
  }

  async type(selector, text) {
    await this.tabTo(selector);
    await this.page.keyboard.type(text);
  }

  async press(selector, key = 'Enter') {
    await this.tabTo(selector);
    await Promise.all([this.page.waitForEvent('load'), this.page.keyboard.press(key)]);
  }

  /** Chooses in a list by its first letters. */
  async choose(selector, letters, value) {
    await this.type(selector, letters);
    assert.equal(await this.page.locator(selector).inputValue(), value);
  }

  async pick(selector) {
    await this.tabTo(selector);
    await this.page.keyboard.press('Space');
    assert.ok(await this.page.locator(selector).isChecked(), selector);
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
}

const LETTERS = {
  fr: { damaged: 'Abîmé p', fit: 'Ne me' },
  en: { damaged: 'Damaged', fit: 'Does not' },
};

async function walk(stack, browser, number, size) {
  const { lang, width, height } = size;
  const context = await browser.newContext({
    viewport: { width, height }, locale: lang === 'fr' ? 'fr-FR' : 'en-GB',
    javaScriptEnabled: false, acceptDownloads: true,
  });
  const auditor = await browser.newContext({ viewport: { width, height } });
  const to = new Walk(stack, context, auditor, size);
  const page = to.page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const broken = [];
  page.on('console', (message) => {
    if (message.type() === 'error') broken.push(message.text());
  });

  // The language of the browser, the other one by its switch, and back.
  await page.goto(`${stack.url}/portal/${stack.tenant}`);
  assert.ok(page.url().endsWith(`/${lang}`), page.url());
  await to.look('find');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'skip');
  const other = lang === 'fr' ? 'en' : 'fr';
  await to.press(`a[hreflang="${other}"]`);
  assert.equal(await page.getAttribute('html', 'lang'), other);
  await to.press(`a[hreflang="${lang}"]`);

  await to.press('main button');
  await to.look('find-empty');
  await to.type('#number', 'NOBODY-1');
  await to.type('#email', EMAIL);
  await to.press('main button');
  await to.look('find-unknown');
  // The summary leads to the field.
  await to.tabTo('.summary a');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'number');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(number);
  await to.press('main button');
  await to.look('order');

  await to.press('a[href$="door=return"]');
  await to.look('items');
  await to.press('button.main');
  await to.look('items-empty');
  await to.choose('#units-1', '1', '1');
  await to.choose('#reason-1', LETTERS[lang].damaged, 'damaged_in_transit');
  await to.choose('#units-2', '1', '1');
  await to.choose('#reason-2', LETTERS[lang].fit, 'fit');
  await to.press('button.main');
  await to.look('details');
  await to.press('main button.main');
  await to.look('details-empty');
  await to.tabTo('#photos-1');
  // The window in which a file is chosen is the browser's own: what it would hand over is given.
  await page.setInputFiles('#photos-1', { name: 'photo.png', mimeType: 'image/png',
    buffer: Buffer.from('no') });
  for (const line of [1, 2]) {
    if (await page.locator(`input[name="outcome-${line}"]`).count()) {
      await to.pickRadio(`outcome-${line}`, 'refund');
    }
  }
  await to.pickRadio('way', 'code');
  await to.type('#note', lang === 'fr' ? 'La tasse est fêlée.' : 'The mug is cracked.');
  await to.press('main button.main');
  await to.look('details-no-photo');
  await to.tabTo('#photos-1');
  await page.setInputFiles('#photos-1', { name: 'photo.png', mimeType: 'image/png',
    buffer: PHOTO });
  await to.press('main button.main');
  await to.look('review');
  // The other language keeps what was told.
  await to.press('button.link[formaction]');
  assert.equal(await page.getAttribute('html', 'lang'), other);
  await to.press('button.link[formaction]');
  assert.equal(await page.getAttribute('html', 'lang'), lang);
  await to.press('main form button.main');
  await to.look('confirmed');
  const place = page.url().replace(/\?.*/, '');
  await until('the label', async () => {
    await page.goto(place);
    return page.locator('a[download]').count();
  });
  await to.look('status');
  await to.tabTo('a[download]');
  const [label] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const file = readFileSync(await label.path());
  assert.ok(file.length > 500, `the label has ${file.length} bytes`);
  if (await page.locator('input[name="postcode"]').count()) {
    await page.goto(place);
    await to.type('input[name="postcode"]', '69003');
    await page.keyboard.press('Tab');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await to.look('points');
    await page.goto(place);
  }
  await to.press('a[href*="/follow/"]');
  await to.look('follow');
  await page.goto(`${stack.url}/portal/${stack.tenant}/${lang}/items?door=withdraw`);
  await to.look('withdraw');
  await to.choose('#units-1', '1', '1');
  await to.press('button.main');
  await to.pickRadio('way', 'own');
  await to.press('main button.main');
  await to.look('withdraw-review');
  await to.press('main form button.main');
  await to.look('withdrawn');
  await to.press('form[action$="/cancel"] button');
  await to.look('cancelled');
  await page.goto(`${stack.url}/portal/${stack.tenant}/${lang}/nowhere`);
  await to.look('nothing');
  await page.goto(`${stack.url}/portal/${stack.tenant}/${lang}/order`);
  await to.press('footer button');
  await to.look('left');
  const csp = broken.filter((text) => text.includes('Content Security Policy'));
  assert.deepEqual(csp, [], 'the pages break their own policy');
  await context.close();
  await auditor.close();
  return to;
}

// --- all of it ---------------------------------------------------------------------------------

const data = mkdtempSync(join(tmpdir(), 'colibri-portal-'));
const running = start(data);
let failed = false;
let browser;
try {
  const stack = await running.ready;
  const orders = new Map();
  // Simulated carriers lose some and are late with others.
  for (let n = 1; n <= 3 * WALKS.length; n++) {
    const made = await api(stack, 'POST', '/v1/orders', order(`AUDIT-${n}`));
    orders.set(made.order_id, `AUDIT-${n}`);
  }
  const numbers = await until('parcels are handed over', async () => {
    const { parcels } = await api(stack, 'GET', '/v1/parcels?headline=delivered&limit=100');
    const there = [...orders].filter(([id]) => parcels.some((parcel) => parcel.order_id === id));
    return there.length >= WALKS.length && there.map(([, number]) => number);
  });
  // A new profile for each start, removed afterwards.
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const violations = [];
  for (const [at, size] of WALKS.entries()) {
    const done = await walk(stack, browser, numbers[at], size);
    violations.push(...done.found);
    console.log(`${size.lang} ${size.width} px: ${done.count} pages, ${done.found.length} findings`);
  }
  writeFileSync(join(out, 'violations.txt'), violations.join('\n\n'));
  assert.equal(violations.length, 0, `axe-core:\n${violations.join('\n\n')}`);
  console.log(`no accessibility violation; screenshots in ${out}`);
} catch (cause) {
  failed = true;
  console.error(cause);
} finally {
  await browser?.close().catch(() => {});
  running.child.kill('SIGINT');
  await new Promise((resolve) => {
    running.child.on('exit', resolve);
    setTimeout(() => { running.child.kill('SIGKILL'); resolve(); }, 30_000).unref();
  });
  rmSync(data, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
