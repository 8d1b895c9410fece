// Walks the public pages of returns in a real browser: by keyboard, with scripts off, in French and
// English, on a phone of 360 pixels and on a desktop. Every page is audited with axe-core, must fit
// its width and show where the focus is. Screenshots go to out/portal. Starts its own stack: the
// command after `--`, e.g. `node audit.mjs -- target/debug/colibri`.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { EMAIL, api, ask, order, putRules, start, stop, until } from './stack.mjs';
import { Visitor } from './visitor.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'out/portal');
const browserPath = process.env.COLIBRI_CHROMIUM ?? '/usr/bin/chromium';
const command = process.argv.slice(process.argv.indexOf('--') + 1);
// Parcels are handed over within minutes; the days to withdraw last longer than the walk, and a
// parcel on its way back is not scanned before its label was looked at.
const SPEED = process.env.COLIBRI_PORTAL_SPEED ?? '600';
const STRANGER = 'somebody.else@example.org';
const WALKS = ['fr', 'en'].flatMap((lang) =>
  [{ lang, width: 360, height: 740 }, { lang, width: 1280, height: 900 }]);
// Simulated carriers lose some parcels and are late with others.
const ORDERS = 3 * WALKS.length;

// A photo of one grey pixel.
const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64');

const SAID = {
  fr: { damaged: 'Abîmé p', fit: 'Ne me', note: 'La tasse est fêlée.', box: 'Écrasé d’un côté.',
    over: 'Le délai de retour est dépassé.', returned: 'Déjà retourné.',
    dropped: 'Le colis a été déposé.', small: 'Trop p', wish: 'Le même en 50 cl.',
    asked: 'échange demandé', due: 'À payer par vous', paid: 'Payé par vous',
    sent: 'l’article de remplacement est parti' },
  en: { damaged: 'Damaged', fit: 'Does not', note: 'The mug is cracked.', box: 'Crushed on a side.',
    over: 'The time to return it is over.', returned: 'Already returned.',
    dropped: 'The parcel was dropped off.', small: 'Too s', wish: 'The same of 50 cl.',
    asked: 'exchange asked for', due: 'To be paid by you', paid: 'Paid by you',
    sent: 'the replacement was sent' },
};

/** Who is wrong about their order learns nothing: neither that it is there nor what is wrong. */
async function identify(to, number) {
  const { page, lang } = to;
  // The language of the browser, the other one by its switch, and back.
  await page.goto(`${to.stack.url}/portal/${to.stack.tenant}`);
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

  const answers = [];
  for (const [wanted, email] of [['NOBODY-1', EMAIL], [number, STRANGER], ['OTHER-1', EMAIL]]) {
    await to.go('');
    await to.type('#number', wanted);
    await to.type('#email', email);
    await to.press('main button');
    answers.push(await to.said(wanted, email));
    if (wanted !== 'OTHER-1') await to.look(wanted === number ? 'find-email' : 'find-unknown');
  }
  assert.equal(answers[1], answers[0], 'a wrong e-mail is told from an unknown order');
  assert.equal(answers[2], answers[0], 'the order of another is told from an unknown one');
  // The summary leads to the field.
  await to.tabTo('.summary a');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'number');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(number);
  await to.press('main button');
  await to.look('order');
}

