// The crossing from above: lanes from the unit's own map, road users with class, heading, accuracy and trail, signals with
// countdown. East is right, north is up; the only frame here is the unit's `enu`, metres.
import { t, nameOf } from './words.js';

const LETTER = { car: 'C', truck: 'T', bus: 'B', motorcycle: 'M', bicycle: 'b', pedestrian: 'P', unknown: '?' };
const LIGHT = { red: '#e5484d', flashing_red: '#e5484d', yellow: '#f5c542', flashing_yellow: '#f5c542', protected_green: '#3ecf6b',
  permissive_green: '#3ecf6b', flashing_green: '#3ecf6b', dark: '#444b53', unknown: '#8a929a' };
const CHI95 = Math.sqrt(5.991); // 95 % of a two-dimensional Gaussian
const TRAIL_MS = 3000;
const REACH_M = 72; // half the stretch of road that the first view shows
const AHEAD_MS = 200; // objects move on by their own velocity for at most this long between two pictures

const cam = { x: 0, y: 0, scale: 4, auto: true };
let canvas, pen, note, state, pick, ratio = 1, colours = {}, painted = [];

export const view = () => ({ ...cam, width: canvas.clientWidth, height: canvas.clientHeight, ratio });
export const drawn = () => painted;
const px = (x, y) => [canvas.clientWidth / 2 + (x - cam.x) * cam.scale, canvas.clientHeight / 2 - (y - cam.y) * cam.scale];
const metres = (u, v) => [cam.x + (u - canvas.clientWidth / 2) / cam.scale, cam.y - (v - canvas.clientHeight / 2) / cam.scale];

export function start(element, stale, shared, select) {
  canvas = element; note = stale; state = shared; pick = select; pen = canvas.getContext('2d');
  new ResizeObserver(() => { if (cam.auto) fit(); }).observe(canvas);
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', readColours);
  readColours();
  let from = null;
  canvas.addEventListener('pointerdown', (e) => { from = [e.offsetX, e.offsetY, cam.x, cam.y]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener('pointermove', (e) => {
    if (!from || Math.hypot(e.offsetX - from[0], e.offsetY - from[1]) < 4) return;
    cam.auto = false; state.follow = false;
    cam.x = from[2] - (e.offsetX - from[0]) / cam.scale; cam.y = from[3] + (e.offsetY - from[1]) / cam.scale;
  });
  canvas.addEventListener('pointerup', (e) => {
    if (from && Math.hypot(e.offsetX - from[0], e.offsetY - from[1]) < 4) choose(e.offsetX, e.offsetY);
    from = null;
  });
  canvas.addEventListener('wheel', (e) => {
    e.preventDefault();
    cam.auto = false;
    const [x, y] = metres(e.offsetX, e.offsetY);
    cam.scale = Math.min(60, Math.max(0.4, cam.scale * Math.exp(-e.deltaY * 0.0015)));
    const [x2, y2] = metres(e.offsetX, e.offsetY);
    cam.x += x - x2; cam.y += y - y2;
  }, { passive: false });
  requestAnimationFrame(frame);
}

function readColours() {
  const css = getComputedStyle(document.documentElement);
  for (const name of ['ground', 'road', 'paint', 'text', 'quiet', 'warning', 'focus', ...Object.keys(LETTER)]) colours[name] = css.getPropertyValue(`--${name}`).trim();
}

export function legend(list) {
  list.replaceChildren(...Object.keys(LETTER).filter((c) => c !== 'unknown').map((c) => {
    const li = document.createElement('li'), i = document.createElement('i');
    i.textContent = LETTER[c]; i.style.background = `var(--${c})`;
    li.append(i, t(c));
    return li;
  }));
}

// The crossing and some 70 m of each road; a farther lane is there by dragging or zooming out.
export function fit() {
  cam.auto = true;
  const all = (state.map?.links ?? []).flatMap((l) => l.lanes.flatMap((a) => a.centreline)), mouths = mouth();
  const middle = (k) => mouths.reduce((sum, p) => sum + p[k], 0) / (mouths.length || 1);
  const [cx, cy] = mouths.length ? [middle(0), middle(1)] : [0, 0];
  const near = (v, c) => Math.max(c - REACH_M, Math.min(c + REACH_M, v));
  const xs = all.map((p) => near(p[0], cx)), ys = all.map((p) => near(p[1], cy));
  if (!all.length) { xs.push(-REACH_M, REACH_M); ys.push(-REACH_M, REACH_M); }
  const [x1, x2, y1, y2] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  cam.x = (x1 + x2) / 2; cam.y = (y1 + y2) / 2;
  cam.scale = Math.max(1.2, Math.min(canvas.clientWidth / (x2 - x1 + 4), canvas.clientHeight / (y2 - y1 + 4), 14));
  // Wide screens show more of the road along, tall ones across; neither leaves most of the picture empty.
  cam.scale = Math.max(cam.scale, Math.min(canvas.clientWidth, canvas.clientHeight) / (1.3 * REACH_M));
}

// Where roads meet the crossing: ends of lanes that go on, and starts of those they lead to.
function mouth() {
  const links = state.map?.links ?? [];
  return links.flatMap((l) => l.lanes.flatMap((lane) => (lane.connections ?? []).flatMap((c) => {
    const to = links.find((x) => x.name === c.to_link)?.lanes.find((x) => x.id === c.to_lane);
    return to ? [lane.centreline.at(-1), to.centreline[0]] : [lane.centreline.at(-1)];
  })));
}

// Convex hull, counter-clockwise (Andrew's monotone chain).
function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list) => list.reduce((h, p) => {
    while (h.length > 1 && (h.at(-1)[0] - h.at(-2)[0]) * (p[1] - h.at(-2)[1]) - (h.at(-1)[1] - h.at(-2)[1]) * (p[0] - h.at(-2)[0]) <= 0) h.pop();
    h.push(p);
    return h;
  }, []);
  return sorted.length < 3 ? sorted : [...half(sorted).slice(0, -1), ...half(sorted.reverse()).slice(0, -1)];
}

