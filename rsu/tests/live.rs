//! A whole unit, alive: real UDP, real zenoh sessions, a real process, on free ports of the loopback. Its sensor is fed
//! from here. Nothing sleeps: everything is waited for, with a bound.

use std::future::Future;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use calibration::Timestamp;
use calibration::geodesy::{EnuFrame, Heading, Wgs84};
use calibration::ground::Ground;
use calibration::rig::{Mounted, Rig, enu_from_lidar_looking};
use nalgebra::{Matrix6, Point3, Vector3};
use perception::{Box3d, Class, Detection, Detections, SensorId, Shape, Size};
use rsu::config::Config;
use rsu::event::Event;
use rsu::record::replay::replay;
use rsu::run::{Options, Summary, serve};
use rsu::shell::corridor::zenoh_config;
use rsu::shell::view::{Live, View};
use rsu::station::{Input, Setup};
use tokio::sync::{mpsc, oneshot};
use v2x_msgs::net::forward::Block;
use v2x_msgs::{MessageKind, Profile};

/// Everything here happens well within this on a busy machine.
const SOON: Duration = Duration::from_secs(20);

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future).await.unwrap_or_else(|_| panic!("not within {SOON:?}: {what}"))
}

fn now() -> Timestamp {
    #[allow(clippy::disallowed_methods)]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_nanos(since.as_nanos() as i64)
}

/// A port that is free now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// A unit of the corridor `live` with one simulated lidar and what `more` adds.
fn setup(id: &str, more: &str) -> Setup {
    let text = format!(
        "[site]\nid = \"{id}\"\ncorridor = \"live\"\norigin = {{ lat_deg = 31.284156, lon_deg = 121.50321 }}\n\
         [[lidar]]\nid = \"mast\"\nurl = \"sim:\"\n{more}"
    );
    let config: Config = toml::from_str(&text).expect("a configuration");
    let frame = EnuFrame::new(Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 0.0 });
    let mut rig = Rig::new(frame, Ground::default());
    let pose = enu_from_lidar_looking(Vector3::new(0.0, 0.0, 6.0), Heading::from_deg(90.0), 0.0);
    let mounted = Mounted { enu_from_sensor: pose, covariance: Matrix6::identity() * 1e-6, camera: None };
    rig.sensors.insert("mast".to_owned(), mounted);
    Setup { config, map: None, rig }
}

/// What the lidar sees `t_s` after the start: two cars that drive side by side.
fn seen(t_s: f64, tov: Timestamp) -> Input {
    let car = |lane: f64| Detection {
        class: Class::Car,
        score: 0.9,
        shape: Shape::Space(Box3d {
            centre: Point3::new(10.0 + 8.0 * t_s, lane, -5.25),
            size: Size { length_m: 4.5, width_m: 1.8, height_m: 1.5 },
            yaw: Some(0.0),
        }),
    };
    Input::Detections(Detections { sensor: SensorId("mast".into()), tov, list: vec![car(-6.0), car(6.0)] })
}

/// A unit at work, and what feeds it.
struct Unit {
    view: Arc<View>,
    inputs: mpsc::Sender<Input>,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Summary>,
    feeder: tokio::task::JoinHandle<()>,
}

impl Unit {
    async fn start(setup: Setup, record: Option<&Path>) -> Self {
        let (inputs, injected) = mpsc::channel(64);
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let options = Options {
            injected: Some(injected),
            port: Some(0),
            ready: Some(ready),
            record: record.map(Path::to_owned),
            ..Options::default()
        };
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve(setup, options, stopped).await.expect("a unit")
        });
        let view = within("the unit is up", is_ready).await.expect("a view");
        let feed = inputs.clone();
        let feeder = tokio::spawn(async move {
            let mut frames = tokio::time::interval(Duration::from_millis(50));
            for i in 0_u32.. {
                let tick = frames.tick().await;
                let tov = Timestamp::from_nanos(now().as_nanos() - tick.elapsed().as_nanos() as i64);
                if feed.send(seen(f64::from(i % 200) * 0.05, tov)).await.is_err() {
                    return;
                }
            }
        });
        Self { view, inputs, stop, task, feeder }
    }

    /// Waits for something that happens.
    async fn until(&self, what: &str, mut is_it: impl FnMut(&Live) -> bool) {
        let mut live = self.view.subscribe();
        within(what, async {
            loop {
                match live.recv().await {
                    Ok(news) if is_it(&news) => return,
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(closed) => panic!("{closed}"),
                }
            }
        })
        .await;
    }

    /// Waits for so many RSM.
    async fn says(&self, count: usize) {
        let mut rsm = 0;
        self.until(&format!("{count} RSM; {:?}", self.view.status().problems), |news| {
            rsm += usize::from(matches!(news, Live::Message(m) if m.kind == MessageKind::Rsm));
            rsm == count
        })
        .await;
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.view.web().expect("a page"));
        let fetch = move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let mut answer = agent.get(url).call().expect("an answer");
            (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
        };
        tokio::task::spawn_blocking(fetch).await.expect("fetched")
    }

    async fn stop(self) -> Summary {
        self.feeder.abort();
        let _ = self.stop.send(());
        within("the unit stops", self.task).await.expect("a summary")
    }
}

