//! The page in a real Chromium, against a unit in a process of its own.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use serde_json::Value;
use tests::Running;
use tests::browser::{Tab, chromium};
use tokio::sync::Mutex;

/// One browser at a time: two cores carry a unit and a Chromium, not four.
static ONE: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn the_page_shows_a_moving_pedestrian_within_two_seconds() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let unit = Running::demo();
    // While every pedestrian waits for green there is none to see moving: the page is opened once some walk.
    let mut looks = tokio::time::interval(Duration::from_millis(100));
    let walking = |world: &Value| {
        let fast = |v: &Value| v[0].as_f64().unwrap().hypot(v[1].as_f64().unwrap()) > 0.7;
        let tracks = world["tracks"].as_array().unwrap();
        tracks.iter().filter(|track| track["class"] == "pedestrian" && fast(&track["velocity"])).count()
    };
    tokio::time::timeout(Duration::from_secs(100), async {
        while walking(&unit.get("/api/world")) < 2 {
            looks.tick().await;
        }
    })
    .await
    .expect("two walking pedestrians within a cycle of the signals");
    let tab = Tab::open(chromium, &unit.page, (1280, 800)).await;
    // The page's clock starts when navigation starts. A pedestrian moves when its drawn place does, by more than a pixel.
    let seen = tab
        .ask(
            "const first = new Map();
             return await until(() => rsu.drawn().some((p) => { if (p.class !== 'pedestrian') return false;
                 if (!first.has(p.key)) first.set(p.key, p); const q = first.get(p.key); return Math.hypot(p.x - q.x, p.y - q.y) > 0.1; }));",
        )
        .await;
    let ms = seen.as_f64().expect("a moving pedestrian at all");
    tab.keep("live.png").await;
    assert!(ms <= 2000.0, "first seen moving after {ms:.0} ms");
    tab.close().await;
}

#[tokio::test]
async fn no_console_error_and_no_outside_request() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let unit = Running::demo();
    let tab = Tab::open(chromium, &unit.page, (1280, 800)).await;
    tab.ask("await until(() => rsu.drawn().length); document.getElementById('tab-messages').click();
             await until(() => document.querySelectorAll('#types tbody tr').length > 2);
             document.querySelector('#types tbody tr').click(); await until(() => document.querySelectorAll('#tree div').length);
             document.getElementById('language').click(); await until(() => document.documentElement.lang === 'zh'); return true;")
        .await;
    tab.keep("messages_zh.png").await;
    let complaints = tab.complaints.lock().unwrap().clone();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let requests = tab.requests.lock().unwrap().clone();
    assert!(requests.len() >= 6, "only {requests:?}");
    let outside: Vec<_> = requests.iter().filter(|url| !url.starts_with(&unit.page) && *url != "about:blank").collect();
    assert!(outside.is_empty(), "{outside:?}");
    tab.close().await;
}

#[tokio::test]
async fn an_object_drawn_on_the_map_is_where_the_world_api_says() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let unit = Running::demo();
    let tab = Tab::open(chromium, &unit.page, (1280, 800)).await;
    // Held, the page draws each object exactly at its last world; the API's worlds before and after are moved to that moment by
    // its velocity. A measurement between them may move a young track by more than the bound, so the nearer one counts.
    let found = tab
        .ask(
            "await until(() => rsu.drawn().length > 2);
             let best = null;
             for (let tries = 0; tries < 20 && !best; tries++) {
                 const before = await (await fetch('api/world')).json();
                 rsu.state.held = true; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
                 const after = await (await fetch('api/world')).json();
                 const away = (api) => (new Date(rsu.state.world.at) - new Date(api.at)) / 1000;
                 const dt = away(before), v = rsu.view(), pen = document.getElementById('map').getContext('2d');
                 const pairs = rsu.drawn().map((p) => {
                     const known = [before, after].map((api) => [away(api), api.tracks.find((q) => `${q.key.unit}/${q.key.serial}` === p.key)]).filter(([, track]) => track);
                     if (!known.length || p.u < 5 || p.v < 5 || p.u > v.width - 5 || p.v > v.height - 5) return null;
                     const x = v.x + (p.u - v.width / 2) / v.scale, y = v.y - (p.v - v.height / 2) / v.scale;
                     const off = Math.min(...known.map(([s, track]) => Math.hypot(x - track.position[0] - track.velocity[0] * s, y - track.position[1] - track.velocity[1] * s)));
                     const d = pen.getImageData(Math.round(p.u * v.ratio), Math.round(p.v * v.ratio), 1, 1).data;
                     const want = p.colour.match(/[0-9a-f]{2}/gi).map((h) => parseInt(h, 16));
                     return { off, dt, painted: Math.max(...want.map((w, i) => Math.abs(w - d[i]))) };
                 }).filter(Boolean);
                 rsu.state.held = false;
                 if (pairs.length > 2 && Math.abs(dt) < 0.5) best = pairs; else await new Promise((ok) => setTimeout(ok, 100));
             }
             return best;",
        )
        .await;
    let pairs = found.as_array().expect("objects both drawn and in the API");
    for pair in pairs {
        assert!(pair["off"].as_f64().unwrap() <= 0.5, "{pair}");
    }
    // Overlapping objects may hide each other's centre; most centres carry the colour of their class.
    let painted = pairs.iter().filter(|pair| pair["painted"].as_f64().unwrap() < 24.0).count();
    assert!(
        painted * 10 >= pairs.len() * 7,
        "only {painted} of {} centres have the colour of their class",
        pairs.len()
    );
    tab.close().await;
}