async function choose(to) {
  const said = SAID[to.lang];
  await to.press('a[href$="door=return"]');
  await to.shows(said.over);
  await to.look('items');
  await to.press('button.main');
  await to.look('items-empty');
  await to.go('/details?door=return&units-1=9&reason-1=fit');
  await to.look('items-too-many');
  await to.go('/items?door=return');
  await to.choose('#units-1', '1', '1');
  await to.choose('#reason-1', said.damaged, 'damaged_in_transit');
  await to.choose('#units-2', '1', '1');
  await to.choose('#reason-2', said.fit, 'fit');
  await to.press('button.main');
  await to.look('details');
  await to.press('main button.main');
  await to.look('details-empty');
  await to.pickRadio('outcome-1', 'refund');
  await to.type('#answer-1-box_state', said.box);
  await to.file('#photos-1', Buffer.from('<html>no photo</html>'));
  await to.pickRadio('outcome-2', 'refund');
  await to.pickRadio('way', 'code');
  await to.type('#note', said.note);
  await to.type('#parcels', '3');
  await to.press('main button.main');
  await to.look('details-no-photo');
  await to.type('#parcels', '1');
  await to.file('#photos-1', PHOTO);
  await to.press('main button.main');
  await to.look('review');
  // The other language keeps what was told.
  await to.press('button.link[formaction]');
  assert.notEqual(await to.page.getAttribute('html', 'lang'), to.lang);
  await to.press('button.link[formaction]');
  await to.shows(said.note);
  await to.press('main form button.main');
  await to.look('confirmed');
}

/** The label, the places that take it, the code: once, and never again. */
async function send(to) {
  const { page, stack } = to;
  const place = page.url().replace(/\?.*/, '');
  const id = place.split('/').pop();
  const told = async () => JSON.stringify(await api(stack, 'GET', `/v1/returns/${id}`), null, 1);
  await until('the label', async () => {
    await page.goto(place);
    return page.locator('a[href*="/label/"]').count();
  }, told);
  const code = await page.locator('.qr .code').innerText();
  await to.look('label');
  const label = await to.save('a[href*="/label/"]');
  assert.ok(label.data.length > 500, `the label has ${label.data.length} bytes`);
  await to.press('section form button');
  await to.look('points-empty');
  await to.type('input[name="postcode"]', '69003');
  await to.type('input[name="city"]', 'Lyon');
  await to.press('section form button');
  assert.ok(await page.locator('.points > li').count() > 0, 'no drop-off point');
  await to.look('points');
  const chosen = await page.locator('.points > li strong').first().innerText();
  await to.press('.points > li:first-child form button');
  await to.shows(chosen);
  const { drop_off: point } = await api(stack, 'GET', `/v1/returns/${id}`);
  assert.equal(point.name, chosen, 'the point that was chosen is not kept');
  await to.look('point-chosen');
  const scan = (at) => ask(stack, 'POST', '/v1/drop-offs',
    { code, place_ref: at, receipt: `receipt-${at}` });
  const first = await scan('counter-1');
  assert.equal(first.status, 200, first.text);
  const again = await scan('counter-2');
  assert.ok(again.status >= 400 && again.text.includes('RET0010'), `a code twice: ${again.text}`);
  const { signals } = await api(stack, 'GET', `/v1/returns/${id}`);
  assert.ok(signals.some((signal) => signal.code === 'F05'), 'nobody is told of the second scan');
  await page.goto(place);
  await to.shows(SAID[to.lang].dropped);
  assert.equal(await page.locator('.qr').count(), 0, 'a spent code is shown');
  await to.look('dropped');
  await to.press('a[href*="/follow/"]');
  const followed = await page.evaluate(() => document.body.innerText);
  assert.ok(!followed.includes('Lampe') && !followed.includes(code), followed);
  await to.look('follow');
}

async function withdraw(to) {
  const { page } = to;
  await to.go('/items?door=return');
  await to.shows(SAID[to.lang].returned);
  await to.look('items-returned');
  await to.go('/order');
  await to.look('order-again');
  await to.press('a[href$="door=withdraw"]');
  await to.look('withdraw');
  await to.choose('#units-1', '1', '1');
  await to.press('button.main');
  await to.pickRadio('way', 'own');
  await to.press('main button.main');
  await to.look('withdraw-review');
  await to.press('main form button.main');
  await to.look('withdrawn');
  const kept = await to.save('a[href$="/confirmation"]');
  assert.ok(kept.data.subarray(0, 5).equals(Buffer.from('%PDF-')), kept.name);
  writeFileSync(join(out, `${to.lang}-${to.width}-${kept.name}`), kept.data);
  await page.emulateMedia({ media: 'print' });
  await to.look('withdrawn-on-paper');
  await page.emulateMedia({ media: 'screen' });
  await to.press('form[action$="/cancel"] button');
  await to.look('cancelled');
  await relay(to);
  await exchange(to);
  await to.go('/nowhere');
  await to.look('nothing');
  await to.go('/order');
  await to.press('footer button');
  await to.look('left');
}

