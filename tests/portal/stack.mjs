// A whole Colibri for the audit: real servers and services, simulated carriers, one merchant.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';

export const EMAIL = 'camille.exemple@example.org';
const PATIENCE_MS = 10 * 60_000;

/** Starts `colibri up` with its data in a folder; `ready` resolves to its addresses. */
export function start(command, cwd, data, speed) {
  const any = '127.0.0.1:0';
  const args = ['up', '--data', data, '--speed', speed, '--listen', any, '--grpc', any,
    '--metrics', any];
  const env = {
    ...process.env,
    // One visitor plays many here: what one address may try is tested where it can be counted.
    COLIBRI_GATEWAY__PORTAL_ADDRESS_TRIES: '10000',
    // What is looked at is the pages, not how soon a busy machine has them.
    COLIBRI_GATEWAY__REQUEST_TIMEOUT_MS: '60000',
    COLIBRI_KIT__RPC__DEADLINE_DEFAULT_MS: '50000',
    COLIBRI_KIT__RPC__PEER_TIMEOUT_MS: '40000',
    COLIBRI_KIT__DB__ACQUIRE_TIMEOUT_MS: '20000',
  };
  const child = spawn(command[0], [...command.slice(1), ...args],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { child, text: '' };
  told.ready = new Promise((resolve, reject) => {
    const word = (name) => told.text.match(new RegExp(`^${name} +(\\S+)$`, 'm'))?.[1];
    child.stdout.on('data', (part) => {
      told.text += part;
      if (word('token')) {
        resolve({ url: word('REST'), tenant: word('tenant'), token: word('token') });
      }
    });
    child.stderr.on('data', (part) => { told.text += part; });
    child.on('error', reject);
    const end = () => told.text.trimEnd().split('\n').slice(-5).join('\n');
    child.on('exit', (code) => reject(new Error(`the stack ended (${code})\n${end()}`)));
  });
  return told;
}

/** Ends it, by force when it does not end by itself. */
export async function stop({ child }) {
  if (child.exitCode !== null) return;
  child.kill('SIGINT');
  const force = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await new Promise((resolve) => child.on('exit', resolve));
  clearTimeout(force);
}

/** Calls the API as the merchant's operator; the status and what was answered. */
export async function ask(stack, method, path, body) {
  const answer = await fetch(stack.url + path, {
    method,
    headers: { authorization: `Bearer ${stack.token}`, 'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID() },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text) };
}

/** The same for what must succeed. */
export async function api(stack, method, path, body) {
  const answer = await ask(stack, method, path, body);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json();
}

/** Asks each second until there is an answer; `told` says at the end what there was instead. */
export async function until(what, question, told = async () => '') {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await question();
    if (found) return found;
    if (Date.now() >= end) assert.fail(`waited in vain for ${what}\n${await told()}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

// The rules that come with Colibri, with a question, a fee, a credit, and goods of the window that
// are taken back on the day of delivery only, but for what the law gives.
const RULE = `window_days = WINDOW
send_days = 90
return_cost = "buyer"
trigger = "on_inspection"
refund_days = 14
fee = 250
outcomes = ["refund", "credit", "exchange"]
questions = { damaged_in_transit = ["box_state"] }
executors = ["restock", "refurbish", "recycle", "returned_to_buyer"]
`;

/** Rules of the merchant, who may have a carrier account of their own for the way back. */
export async function putRules(stack, returnAccount = '') {
  const { toml } = await api(stack, 'GET', '/v1/return-policies');
  const law = toml.slice(toml.indexOf('[legal_days]')).split('[settings]')[0];
  const rules = `[[versions]]
from = "2000-01-01T00:00:00Z"

[[versions.rules]]
${RULE.replace('WINDOW', '365')}
[[versions.rules]]
categories = ["window"]
${RULE.replace('WINDOW', '0')}
${law}
[settings]
return_account = "${returnAccount}"
[goods."VASE-9"]
category = "window"
`;
  await api(stack, 'POST', '/v1/return-policies', { toml: rules });
}

export function order(number, email = EMAIL) {
  const price = (amount_minor) => ({ amount_minor, currency: 'EUR' });
  return {
    channel: 'api', external_id: number, number, currency: 'EUR',
    lines: [
      { sku: 'MUG-35', name: 'Mug en grès bleu, 35 cl', quantity: 2, unit_price: price(1490),
        unit_weight_g: 420 },
      { sku: 'LAMPE-2', name: 'Lampe de bureau', quantity: 1, unit_price: price(3900),
        unit_weight_g: 900 },
      { sku: 'VASE-9', name: 'Vase d’exposition', quantity: 1, unit_price: price(2500),
        unit_weight_g: 700 },
      { sku: 'CARAFE-1', name: 'Carafe d’un litre', quantity: 1, unit_price: price(1900),
        unit_weight_g: 800 },
    ],
    ship_to: {
      name: 'Camille Exemple', lines: ['12 rue des Essais'], city: 'Lyon', postcode: '69003',
      country: 'FR', phone: '06 39 98 01 23', email,
    },
  };
}