export function remember(shared) {
  const now = performance.now(), alive = new Set();
  for (const track of shared.world.tracks) {
    const key = nameOf(track.key);
    alive.add(key);
    const trail = shared.trails.get(key) ?? [];
    trail.push([now, track.position[0], track.position[1]]);
    while (trail.length && now - trail[0][0] > TRAIL_MS) trail.shift();
    shared.trails.set(key, trail);
  }
  for (const key of shared.trails.keys()) if (!alive.has(key)) shared.trails.delete(key);
}

// The next road user in the order of their keys; false past the last one, so that Tab leaves the map.
export function step(by) {
  const keys = (state.world?.tracks ?? []).map((x) => nameOf(x.key));
  const next = keys.indexOf(state.selected) + by;
  const from = state.selected && keys.includes(state.selected) ? next : by > 0 ? 0 : keys.length - 1;
  if (from < 0 || from >= keys.length) { pick(null); return false; }
  pick(keys[from]);
  return true;
}

function choose(u, v) {
  const hit = painted.map((p) => [Math.hypot(p.u - u, p.v - v), p.key]).sort((a, b) => a[0] - b[0])[0];
  pick(hit && hit[0] < 28 ? hit[1] : null);
}

export function card(box) {
  const track = (state.world?.tracks ?? []).find((x) => nameOf(x.key) === state.selected);
  if (!track) { box.textContent = t('no_object'); return; }
  const speed = Math.hypot(...track.velocity), [a, b] = ellipse(track);
  const heading = ((90 - track.yaw * 180 / Math.PI) % 360 + 360) % 360;
  const rows = [
    [t(track.class), nameOf(track.key)], [t('speed'), `${speed.toFixed(1)} m/s · ${(speed * 3.6).toFixed(0)} km/h`], [t('heading'), `${heading.toFixed(0)}°`],
    [t('position'), `E ${track.position[0].toFixed(1)} · N ${track.position[1].toFixed(1)} m`], [t('accuracy'), `± ${(CHI95 * a).toFixed(2)} × ${(CHI95 * b).toFixed(2)} m`],
    [t('size'), `${track.size.length_m.toFixed(1)} × ${track.size.width_m.toFixed(1)} m`], [t('exists'), track.existence.toFixed(2)],
    [t('seen'), track.sensing.map((s) => t(s)).join(' + ')], [t('seen_ago'), t('ms', { n: Math.max(0, Math.round(new Date(state.world.at) - new Date(track.last_seen))) })],
  ];
  const dl = document.createElement('dl');
  for (const [k, v] of rows) { const dt = document.createElement('dt'), dd = document.createElement('dd'); dt.textContent = k; dd.textContent = v; dl.append(dt, dd); }
  box.replaceChildren(dl);
}