/** Back by a carrier whose label names the point: it is chosen before, or the label would not fit. */
async function relay(to) {
  const { page, stack } = to;
  const { accounts } = await api(stack, 'GET', '/v1/carrier-accounts');
  await putRules(stack, accounts.find(({ carrier }) => carrier === 'mondial_relay').account_id);
  await to.go('/items?door=return');
  await to.choose('#units-4', '1', '1');
  await to.choose('#reason-4', SAID[to.lang].fit, 'fit');
  await to.press('button.main');
  await to.pickRadio('outcome-4', 'refund');
  await to.pickRadio('way', 'label');
  await to.press('main button.main');
  await to.look('relay');
  await to.press('button[name="find"]');
  await to.look('relay-empty');
  await to.type('#near', '69003');
  await to.type('#town', 'Lyon');
  await to.press('button[name="find"]');
  await to.look('relay-points');
  await to.press('button[name="chosen"]');
  await to.look('relay-none-chosen');
  await to.press('button[name="find"]');
  await to.tabTo('input[name="point"]');
  await page.keyboard.press('Space');
  const chosen = await page.locator('input[name="point"]:checked + label').innerText();
  await to.press('button[name="chosen"]');
  await to.shows(chosen);
  await to.look('relay-review');
  await to.press('main form button.main');
  await to.look('relay-asked');
  const place = page.url().replace(/\?.*/, '');
  const id = place.split('/').pop();
  const kept = () => api(stack, 'GET', `/v1/returns/${id}`);
  assert.equal((await kept()).drop_off.name, chosen, 'the point that was chosen is not kept');
  await until('the label', async () => {
    await page.goto(place);
    return page.locator('a[href*="/label/"]').count();
  }, async () => JSON.stringify(await kept(), null, 1));
  await to.shows(chosen);
  await to.look('relay-label');
  await putRules(stack);
}

/** Something else instead of money: chosen with words, then followed until it has left. */
async function exchange(to) {
  const { page, stack } = to;
  const said = SAID[to.lang];
  await to.go('/items?door=return');
  await to.choose('#units-1', '1', '1');
  await to.choose('#reason-1', said.small, 'size_small');
  await to.press('button.main');
  await to.look('exchange-details');
  await to.pickRadio('outcome-1', 'exchange');
  await to.pickRadio('way', 'own');
  await to.press('main button.main');
  await to.look('exchange-no-wish');
  await to.type('#answer-1-exchange_for', said.wish);
  await to.press('main button.main');
  await to.shows(said.wish);
  await to.look('exchange-review');
  await to.press('main form button.main');
  await to.shows(said.asked);
  await to.look('exchange-asked');
  const place = page.url().replace(/\?.*/, '');
  const id = place.split('/').pop();
  const act = (step, body) => api(stack, 'POST', `/v1/returns/${id}/${step}`, body);
  const see = async (text, name) => {
    await page.goto(place);
    await to.shows(text);
    await to.look(name);
  };
  await act('exchanges',
    { line: 1, units: 1, sku: 'MUG-50', price_minor: 1890, mode: 'after_receipt' });
  await see(said.due, 'exchange-due');
  await act('difference', { exchange: 1, amount_minor: 400, state: 'paid' });
  await see(said.paid, 'exchange-paid');
  await act('receive', { counted: [{ line: 1, units: 1 }] });
  const replaces = order(`SWAP-${to.lang}-${to.width}`);
  const { order_id } = await api(stack, 'POST', '/v1/orders', replaces);
  await act('replacement', { exchange: 1, replacement_order_id: order_id });
  await see(said.sent, 'exchange-sent');
  await to.press('a[href*="/follow/"]');
  const followed = await page.evaluate(() => document.body.innerText);
  assert.ok(!followed.includes('Mug') && !followed.includes('MUG-50'), followed);
  await to.look('exchange-follow');
  await page.goto(place);
}