#[tokio::test]
async fn killing_the_unit_greys_the_page_within_one_second() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let mut unit = Running::demo();
    let tab = Tab::open(chromium, &unit.page, (1280, 800)).await;
    assert!(tab.ask("return await until(() => rsu.drawn().length);").await.is_number());
    assert!(tab.ask("return document.body.classList.contains('lost');").await == Value::Bool(false));
    unit.kill();
    // From the last word of the unit to the grey page, by the page's own clock.
    let silent = tab
        .ask("const at = await until(() => document.body.classList.contains('lost')); return at - rsu.state.heardAt;")
        .await;
    let ms = silent.as_f64().expect("it goes grey");
    assert!(ms <= 1000.0, "{ms} ms after the last word");
    assert!(tab.ask("return !document.getElementById('lost').hidden;").await == Value::Bool(true));
    tab.keep("lost.png").await;
    tab.close().await;
}

#[tokio::test]
async fn pointing_at_a_field_marks_its_bits() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let unit = Running::demo();
    let tab = Tab::open(chromium, &format!("{}/#tab=messages&lang=en", unit.page), (1280, 900)).await;
    let marked = tab
        .ask(
            "await until(() => [...document.querySelectorAll('#types tbody tr')].some((r) => r.dataset.type === 'sent rsm'));
             document.querySelector('[data-type=\"sent rsm\"]').click();
             await until(() => document.querySelectorAll('#tree div').length > 10);
             const rows = [...document.querySelectorAll('#tree div')];
             const row = rows.find((r) => r.textContent.includes('speed')); row.scrollIntoView({ block: 'center' });
             row.dispatchEvent(new PointerEvent('pointerenter'));
             const [bit, bits] = row.querySelector('.bits').textContent.split('+').map(Number);
             const lit = [...document.querySelectorAll('#hex .lit')].map((s) => Number(s.dataset.byte));
             const byte = document.querySelector(`#hex [data-byte=\"${lit[0]}\"]`);
             byte.dispatchEvent(new PointerEvent('pointerenter'));
             return { bit, bits, lit, name: row.querySelector('.name').textContent, back: document.querySelectorAll('#tree .lit').length };",
        )
        .await;
    let (bit, bits) = (marked["bit"].as_u64().unwrap(), marked["bits"].as_u64().unwrap());
    let want: Vec<u64> = (bit / 8..=(bit + bits - 1) / 8).collect();
    let lit: Vec<u64> = marked["lit"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
    assert!(bits == 13, "speed has 13 bits (0..8191): {marked}");
    assert_eq!(lit, want, "{marked}");
    assert_eq!(marked["back"], 1, "a byte leads back to one field: {marked}");
    tab.keep("messages.png").await;
    tab.close().await;
}

#[tokio::test]
async fn it_fits_a_phone() {
    let Some(chromium) = chromium() else { return };
    let _one = ONE.lock().await;
    let unit = Running::demo();
    let tab = Tab::open(chromium, &unit.page, (360, 740)).await;
    let widths = tab
        .ask("await until(() => rsu.drawn().length); return [document.documentElement.scrollWidth, innerWidth];")
        .await;
    assert_eq!(widths[0], widths[1], "it scrolls sideways");
    tab.keep("phone.png").await;
    tab.close().await;
}
