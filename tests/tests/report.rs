//! The report of a run in a real Chromium without any server: it stands alone, on wide and narrow screens.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use tests::browser::{Tab, chromium};

#[tokio::test]
async fn a_report_needs_nothing_from_outside_and_fits_wide_and_narrow_screens() {
    let Some(chromium) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = tests::root().join("sim/tests/xosc/events.xosc");
    let out = Command::new(tests::program("rsu-sim"))
        .args(["run", "-q", "--headless", "--report", "."])
        .args([file.to_str().unwrap(), "pedestrian_occluded"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    for (name, plots) in [("events", 3), ("pedestrian_occluded", 3)] {
        let url = format!("file://{}", folder.path().join(name).join("report.html").display());
        for (width, height) in [(1280, 900), (390, 800)] {
            let tab = Tab::open(chromium, &url, (width, height)).await;
            let told = tab
                .ask(
                    "const box = (e) => e.getBoundingClientRect(), inside = (e) => box(e).right <= innerWidth + 1 && box(e).width > 0;
                    const shows = (e) => { const s = getComputedStyle(e); return s.color !== getComputedStyle(document.body).backgroundColor; };
                    return { wide: document.documentElement.scrollWidth - innerWidth, svgs: document.querySelectorAll('svg').length,
                        drawn: [...document.querySelectorAll('svg')].every(inside), pictures: document.querySelectorAll('.strip figure').length,
                        text: [...document.querySelectorAll('h1,h2,td,th,p,svg text')].every(shows),
                        repeat: document.querySelector('.repeat').textContent };",
                )
                .await;
            assert!(told["wide"].as_f64().unwrap() <= 0.0, "nothing hangs over the edge of {width} px: {told}");
            assert_eq!((&told["drawn"], &told["text"]), (&true.into(), &true.into()), "{name} at {width} px: {told}");
            assert!(told["pictures"].as_u64().unwrap() >= 3, "the worst moment is a strip: {told}");
            assert!(told["svgs"].as_u64().unwrap() >= plots + told["pictures"].as_u64().unwrap(), "{told}");
            assert!(told["repeat"].as_str().unwrap().starts_with("rsu-sim run "), "{told}");
            tab.keep(&format!("report-{name}-{width}.png")).await;
            assert!(tab.complaints.lock().unwrap().is_empty(), "{:#?}", tab.complaints.lock().unwrap());
            let asked = tab.requests.lock().unwrap().clone();
            assert!(asked.iter().all(|u| u.starts_with("file://") || u.starts_with("about:")), "{asked:#?}");
            assert_eq!(
                asked.iter().filter(|u| u.starts_with("file://")).count(),
                1,
                "one file and no more: {asked:#?}"
            );
            tab.close().await;
        }
    }
}