/** Guessing ends soon; a visit that is over and a form of nobody say so. */
async function refused(to) {
  await to.go('/order');
  await to.look('over');
  await to.type('#number', `GUESS-${to.lang}`);
  await to.type('#postcode', '69003');
  let tries = 0;
  do {
    await to.press('main button');
    tries += 1;
  } while (await to.page.locator('#postcode').count() && tries < 30);
  assert.ok(tries > 3 && tries < 30, `${tries} tries`);
  await to.look('too-many');
  await to.go('');
  await to.context.clearCookies();
  await to.type('#number', 'AUDIT-1');
  await to.type('#email', EMAIL);
  await to.press('main button');
  await to.look('form-of-nobody');
}

async function orders(stack) {
  await putRules(stack);
  const made = new Map();
  for (let n = 1; n <= ORDERS; n++) {
    const { order_id } = await api(stack, 'POST', '/v1/orders', order(`AUDIT-${n}`));
    made.set(order_id, `AUDIT-${n}`);
  }
  await api(stack, 'POST', '/v1/orders', order('OTHER-1', STRANGER));
  console.log(`${ORDERS} orders are on their way, at ${SPEED} times the speed of time`);
  return until('parcels that were handed over', async () => {
    const { parcels } = await api(stack, 'GET', '/v1/parcels?headline=delivered&limit=100');
    const there = [...made].filter(([id]) => parcels.some((parcel) => parcel.order_id === id));
    return there.length >= WALKS.length && there.map(([, number]) => number);
  });
}

async function walks(stack, browser) {
  const findings = [];
  const numbers = await orders(stack);
  for (const [at, size] of WALKS.entries()) {
    console.log(`${size.lang}, ${size.width} pixels, order ${numbers[at]}`);
    const to = await Visitor.arrive(stack, browser, out, size);
    await identify(to, numbers[at]);
    await choose(to);
    await send(to);
    await withdraw(to);
    await to.leave();
    const guest = await Visitor.arrive(stack, browser, out, size, 'refused');
    if (size.width < 1000) await refused(guest);
    await guest.leave();
    findings.push(...to.findings, ...guest.findings);
  }
  return findings;
}

if (!command.length || !existsSync(browserPath)) {
  console.error(command.length
    ? `portal-audit: no Chromium at ${browserPath}. Install one (Debian: apt-get install chromium) `
      + 'or name it in COLIBRI_CHROMIUM. Nothing was checked.'
    : 'portal-audit: the command that starts Colibri is missing after `--`');
  process.exit(1);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'colibri-portal-'));
const running = start(command, root, data, SPEED);
let failed = true;
let browser;
try {
  const stack = await running.ready;
  // A new profile for each start, removed afterwards.
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const findings = await walks(stack, browser);
  writeFileSync(join(out, 'findings.txt'), findings.join('\n\n'));
  failed = findings.length > 0;
  console.log(failed ? `portal-audit: ${findings.length} findings, also in ${out}/findings.txt`
    : `no accessibility violation; screenshots in ${out}`);
} catch (cause) {
  console.error(`portal-audit: ${cause.message}\n${cause.stack}`);
} finally {
  writeFileSync(join(out, 'stack.log'), running.text.replace(/^token .*$/m, 'token'));
  await browser?.close().catch(() => {});
  await stop(running);
  rmSync(data, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
