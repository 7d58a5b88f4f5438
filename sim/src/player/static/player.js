// The deck under the page of a recorded run: play, step, seek, speed, jumps from event to event, and the truth as ghosts.
import { state, select } from './app.js';
import { language, row } from './words.js';

const WORDS = {
  en: { play: 'Play (space)', pause: 'Pause (space)', back: 'One picture back (,)', on: 'One picture on (.)', previous: 'Previous event (p)', next: 'Next event (n)',
    truth: 'truth', truth_title: 'Show where everybody really is (g)', speed: 'Speed', seek: 'Time', seed: 'seed', lost: 'The player is gone.',
    bare: 'no unit watches: what you see is the truth' },
  zh: { play: '播放（空格）', pause: '暂停（空格）', back: '后退一帧（,）', on: '前进一帧（.）', previous: '上一事件（p）', next: '下一事件（n）',
    truth: '真值', truth_title: '显示真实位置（g）', speed: '速度', seek: '时间', seed: '种子', lost: '播放器已断开。',
    bare: '没有路侧单元：所见即真值' },
};
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16];
const word = (key) => (WORDS[language] ?? WORDS.en)[key];
const player = { deck: null, truth: [], film: null, ghosts: true, jumps: null, socket: null, told: null };
window.rsu.player = player;

const make = (tag, set = {}, ...children) => { const e = Object.assign(document.createElement(tag), set); e.append(...children); return e; };
const button = (text, act) => make('button', { type: 'button', textContent: text, onclick: act });
const send = (command) => { if (player.socket?.readyState === WebSocket.OPEN) player.socket.send(JSON.stringify(command)); };
const toggle = () => send({ do: player.deck?.playing ? 'pause' : 'play' });
const ghosts = () => { player.ghosts = !player.ghosts; texts(); };

const ui = {
  previous: button('«', () => send({ do: 'previous' })), back: button('‹', () => send({ do: 'step', by: -1 })),
  play: button('▶', toggle), on: button('›', () => send({ do: 'step', by: 1 })), next: button('»', () => send({ do: 'next' })),
  seek: make('input', { type: 'range', min: 0, max: 1, step: 0.1, value: 0, oninput: () => send({ do: 'seek', at_s: Number(ui.seek.value) }) }),
  line: make('div', { id: 'line' }), time: make('output'), mark: make('span', { id: 'mark' }),
  speed: make('select', { onchange: () => { send({ do: 'speed', times: Number(ui.speed.value) }); ui.speed.blur(); } }, ...SPEEDS.map((s) => make('option', { value: s, textContent: `${s}×` }))),
  truth: button('', ghosts),
};
ui.line.append(ui.seek);
document.body.append(make('footer', { id: 'deck' }, ui.previous, ui.back, ui.play, ui.on, ui.next, ui.line, ui.time, ui.mark, ui.speed, ui.truth));

function texts() {
  for (const key of ['previous', 'back', 'on', 'next', 'speed', 'seek']) { ui[key].title = word(key); ui[key].setAttribute('aria-label', word(key)); }
  const act = player.deck?.playing ? 'pause' : 'play';
  ui.play.textContent = act === 'pause' ? '❚❚' : '▶'; ui.play.title = word(act); ui.play.setAttribute('aria-label', word(act));
  if (player.film?.bare) document.getElementById('bare').textContent = word('bare');
  ui.truth.textContent = word('truth'); ui.truth.title = word('truth_title'); ui.truth.setAttribute('aria-pressed', player.ghosts);
}

// Without a unit the truth is drawn as a unit draws what it knows; the page keeps only what makes sense then, and follows
// the first road user of the file.
function bare(film) {
  document.body.classList.add('bare');
  player.ghosts = false;
  document.getElementById('fit').after(make('p', { id: 'bare' }));
  if (film.focus && !state.selected) { select(film.focus); state.follow = true; }
}

// What has happened up to now, newest first, beside the map.
function happened(at) {
  const marks = player.film.marks.filter((m) => m.at_s <= at + 0.05).slice(-14).reverse();
  const told = `${marks.length} ${marks[0]?.at_s} ${language}`;
  if (told === player.told) return;
  player.told = told;
  document.getElementById('events').replaceChildren(...marks.map((m) => row(m.text, `${m.at_s.toFixed(2)} s`, m.kind === 'collision' ? 'bad' : '')));
}

