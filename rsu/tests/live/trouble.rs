//! What goes wrong is said, and the unit goes on.

use super::processes::Process;
use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_unit_says_why_with_the_same_word_everywhere() {
    let (ear, address) = antenna();
    // No chrony runs here that would vouch for the clock.
    let more = format!(
        "[time]\nsource = \"ntp\"\n[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"{address}\"\n{}",
        no_link()
    );
    let unit = Unit::start(setup("x01", &more), None).await;
    unit.until("the clock is the reason", |news| {
        matches!(news, Live::World) && unit.view.world().unfit.iter().any(|reason| reason.word() == "clock")
    })
    .await;
    let reason = unit.view.world().unfit.iter().find(|r| r.word() == "clock").expect("still").to_string();
    let (code, text) = unit.get("/readyz").await;
    assert!(code == 503 && text.contains("clock: "), "{code} {text}");
    let (_, metrics) = unit.get("/metrics").await;
    assert!(metrics.contains("rsu_fit_to_speak 0") && metrics.contains("rsu_unfit_reason{reason=\"clock\"} 1"));
    let (_, status) = unit.get("/api/status").await;
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["fit"], false);
    assert!(status["problems"].to_string().contains(&reason), "{reason}: {}", status["problems"]);
    assert!(unit.get("/healthz").await.0 == 200, "silent, not dead");
    ear.set_nonblocking(true).expect("set");
    assert!(ear.recv(&mut [0; 2048]).is_err(), "nothing was said");
    assert_eq!(unit.stop().await.participants, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_sensor_silences_the_unit_and_a_well_one_lets_it_speak_again() {
    let (_ear, address) = antenna();
    let unit = Unit::start(setup("x01", &radio_alone(address)), None).await;
    unit.says(3).await;
    assert_eq!(unit.get("/readyz").await.0, 200);
    let frozen =
        |fault: Option<&str>| Input::Sensor { sensor: SensorId("mast".into()), fault: fault.map(str::to_owned) };
    unit.inputs.send(frozen(Some("the picture is frozen"))).await.expect("taken");
    unit.until("silence", |_| !unit.view.world().unfit.is_empty()).await;
    let (code, text) = unit.get("/readyz").await;
    assert!(code == 503 && text.contains("sensors"), "{code} {text}");
    unit.inputs.send(frozen(None)).await.expect("taken");
    unit.says(3).await;
    assert_eq!(unit.get("/readyz").await.0, 200);
    unit.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_on_the_air_is_bounded_and_the_unit_speaks_on() {
    let port = free_port();
    let more = format!(
        "[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"127.0.0.1:9\"\nlisten = \"127.0.0.1:{port}\"\n{}",
        no_link()
    );
    let unit = Unit::start(setup("x01", &more), None).await;
    unit.says(1).await;
    let flood = tokio::task::spawn_blocking(move || {
        let jammer = UdpSocket::bind("127.0.0.1:0").expect("a port");
        for i in 0..30_000_u32 {
            // A full socket buffer is what a flood is about.
            let _ = jammer.send_to(&[i.to_le_bytes(); 50].concat(), ("127.0.0.1", port));
        }
    });
    within("the flood ends", flood).await.expect("sent");
    unit.says(10).await;
    let status = unit.view.status();
    let refused: u64 = status.air.rejected.values().sum();
    assert!(status.fit && refused > 0, "{:?}", status.air);
    assert!(unit.view.messages(0).len() <= rsu::limits::RECENT_MESSAGES);
    unit.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_radio_is_shown_and_the_next_one_hears() {
    let port = free_port();
    let more = format!("[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"127.0.0.1:{port}\"\n{}", no_link());
    let unit = Unit::start(setup("x01", &more), None).await;
    unit.until(
        "the fault is told",
        |news| matches!(news, Live::Event(e) if matches!(&e.event, Event::Radio { fault: Some(_), .. })),
    )
    .await;
    assert!(
        unit.view.status().problems.iter().any(|p| p.contains("nobody listens")),
        "{:?}",
        unit.view.status().problems
    );
    let ear = Arc::new(UdpSocket::bind(("127.0.0.1", port)).expect("the port is free"));
    ear.set_read_timeout(Some(SOON)).expect("a bound");
    assert_eq!(hear(&ear, 3).await.len(), 3);
    unit.until("it is well again", |_| unit.view.status().radios[0].fault.is_none()).await;
    unit.stop().await;
}

#[test]
fn an_invalid_configuration_ends_with_78_and_nobody_there_with_5() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rsu.toml");
    std::fs::write(&file, "[site]\nid = \"x01\"\nrate = 20\n").expect("written");
    let rsu = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rsu")).arg("-c").arg(&file).args(arguments).output();
        let output = output.expect("rsu runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text) = rsu(&["run"]);
    assert!(code == Some(78) && text.contains("rsu.toml:3") && text.contains("help"), "{code:?} {text}");
    let nowhere = format!("127.0.0.1:{}", free_port());
    let (code, text) = rsu(&["status", "--at", &nowhere]);
    assert!(code == Some(5) && text.contains("no unit is running here") && text.contains("rsu run"), "{code:?} {text}");
    let (code, text) = rsu(&["watch", "--connect", &format!("tcp/{nowhere}"), "-t", "1s"]);
    assert!(code == Some(5) && text.contains("no unit is reachable"), "{code:?} {text}");
}

#[test]
fn safe_mode_is_silent_and_shows_the_complaint() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rsu.toml");
    std::fs::write(&file, "[site]\nid = \"x01\"\nrate = 20\n").expect("written");
    let port = free_port().to_string();
    let arguments = ["run", "--safe", "--port", &port, "-c"];
    let child = Command::new(env!("CARGO_BIN_EXE_rsu")).args(arguments).arg(&file).stderr(Stdio::null()).spawn();
    let unit = Process(child.expect("rsu runs"));
    #[allow(clippy::disallowed_methods)]
    let start = Instant::now();
    let status = loop {
        assert!(start.elapsed() < SOON, "no page");
        if let Ok(mut answer) = ureq::get(format!("http://127.0.0.1:{port}/api/status")).call() {
            break answer.body_mut().read_json::<serde_json::Value>().expect("JSON");
        }
        std::thread::yield_now();
    };
    assert_eq!((status["fit"].as_bool(), status["reasons"][0]["reason"].as_str()), (Some(false), Some("config")));
    assert!(status["reasons"][0]["detail"].as_str().is_some_and(|text| text.contains("rsu.toml:3")), "{status}");
    unit.signal("-TERM");
}
