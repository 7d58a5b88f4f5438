// Every message type with count, rate and age; a pick shows the newest one decoded, tree beside hex, the field under the
// pointer lit in both.
import { language, t } from './words.js';

const $ = (id) => document.getElementById(id);
const types = new Map(); // "direction kind" -> figures of that type
let chosen = null, shown = null, active = false, timer = null;

export function visible(yes) {
  active = yes;
  clearInterval(timer);
  if (yes) { refresh(); timer = setInterval(refresh, 1000); }
}

export const texts = () => { table(); if (shown) title(); };

// The unit's own counters are the truth; the WebSocket only tells that something new is there.
async function refresh() {
  try {
    const list = (await (await fetch('api/messages')).json()).types;
    types.clear();
    for (const one of list) types.set(`${one.direction} ${one.kind}`, { ...one, read: performance.now() });
  } catch { return; }
  table();
}

export function take(message) {
  const one = types.get(`${message.direction} ${message.kind}`);
  if (one) Object.assign(one, { id: message.id, bytes: message.bytes, age_ms: message.age_ms, ago_s: 0, read: performance.now() });
}

function table() {
  if (!active) return;
  const body = $('types').tBodies[0];
  const focused = document.activeElement?.dataset?.type;
  body.replaceChildren(...[...types].map(([name, one]) => {
    const tr = body.ownerDocument.createElement('tr');
    tr.tabIndex = 0; tr.dataset.type = name; tr.setAttribute('aria-selected', name === chosen);
    const ago = (one.ago_s ?? 0) + (performance.now() - one.read) / 1000;
    for (const text of [one.kind.toUpperCase(), t(one.direction), one.count, t('hz', { n: (one.rate_hz ?? 0).toFixed(1) }), t('ago', { s: ago.toFixed(1) }), t('bytes', { n: one.bytes }),
      one.age_ms == null ? t('static') : t('ms', { n: Math.round(one.age_ms) })]) tr.insertCell().textContent = text;
    tr.onclick = () => open(name);
    tr.onkeydown = (e) => { if (e.key === 'Enter') open(name); };
    return tr;
  }));
  if (focused) body.querySelector(`[data-type="${focused}"]`)?.focus();
}

async function open(name) {
  chosen = name;
  table();
  const reply = await fetch(`api/messages/${types.get(name).id}`);
  if (!reply.ok) return;
  shown = await reply.json();
  shown.fields ??= []; // bytes that do not decode have none; the error is shown instead
  title();
  tree();
  hex();
  $('one').hidden = false;
}

function title() {
  $('one-title').textContent = shown.error ?? t('one_message', { kind: shown.kind.toUpperCase(), direction: t(shown.direction), bytes: shown.hex.length / 2, at: new Date(shown.at).toLocaleTimeString(language, { hour12: false }) });
}

function tree() {
  $('tree').replaceChildren(...shown.fields.map((field, i) => {
    const div = document.createElement('div');
    div.setAttribute('role', 'treeitem');
    div.setAttribute('aria-level', field.depth + 1);
    div.dataset.field = i;
    div.style.paddingLeft = `${4 + field.depth * 14}px`;
    for (const [cls, text] of [['name', field.name], ['value', field.value ?? ''], ['bits', `${field.bit}+${field.bits}`]]) {
      const span = document.createElement('span'); span.className = cls; span.textContent = text; div.append(span);
    }
    div.onpointerenter = () => light(i);
    return div;
  }));
}

function hex() {
  const out = [];
  for (let byte = 0; byte < shown.hex.length / 2; byte++) {
    if (byte % 16 === 0) {
      const at = document.createElement('span'); at.className = 'at'; at.textContent = `${byte ? '\n' : ''}${byte.toString(16).padStart(4, '0')}`; out.push(at);
    }
    const span = document.createElement('span');
    span.dataset.byte = byte; span.textContent = shown.hex.slice(byte * 2, byte * 2 + 2);
    // Of the fields that touch this octet, the narrowest says most.
    span.onpointerenter = () => {
      const hit = shown.fields.map((f, i) => [f, i]).filter(([f]) => f.bits > 0 && f.bit < byte * 8 + 8 && f.bit + f.bits > byte * 8).sort((a, b) => a[0].bits - b[0].bits)[0];
      if (hit) light(hit[1], true);
    };
    out.push(span, ' ');
  }
  $('hex').replaceChildren(...out);
}

function light(i, scroll = false) {
  const field = shown.fields[i];
  for (const el of document.querySelectorAll('#one .lit')) el.classList.remove('lit');
  const row = $('tree').querySelector(`[data-field="${i}"]`);
  row.classList.add('lit');
  if (scroll) row.scrollIntoView({ block: 'nearest' });
  for (const span of $('hex').querySelectorAll('[data-byte]')) {
    const bit = span.dataset.byte * 8;
    span.classList.toggle('lit', field.bits > 0 && field.bit < bit + 8 && field.bit + field.bits > bit);
  }
}
