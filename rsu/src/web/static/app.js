// The page's one state, its one WebSocket, and the header. Live and Messages draw from `state`.
import { language, speak, t, nameOf, row } from './words.js';
import * as live from './live.js';
import * as messages from './messages.js';

export const state = {
  status: null, map: null, world: null, worldAt: 0, heardAt: 0, held: false, tab: 'live', selected: null, follow: false,
  layers: { trails: true, ellipses: true, lanes: true }, trails: new Map(), events: [], onAir: new Set(),
  pace: 1, overlays: [], // a player of recorded runs sets its speed and draws more
};
window.rsu = { state, drawn: live.drawn, view: live.view };
const $ = (id) => document.getElementById(id);
const show = (tab) => {
  state.tab = tab;
  for (const name of ['live', 'messages']) {
    $(name).hidden = name !== tab;
    $(`tab-${name}`).setAttribute('aria-selected', name === tab);
    $(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
  }
  messages.visible(tab === 'messages');
  remember();
};

// The URL holds tab, language and object, so that a link in a ticket opens the same view.
function remember() {
  const q = new URLSearchParams({ tab: state.tab, lang: language });
  if (state.selected) q.set('object', state.selected);
  history.replaceState(null, '', `#${q}`);
}

function header() {
  const s = state.status;
  if (!s) return;
  document.title = `${s.unit} · ${s.fit ? t('speaking') : t('silent')}`;
  $('unit').textContent = s.unit;
  $('site').textContent = s.name ?? '';
  $('fit').classList.toggle('silent', !s.fit);
  $('fit-word').textContent = s.fit ? t('speaking') : t('silent');
  $('fit-why').textContent = s.fit ? '' : (s.reasons ?? []).map(reason).join(' · ');
  const ms = (n) => (n == null ? '–' : t('ms', { n: Math.round(n) }));
  $('age-p50').textContent = ms(s.age.all.p50_ms);
  $('age-p99').textContent = ms(s.age.all.p99_ms);
  $('age-budget').textContent = s.age.budget_ms ? t('budget', { ms: Math.round(s.age.budget_ms) }) : '';
  const near = s.link.neighbours;
  $('neighbours').textContent = near.length ? t('neighbours', { list: near.join(', ') }) : t('no_neighbours');
  $('sensors').replaceChildren(...((s.sensors ?? []).length
    ? s.sensors.map((x) => row(x.id, x.fault ?? t('sensor_fine', { rate: (x.rate_hz ?? 0).toFixed(1), age: x.age_ms == null ? '–' : Math.round(x.age_ms) }), x.fault ? 'bad' : ''))
    : [row(t('no_sensors'), '', 'none')]));
}

const reason = (r) => `${t(r.reason === 'sensors' ? 'sensors_reason' : r.reason)}: ${r.detail ?? ''}`;

function happened(e) {
  const words = {
    warning_raised: () => t(e.event, { kind: t(e.warning.kind), key: nameOf(e.warning.key) }),
    warning_cleared: () => t(e.event, { id: e.id }),
    track_confirmed: () => t(e.event, { class: t(e.class), key: nameOf(e.key) }),
    track_ended: () => t(e.event, { key: nameOf(e.key) }),
    handed_over: () => t(e.event, { key: nameOf(e.key), from: e.from }),
    neighbour_up: () => t(e.event, { unit: e.unit }),
    neighbour_lost: () => t(e.event, { unit: e.unit }),
    fitness: () => (e.reasons.length ? t('became_silent', { why: e.reasons.map(reason).join(' · ') }) : t('fit_again')),
  }[e.event];
  if (!words) return;
  state.events.unshift([new Date(e.at), words]);
  state.events.length = Math.min(state.events.length, 14);
  events();
}

function events() {
  $('events').replaceChildren(...state.events.map(([at, words]) => row(words(), at.toLocaleTimeString(language, { hour12: false }))));
}

function aside() {
  const list = state.world?.warnings ?? [];
  $('warnings').replaceChildren(...(list.length ? list.map((w) => row(t(w.kind), nameOf(w.key), 'bad')) : [row(t('no_warnings'), '', 'none')]));
  live.card($('object'));
}

function take(message) {
  state.heardAt = performance.now();
  if (message.type === 'status') { state.status = message; header(); }
  if (message.type === 'event') happened(message);
  if (message.type === 'message') messages.take(message);
  if (message.type === 'world' && !state.held) {
    state.world = message.world;
    state.worldAt = performance.now();
    // The unit tells how old its picture was when it left, so that clocks need not agree.
    state.worldAgeMs = message.age_ms ?? 0;
    live.remember(state);
    aside();
  }
}

function connect() {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`);
  socket.onmessage = (e) => take(JSON.parse(e.data));
  socket.onopen = async () => { state.heardAt = performance.now(); state.map = await get('api/map'); };
  socket.onclose = () => setTimeout(connect, 500);
}

const get = async (path) => { try { const r = await fetch(path); return r.ok ? await r.json() : null; } catch { return null; } };

// Never a frozen picture: a lost unit is a full-width bar within a second.
function watchdog() {
  const s = (performance.now() - state.heardAt) / 1000;
  const gone = state.heardAt > 0 && s > 0.8;
  document.body.classList.toggle('lost', gone);
  $('lost').hidden = !gone;
  if (gone) $('lost').textContent = t('lost', { s: s.toFixed(0) });
}

export function select(key) { state.selected = key; remember(); aside(); }

const keys = {
  ' ': () => { state.held = !state.held; }, f: () => { state.follow = !state.follow; },
  t: () => { state.layers.trails = !state.layers.trails; }, e: () => { state.layers.ellipses = !state.layers.ellipses; },
  l: () => { state.layers.lanes = !state.layers.lanes; }, 0: () => live.fit(), 1: () => show('live'), 2: () => show('messages'),
  '?': () => $('keys').showModal(),
};

document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $('keys').open) return;
  // Tab steps through road users only while the map has the focus and there is a next one: the keyboard is never trapped.
  if (e.key === 'Tab' && document.activeElement === $('map') && live.step(e.shiftKey ? -1 : 1)) { e.preventDefault(); return; }
  if (e.key === ' ' && document.activeElement?.tagName === 'BUTTON') return;
  if (keys[e.key]) { keys[e.key](); e.preventDefault(); }
});

function texts() {
  const list = ['space', 'tab', 'shift_tab', 'f', 't', 'e', 'l', '0', '12', 'help'];
  const caps = { space: 'space', tab: 'tab', shift_tab: 'shift-tab', 12: '1 2', help: '?' };
  $('key-list').replaceChildren(...list.flatMap((k) => {
    const dt = document.createElement('dt'), dd = document.createElement('dd');
    dt.textContent = caps[k] ?? k; dd.textContent = t(`key_${k}`);
    return [dt, dd];
  }));
  header(); events(); aside(); messages.texts(); live.legend($('legend'));
}

$('help').onclick = () => $('keys').showModal();
$('language').onclick = async () => { await speak(language === 'en' ? 'zh' : 'en'); texts(); remember(); };
$('tab-live').onclick = () => show('live');
$('tab-messages').onclick = () => show('messages');

const q = new URLSearchParams(location.hash.slice(1));
state.selected = q.get('object');
await speak(q.get('lang') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'));
live.start($('map'), $('stale'), state, select);
texts();
show(q.get('tab') === 'messages' ? 'messages' : 'live');
connect();
setInterval(watchdog, 200);