// Half axes (m) and direction of one standard deviation, from the covariance's east-north block.
function ellipse(track) {
  const c = track.covariance.flat(2), a = c[0], b = c[1], d = c[5];
  const mean = (a + d) / 2, root = Math.hypot((a - d) / 2, b);
  return [Math.sqrt(Math.max(0, mean + root)), Math.sqrt(Math.max(0, mean - root)), 0.5 * Math.atan2(2 * b, a - d)];
}

function line(points) {
  pen.beginPath();
  points.forEach(([x, y], i) => { const [u, v] = px(x, y); if (i) pen.lineTo(u, v); else pen.moveTo(u, v); });
}

function stroke(points, colour, width, dash = []) {
  line(points); pen.strokeStyle = colour; pen.lineWidth = width; pen.setLineDash(dash); pen.stroke(); pen.setLineDash([]);
}

function frame() {
  requestAnimationFrame(frame);
  ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (!w || !h) return;
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  if (state.map && state.mapDrawn !== state.map) { state.mapDrawn = state.map; if (cam.auto) fit(); }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = colours.ground; pen.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  const since = performance.now() - state.worldAt;
  const age = state.world ? since * state.pace + (state.worldAgeMs ?? 0) : 0;
  const old = !state.held && Math.max(age, state.world ? since : 0) > 500 * Math.max(1, state.pace);
  if (state.follow) { const f = (state.world?.tracks ?? []).find((x) => nameOf(x.key) === state.selected); if (f) [cam.x, cam.y] = f.position; }
  pen.lineCap = 'round'; pen.lineJoin = 'round';
  if (state.layers.lanes) lanes();
  if (state.world) { road_users(old, age); warnings(); for (const draw of state.overlays) draw(pen, px, cam.scale, colours); }
  signals();
  north_and_scale();
  note.hidden = !(old || state.held || (state.map === null && state.status));
  if (!note.hidden) note.textContent = state.held ? t('held') : old ? t('stale', { s: (age / 1000).toFixed(1) }) : t('no_map');
}

function lanes() {
  const links = state.map?.links ?? [];
  pen.lineCap = 'butt';
  if (state.paved?.of !== state.map) state.paved = { of: state.map, area: hull(mouth()) };
  if (state.paved.area.length > 2 && links.length > 2) { line(state.paved.area); pen.fillStyle = colours.road; pen.fill(); }
  for (const link of links) for (const lane of link.lanes) for (const c of lane.connections ?? []) stroke(connection(lane, c, links), colours.road, lane.width_m * 0.96 * cam.scale);
  for (const link of links) for (const lane of link.lanes) stroke(lane.centreline, colours.road, lane.width_m * cam.scale);
  for (const walk of state.map?.crosswalks ?? []) {
    stroke(walk.centreline, colours.road, walk.width_m * cam.scale);
    stroke(walk.centreline, colours.paint, walk.width_m * 0.92 * cam.scale, [0.45 * cam.scale, 0.55 * cam.scale]);
  }
  for (const link of links) for (const lane of link.lanes) {
    for (const side of [-1, 1]) stroke(beside(lane.centreline, side * lane.width_m / 2), colours.paint, 1, [2 * cam.scale, 3 * cam.scale]);
    if ((lane.connections ?? []).length) {
      const [a, b] = lane.centreline.slice(-2), d = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1, n = [-(b[1] - a[1]) / d, (b[0] - a[0]) / d], half = lane.width_m / 2 - 0.15;
      stroke([[b[0] + n[0] * half, b[1] + n[1] * half], [b[0] - n[0] * half, b[1] - n[1] * half]], colours.text, Math.max(2, 0.4 * cam.scale));
    }
  }
  pen.lineCap = 'round';
}

