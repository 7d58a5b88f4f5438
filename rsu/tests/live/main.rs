//! A whole unit, alive: real UDP, real zenoh sessions, a real process, on free ports of the loopback. Its sensor is fed
//! from here. Nothing sleeps: everything is waited for, with a bound.

mod messages;
mod processes;
mod recording;
mod trouble;

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
    Input::Detections(Detections { sensor: SensorId("mast".into()), tov, list: vec![car(-6.0), car(6.0)], free: None })
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