function filmed(film) {
  player.film = film;
  if (film.bare) bare(film);
  ui.seek.max = film.length_s;
  for (const mark of film.marks) {
    const tick = make('i', { className: mark.kind, title: mark.text });
    tick.style.left = `${100 * mark.at_s / Math.max(film.length_s, 0.1)}%`;
    ui.line.append(tick);
  }
}

function take(told) {
  if (told.error) { console.error(told.error); return; }
  const was = player.deck;
  player.deck = told.deck; player.truth = told.truth;
  state.pace = told.deck.playing ? told.deck.speed : 0;
  if (player.jumps !== null && player.jumps !== told.deck.jumps) { state.trails.clear(); state.events.length = 0; }
  player.jumps = told.deck.jumps;
  if (document.activeElement !== ui.seek || told.deck.playing) ui.seek.value = told.deck.at_s;
  ui.time.textContent = `${told.deck.at_s.toFixed(1)} / ${told.deck.end_s.toFixed(1)} s`;
  if (document.activeElement !== ui.speed) ui.speed.value = told.deck.speed;
  const last = (player.film?.marks ?? []).filter((m) => m.at_s <= told.deck.at_s + 0.05).at(-1);
  ui.mark.textContent = last ? `${last.at_s.toFixed(1)} s ${last.text}` : `${player.film?.scenario ?? ''} · ${word('seed')} ${player.film?.seed ?? ''}`;
  if (player.film?.bare) happened(told.deck.at_s);
  if (!was || was.playing !== told.deck.playing) texts();
}

// Names of those that the scenario names.
state.overlays.push((pen, px, scale, colours) => {
  if (!player.film?.bare) return;
  pen.save();
  pen.fillStyle = colours.text; pen.font = '600 12px system-ui, sans-serif'; pen.textAlign = 'center'; pen.textBaseline = 'top';
  for (const g of player.truth) if (g.name) {
    const [u, v] = px(...g.position), down = (Math.abs(Math.sin(g.yaw)) * g.size[0] + Math.abs(Math.cos(g.yaw)) * g.size[1]) * scale / 2;
    pen.fillText(g.name, u, v + Math.max(8, down) + 3);
  }
  pen.restore();
});

// Where everybody really is: a dashed outline under the unit's belief, with the direction.
state.overlays.push((pen, px, scale, colours) => {
  if (!player.ghosts) return;
  pen.save();
  pen.strokeStyle = colours.text; pen.fillStyle = colours.text; pen.lineWidth = 1.2;
  for (const g of player.truth) {
    const [u, v] = px(...g.position), [l, w] = g.size.map((m) => Math.max(m * scale, 5));
    pen.save(); pen.translate(u, v); pen.rotate(-g.yaw);
    pen.setLineDash([3, 3]); pen.globalAlpha = 0.9; pen.strokeRect(-l / 2, -w / 2, l, w);
    pen.setLineDash([]); pen.beginPath(); pen.moveTo(l / 2, 0); pen.lineTo(l / 2 + 5, 0); pen.stroke();
    pen.restore();
  }
  pen.restore();
});

const keys = { ' ': toggle, ',': () => send({ do: 'step', by: -1 }), '.': () => send({ do: 'step', by: 1 }), n: () => send({ do: 'next' }), p: () => send({ do: 'previous' }), g: () => { if (!player.film?.bare) ghosts(); } };
// Before the page's own keys: here the space bar plays and pauses.
window.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || document.getElementById('keys').open || !keys[e.key]) return;
  if (e.key === ' ' && document.activeElement?.tagName === 'BUTTON') return;
  keys[e.key](); e.preventDefault(); e.stopImmediatePropagation();
}, true);
document.getElementById('language').addEventListener('click', () => setTimeout(texts, 100));

function connect() {
  player.socket = new WebSocket(`ws://${location.host}/api/player`);
  player.socket.onmessage = (e) => take(JSON.parse(e.data));
  player.socket.onclose = () => { ui.mark.textContent = word('lost'); setTimeout(connect, 500); };
}

filmed(await (await fetch('api/film')).json());
texts();
connect();