function connection(lane, c, links) {
  if ((c.path ?? []).length > 1) return c.path;
  const to = links.find((l) => l.name === c.to_link)?.lanes.find((l) => l.id === c.to_lane);
  return to ? [lane.centreline.at(-1), to.centreline[0]] : [];
}

function beside(points, offset) {
  return points.map((p, i) => {
    const a = points[Math.max(0, i - 1)], b = points[Math.min(points.length - 1, i + 1)], d = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    return [p[0] - (b[1] - a[1]) / d * offset, p[1] + (b[0] - a[0]) / d * offset];
  });
}

function road_users(old, age) {
  painted = [];
  const ahead = state.held ? 0 : Math.min(age, AHEAD_MS) / 1000;
  for (const track of state.world.tracks) {
    const key = nameOf(track.key), colour = old ? colours.unknown : colours[track.class];
    const [x, y] = [track.position[0] + track.velocity[0] * ahead, track.position[1] + track.velocity[1] * ahead];
    const [u, v] = px(x, y), speed = Math.hypot(...track.velocity);
    if (state.layers.trails) {
      const trail = state.trails.get(key) ?? [];
      if (trail.length > 1) { pen.globalAlpha = 0.45; stroke([...trail.map((p) => [p[1], p[2]]), [x, y]], colour, 2); pen.globalAlpha = 1; }
    }
    if (state.layers.ellipses) {
      const [a, b, angle] = ellipse(track);
      pen.beginPath(); pen.ellipse(u, v, CHI95 * a * cam.scale, CHI95 * b * cam.scale, -angle, 0, 7);
      pen.strokeStyle = colour; pen.lineWidth = 1; pen.globalAlpha = 0.8; pen.stroke(); pen.globalAlpha = 0.12; pen.fillStyle = colour; pen.fill(); pen.globalAlpha = 1;
    }
    if (speed > 0.5) arrow(u, v, track.velocity, speed, colour);
    body(u, v, track, colour, key === state.selected);
    painted.push({ key, class: track.class, x, y, u, v, colour });
  }
}

function arrow(u, v, velocity, speed, colour) {
  const reach = speed * cam.scale, [du, dv] = [velocity[0] / speed, -velocity[1] / speed], [eu, ev] = [u + du * reach, v + dv * reach];
  pen.strokeStyle = colour; pen.lineWidth = 1.5; pen.beginPath(); pen.moveTo(u, v); pen.lineTo(eu, ev);
  pen.moveTo(eu - 6 * du + 4 * dv, ev - 6 * dv - 4 * du); pen.lineTo(eu, ev); pen.lineTo(eu - 6 * du - 4 * dv, ev - 6 * dv + 4 * du); pen.stroke();
}

function body(u, v, track, colour, chosen) {
  const small = track.class === 'pedestrian';
  const l = Math.max(track.size.length_m * cam.scale, small ? 9 : 12), w = Math.max(track.size.width_m * cam.scale, small ? 9 : 7);
  pen.save(); pen.translate(u, v); pen.rotate(-track.yaw);
  pen.fillStyle = colour; pen.beginPath();
  if (small) pen.arc(0, 0, w / 2, 0, 7);
  else pen.roundRect(-l / 2, -w / 2, l, w, Math.min(3, w / 3));
  pen.fill();
  if (!small) { pen.fillStyle = colours.ground; pen.globalAlpha = 0.35; pen.fillRect(l / 2 - l * 0.28, -w / 2 + 1, l * 0.14, w - 2); pen.globalAlpha = 1; }
  if (chosen) { pen.strokeStyle = colours.focus; pen.lineWidth = 2; pen.strokeRect(-l / 2 - 4, -w / 2 - 4, l + 8, w + 8); }
  pen.restore();
  pen.fillStyle = colours.text; pen.font = '700 11px ui-monospace, monospace'; pen.textAlign = 'left'; pen.textBaseline = 'middle';
  if (cam.scale > 2.2 || chosen) pen.fillText(`${LETTER[track.class]}${track.key.serial}`, u + Math.max(l, w) / 2 + 5, v - 9);
}

