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
