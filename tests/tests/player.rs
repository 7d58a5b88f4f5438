//! The player of recorded runs in a real Chromium.
#![allow(clippy::unwrap_used)]

use tests::Running;
use tests::browser::{Tab, chromium};

#[tokio::test]
async fn a_recorded_run_is_played_sought_stepped_and_jumped_through() {
    let Some(chromium) = chromium() else { return };
    let player = Running::start("rsu-sim", &["play", "pedestrian_occluded", "--port", "0", "--from", "2"]);
    let film = player.get("/api/film");
    let marks = film["marks"].as_array().unwrap();
    let warning = marks.iter().find(|m| m["kind"] == "warning").expect("the unit warns")["at_s"].as_f64().unwrap();
    let tab = Tab::open(chromium, &player.page, (1280, 800)).await;
    let told = tab
        .ask(&format!(
            "const deck = () => rsu.player.deck, press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}));
            if (!await until(() => deck()?.playing && deck().at_s > 2.2 && rsu.state.world)) return 'it does not play';
            press(' ');
            if (!await until(() => !deck().playing)) return 'it does not stop';
            const stood = deck().at_s;
            press('.');
            if (!await until(() => deck().at_s > stood + 0.01 && deck().at_s < stood + 0.16)) return 'it does not step';
            for (let i = 0; i < 9 && deck().at_s < {warning} - 0.05; i++) {{
                const jumps = deck().jumps; press('n');
                if (!await until(() => deck().jumps > jumps)) return 'it does not jump';
            }}
            if (Math.abs(deck().at_s - {warning}) > 0.01) return `it jumped to ${{deck().at_s}}`;
            // What was believed at that moment is what is shown: the unit warns of the child, who is where its ghost is.
            const shows = await until(() => Math.abs(new Date(rsu.state.world.at) - new Date(rsu.player.film.start) - 1000 * {warning}) < 150);
            if (!shows) return 'the page does not follow';
            if (!await until(() => rsu.state.world.tracks.some((t) => t.class === 'pedestrian'))) return 'nobody walks';
            const child = rsu.player.truth.find((g) => g.kind === 'child'), seen = rsu.state.world.tracks.filter((t) => t.class === 'pedestrian')
                .map((t) => Math.hypot(t.position[0] - child.position[0], t.position[1] - child.position[1]));
            return {{ off: Math.min(...seen), ghosts: rsu.player.truth.length, kinds: rsu.player.film.marks.length }};"
        ))
        .await;
    assert!(told["off"].as_f64().unwrap_or_else(|| panic!("{told}")) < 1.5, "{told}");
    assert!(told["ghosts"].as_u64().unwrap() >= 3, "{told}");
    tab.keep("player.png").await;
    let back = tab
        .ask(
            "rsu.player.socket.send('{\"do\":\"seek\",\"at_s\":1}');
            if (!await until(() => rsu.player.deck.at_s === 1)) return 'it does not seek back';
            rsu.player.socket.send('{\"do\":\"dance\"}');
            rsu.player.socket.send('{\"do\":\"speed\",\"times\":8}'); rsu.player.socket.send('{\"do\":\"play\"}');
            return await until(() => rsu.player.deck.at_s > 6) ? 'fast' : 'slow';",
        )
        .await;
    assert_eq!(back, "fast");
    let complaints = tab.complaints.lock().unwrap().clone();
    assert!(complaints.len() == 1 && complaints[0].contains("no command of the player"), "{complaints:#?}");
    assert!(tab.requests.lock().unwrap().iter().all(|url| url.starts_with(&player.page) || url.starts_with("about:")));
    tab.close().await;
}

#[tokio::test]
async fn a_storyboard_without_a_unit_is_played_as_it_truly_is() {
    let Some(chromium) = chromium() else { return };
    let file = tests::root().join("sim/tests/xosc/events.xosc");
    let player = Running::start("rsu-sim", &["play", &file.to_string_lossy(), "--port", "0"]);
    let film = player.get("/api/film");
    assert_eq!((film["bare"].as_bool(), film["scenario"].as_str()), (Some(true), Some("events")), "{film}");
    let marks = film["marks"].as_array().unwrap();
    let begins = marks.iter().filter(|m| m["kind"] == "storyboard").nth(1).expect("an event begins");
    let (at_s, text) = (begins["at_s"].as_f64().unwrap(), begins["text"].as_str().unwrap());
    let tab = Tab::open(chromium, &player.page, (1280, 800)).await;
    let told = tab
        .ask(&format!(
            "const deck = () => rsu.player.deck, press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}));
            if (!await until(() => deck()?.playing && deck().at_s > 0.2 && rsu.state.world?.tracks.length)) return 'it does not play';
            press(' ');
            if (!await until(() => !deck().playing)) return 'it does not stop';
            rsu.player.socket.send('{{\"do\":\"seek\",\"at_s\":0}}');
            if (!await until(() => deck().at_s === 0)) return 'it does not seek';
            for (let i = 0; i < 9 && deck().at_s < {at_s} - 0.01; i++) {{
                const jumps = deck().jumps; press('n');
                if (!await until(() => deck().jumps > jumps)) return 'it does not jump';
            }}
            if (!await until(() => document.getElementById('events').textContent.includes('{text}'))) return 'it does not tell what happens';
            const now = () => Math.abs(new Date(rsu.state.world.at) - new Date(rsu.player.film.start) - 1000 * deck().at_s) < 101;
            if (!await until(now)) return 'the page does not follow';
            const first = rsu.state.world.tracks[0], ghost = rsu.player.truth[0];
            const f = () => document.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'f', bubbles: true }}));
            f(); const left = rsu.state.follow; f();
            const [x, y] = rsu.state.world.tracks[0].position;
            const centred = await until(() => Math.hypot(rsu.view().x - x, rsu.view().y - y) < 0.5);
            const hidden = (id) => getComputedStyle(document.getElementById(id)).display === 'none';
            return {{ at: deck().at_s, off: Math.hypot(first.position[0] - ghost.position[0], first.position[1] - ghost.position[1]),
                name: ghost.name, key: rsu.state.selected, left, centred: centred !== null, lanes: rsu.state.map.links.length,
                hidden: ['fit', 'age', 'neighbours', 'sensors', 'warnings'].every(hidden) }};"
        ))
        .await;
    assert!((told["at"].as_f64().unwrap_or_else(|| panic!("{told}")) - at_s).abs() < 0.01, "{told}");
    // At 10 m/s and a tenth of a second between two pictures.
    assert!(told["off"].as_f64().unwrap() < 1.1, "the picture is the truth of its moment: {told}");
    let name = told["name"].as_str().unwrap();
    assert_eq!(told["key"], format!("{name}/1"), "it follows the first of the file: {told}");
    for yes in ["centred", "hidden"] {
        assert_eq!(told[yes], true, "{yes}: {told}");
    }
    assert_eq!(told["left"], false, "f lets go: {told}");
    assert!(told["lanes"].as_u64().unwrap() >= 1, "{told}");
    tab.keep("player-storyboard.png").await;
    assert!(tab.complaints.lock().unwrap().is_empty(), "{:#?}", tab.complaints.lock().unwrap());
    assert!(tab.requests.lock().unwrap().iter().all(|url| url.starts_with(&player.page) || url.starts_with("about:")));
    tab.close().await;
}