function warnings() {
  for (const warning of state.world.warnings) {
    const [u, v] = px(...warning.position), r = Math.max(16, 2.5 * cam.scale);
    pen.strokeStyle = colours.warning; pen.lineWidth = 3; pen.setLineDash([7, 5]); pen.beginPath(); pen.arc(u, v, r, 0, 7); pen.stroke(); pen.setLineDash([]);
    const text = `! ${t(warning.kind)}`;
    pen.font = '600 12px system-ui, sans-serif'; pen.textAlign = 'center'; pen.textBaseline = 'middle';
    const width = pen.measureText(text).width + 14;
    pen.fillStyle = colours.warning; pen.fillRect(u - width / 2, v - r - 24, width, 18); pen.fillStyle = '#fff'; pen.fillText(text, u, v - r - 15);
  }
}

// One head per signal group and approach, beside the stop line; the number is the seconds until it changes.
function signals() {
  const groups = new Map((state.world?.signals ?? []).map((g) => [g.id, g]));
  if (!groups.size || !state.map) return;
  const at = new Date(state.world.at).getTime() + (performance.now() - state.worldAt) * state.pace;
  const heads = [];
  for (const link of state.map.links) for (const lane of link.lanes) {
    const ids = [...new Set((lane.connections ?? []).map((c) => c.signal_group).filter((g) => g != null))];
    ids.forEach((id, i) => { const [a, b] = lane.centreline.slice(-2), d = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1; heads.push([id, b[0] + (b[0] - a[0]) / d * (1.3 + 1.6 * i), b[1] + (b[1] - a[1]) / d * (1.3 + 1.6 * i)]); });
  }
  for (const walk of state.map.crosswalks ?? []) if (walk.signal_group != null) heads.push([walk.signal_group, ...walk.centreline[0]]);
  for (const [id, x, y] of heads) {
    const group = groups.get(id);
    if (!group) continue;
    const [u, v] = px(x, y), r = Math.max(4, 0.7 * cam.scale);
    pen.fillStyle = '#0b0e11'; pen.beginPath(); pen.arc(u, v, r + 2, 0, 7); pen.fill();
    const flash = group.light.startsWith('flashing') && Math.floor(performance.now() / 400) % 2;
    pen.fillStyle = flash ? '#30363d' : LIGHT[group.light]; pen.beginPath(); pen.arc(u, v, r, 0, 7); pen.fill();
    const left = group.until ? Math.max(0, (new Date(group.until).getTime() - at) / 1000) : null;
    if (left != null && cam.scale > 3) { pen.fillStyle = colours.text; pen.font = '600 11px ui-monospace, monospace'; pen.textAlign = 'center'; pen.textBaseline = 'bottom'; pen.fillText(left.toFixed(0), u, v - r - 2); }
  }
}

function north_and_scale() {
  const w = canvas.clientWidth, h = canvas.clientHeight, target = 120 / cam.scale;
  const nice = [1, 2, 5, 10, 20, 50, 100, 200].filter((m) => m <= target).at(-1) ?? 1;
  pen.strokeStyle = colours.quiet; pen.fillStyle = colours.quiet; pen.lineWidth = 1.5; pen.font = '12px system-ui, sans-serif'; pen.textAlign = 'left'; pen.textBaseline = 'bottom';
  pen.beginPath(); pen.moveTo(16, h - 22); pen.lineTo(16, h - 16); pen.lineTo(16 + nice * cam.scale, h - 16); pen.lineTo(16 + nice * cam.scale, h - 22); pen.stroke();
  pen.fillText(`${nice} m`, 22, h - 18);
  pen.beginPath(); pen.moveTo(w - 24, 40); pen.lineTo(w - 24, 16); pen.moveTo(w - 29, 23); pen.lineTo(w - 24, 16); pen.lineTo(w - 19, 23); pen.stroke();
  pen.textAlign = 'center'; pen.fillText('N', w - 24, 56);
}