/// A vehicle's ear on a free port.
fn antenna() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket.set_read_timeout(Some(SOON)).expect("a bound");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

async fn hear(socket: &Arc<UdpSocket>, count: usize) -> Vec<Vec<u8>> {
    let socket = Arc::clone(socket);
    let listen = move || {
        let mut buffer = [0; 16_384];
        let mut one = || socket.recv(&mut buffer).map(|length| buffer[..length].to_vec());
        (0..count).map(|_| one().expect("a datagram")).collect()
    };
    tokio::task::spawn_blocking(listen).await.expect("heard")
}

/// A radio to `address` and no zenoh.
fn radio_alone(address: SocketAddr) -> String {
    format!("[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"{address}\"\n{}", no_link())
}

fn no_link() -> &'static str {
    "[corridor_link]\nmode = \"off\"\n"
}

async fn client(port: u16) -> zenoh::Session {
    let link = rsu::config::CorridorLink {
        mode: "client".into(),
        connect: vec![format!("tcp/127.0.0.1:{port}")],
        ..Default::default()
    };
    within("a session", async {
        loop {
            match zenoh::open(zenoh_config(&link).expect("a configuration")).await {
                Ok(session) => return session,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bytes_on_zenoh_are_the_bytes_on_the_radio() {
    let (ear, address) = antenna();
    let port = free_port();
    let more = format!(
        "[[radio]]\nid = \"lab\"\nkind = \"udp\"\naddress = \"{address}\"\n\
         [corridor_link]\nlisten = [\"tcp/127.0.0.1:{port}\"]\n"
    );
    let unit = Unit::start(setup("x01", &more), None).await;
    let session = client(port).await;
    let subscriber = session.declare_subscriber("rsu/live/x01/msg/rsm").await.expect("a subscriber");
    let mut on_zenoh = Vec::new();
    for _ in 0..15 {
        let sample = within("a message on zenoh", subscriber.recv_async()).await.expect("a sample");
        on_zenoh.push(sample.payload().to_bytes().into_owned());
    }
    let on_air = hear(&Arc::new(ear), 20).await;
    let said = unit.view.messages(0);
    for bytes in &on_zenoh {
        assert!(said.iter().any(|m| m.bytes == *bytes), "what is on zenoh was said");
    }
    let first = on_air.iter().position(|bytes| on_zenoh.contains(bytes)).expect("the same message on both ways");
    let start = on_zenoh.iter().position(|bytes| *bytes == on_air[first]).expect("found above");
    let both = (on_air.len() - first).min(on_zenoh.len() - start);
    assert!(both > 3 && on_air[first..first + both] == on_zenoh[start..start + both], "{both}");
    let message = v2x_msgs::decode(&on_zenoh[14], Profile::Csae53_2020).expect("a message");
    let v2x_msgs::Message::Rsm(rsm) = message else { panic!("{message:?}") };
    assert_eq!(rsm.participants.len(), 2, "two cars");
    let summary = unit.stop().await;
    assert!(summary.participants >= 30 && summary.tracks >= 2, "{summary:?}");
    assert!(summary.status.age.all.p99_ms.is_some_and(|age| (0.0..1000.0).contains(&age)), "{:?}", summary.status.age);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn immediate_forward_text_parses_back_to_what_was_said() {
    let (ear, address) = antenna();
    let more = format!("[[radio]]\nid = \"if\"\nkind = \"immediate-forward\"\naddress = \"{address}\"\n{}", no_link());
    let unit = Unit::start(setup("x01", &more), None).await;
    for text in hear(&Arc::new(ear), 5).await {
        let block = Block::parse(&text).expect("a block");
        // The datagram can be here before the unit has written down that it sent it.
        let message = within("said so", async {
            loop {
                if let Some(message) = unit.view.messages(0).into_iter().find(|m| m.bytes == block.payload) {
                    break message;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(block.kind, message.kind.name().to_uppercase());
    }
    unit.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_made_only_while_somebody_subscribes() {
    let port = free_port();
    let more = format!("[corridor_link]\nlisten = [\"tcp/127.0.0.1:{port}\"]\n");
    let unit = Unit::start(setup("x01", &more), None).await;
    let session = client(port).await;
    let bytes = session.declare_subscriber("rsu/live/x01/msg/*").await.expect("a subscriber");
    for _ in 0..5 {
        within("bytes", bytes.recv_async()).await.expect("a sample");
    }
    let made = |page: &str| {
        let line = page.lines().find(|line| line.starts_with("rsu_json_made_total{"));
        line.map_or(0, |line| line.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0_u64))
    };
    assert_eq!(made(&unit.view.metrics().text()), 0, "nobody asked for JSON");
    let json = session.declare_subscriber("rsu/*/*/json/rsm").await.expect("a subscriber");
    let sample = within("JSON", json.recv_async()).await.expect("a sample");
    let twin: serde_json::Value = serde_json::from_slice(&sample.payload().to_bytes()).expect("JSON");
    assert_eq!((twin["type"].as_str(), twin["unit"].as_str()), (Some("rsm"), Some("x01")));
    assert!(twin["age_ms"].as_f64().is_some_and(|age| age >= 0.0), "{twin}");
    assert!(twin["participants"][0]["lat_deg"].as_f64().is_some_and(|lat| (lat - 31.284).abs() < 0.01), "{twin}");
    assert!(made(&unit.view.metrics().text()) > 0);
    json.undeclare().await.expect("undeclared");
    let mut before = made(&unit.view.metrics().text());
    within("JSON is no longer made", async {
        loop {
            unit.says(10).await;
            let after = made(&unit.view.metrics().text());
            if after == before {
                return;
            }
            before = after;
        }
    })
    .await;
    let status = session.get("rsu/live/x01/status").await.expect("a query");
    let reply = within("the status", status.recv_async()).await.expect("a reply");
    let status: serde_json::Value =
        serde_json::from_slice(&reply.result().expect("a sample").payload().to_bytes()).expect("JSON");
    assert_eq!((status["schema"].as_str(), status["fit"].as_bool()), (Some("rsu.status/1"), Some(true)));
    unit.stop().await;
}

/// A unit in a process of its own; killed at the end whatever happens.
struct Process(Child);

impl Process {
    fn start(folder: &Path, id: &str, more: &str) -> Self {
        let file = folder.join(format!("{id}.toml"));
        let text = format!(
            "[site]\nid = \"{id}\"\ncorridor = \"live\"\norigin = {{ lat_deg = 31.0, lon_deg = 121.0 }}\n{more}"
        );
        std::fs::write(&file, text).expect("written");
        let program = env!("CARGO_BIN_EXE_rsu");
        let arguments = ["run", "--port", "0", "-q", "-c"];
        let child = Command::new(program).args(arguments).arg(&file).stdout(Stdio::null()).spawn();
        Self(child.expect("rsu runs"))
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_falls_dead_is_noticed_within_one_lease_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, lease_ms) = (free_port(), 1000);
    let link = format!("[corridor_link]\nlease_ms = {lease_ms}\n");
    let x01 = Process::start(folder.path(), "x01", &format!("{link}listen = [\"tcp/127.0.0.1:{port}\"]\n"));
    let connect = format!("{link}connect = [\"tcp/127.0.0.1:{port}\"]\nlisten = [\"tcp/127.0.0.1:0\"]\n");
    let x02 = Unit::start(setup("x02", &connect), None).await;
    if !x02.view.world().neighbours.iter().any(|unit| unit.0 == "x01") {
        x02.until(
            "x01 is seen",
            |news| matches!(news, Live::Event(e) if matches!(&e.event, Event::NeighbourUp { unit } if unit.0 == "x01")),
        )
        .await;
    }
    // A process that is stopped keeps its sockets and says nothing more: as a unit that lost its power.
    x01.signal("-STOP");
    #[allow(clippy::disallowed_methods)]
    let dead_since = Instant::now();
    x02.until(
        "x01 is missed",
        |news| matches!(news, Live::Event(e) if matches!(&e.event, Event::NeighbourLost { unit } if unit.0 == "x01")),
    )
    .await;
    let missed = dead_since.elapsed();
    assert!(missed < Duration::from_millis(lease_ms + 1000), "lease {lease_ms} ms, missed after {missed:?}");
    x02.says(5).await;
    assert!(x02.view.status().fit);
    x02.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_says_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rec/x01.mcap");
    let (_ear, address) = antenna();
    let unit = Unit::start(setup("x01", &radio_alone(address)), Some(&file)).await;
    unit.says(30).await;
    unit.inputs.send(Input::Received(vec![0xff; 40])).await.expect("taken");
    unit.says(10).await;
    let summary = unit.stop().await;
    assert_eq!(summary.recording.as_deref(), Some(file.as_path()));

    let verdict = replay(&file, None, |_| {}).expect("a recording");
    assert_eq!(verdict.difference, None);
    assert!(verdict.said >= 40 && verdict.said == verdict.recorded, "{verdict:?}");
    assert_eq!((verdict.unit.as_str(), verdict.lost, verdict.cut_off), ("x01", 0, false));
    let itself = replay(&file, Some(&file), |_| {}).expect("a recording");
    assert_eq!(itself.difference, None);

    let bytes = std::fs::read(&file).expect("readable");
    let mut topics: Vec<String> = mcap::MessageStream::new(&bytes)
        .expect("an MCAP file")
        .map(|message| message.expect("whole").channel.topic.clone())
        .collect();
    topics.sort();
    topics.dedup();
    for topic in ["/events", "/input", "/msg/sent/rsm", "/msg/sent/rsm/raw", "/site", "/tracks", "/tracks/json"] {
        assert!(topics.iter().any(|t| t == topic), "{topic} is not in {topics:?}");
    }
    let times: Vec<u64> =
        mcap::MessageStream::new(&bytes).expect("MCAP").map(|message| message.expect("whole").log_time).collect();
    assert!(times.is_sorted(), "in the order of time");

    let cut = folder.path().join("cut.mcap");
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).expect("written");
    match replay(&cut, None, |_| {}) {
        Ok(verdict) => assert!(verdict.cut_off && verdict.difference.is_none(), "{verdict:?}"),
        Err(error) => assert!(error.to_string().contains("cut.mcap"), "{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_run_is_told_from_this_one_by_its_first_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_ear, address) = antenna();
    let mut files = Vec::new();
    for name in ["a", "b"] {
        let file = folder.path().join(name);
        let unit = Unit::start(setup("x01", &radio_alone(address)), Some(&file)).await;
        unit.says(5).await;
        unit.stop().await;
        files.push(file);
    }
    let verdict = replay(&files[0], Some(&files[1]), |_| {}).expect("recordings");
    let difference = verdict.difference.expect("said at another time");
    assert!(difference.then != difference.now && difference.number == 1, "{difference:?}");
}

#[test]
fn what_is_no_recording_is_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("odd.mcap");
    let refusal = |bytes: &[u8]| {
        std::fs::write(&file, bytes).expect("written");
        replay(&file, None, |_| {}).expect_err("no recording").to_string()
    };
    assert!(refusal(b"").contains("odd.mcap"));
    assert!(refusal(b"not an mcap file at all, only some text").contains("not a recording"));
    // Magic, then a record that says it is 2^60 bytes long.
    let mut hostile = b"\x89MCAP0\r\n\x01".to_vec();
    hostile.extend(0x1000_0000_0000_0000_u64.to_le_bytes());
    assert!(refusal(&hostile).contains("not a recording"), "{}", refusal(&hostile));
}

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
