//! The demo: the simulated world in real time feeds unmodified units, with real zenoh, radio sockets and pages.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calibration::Timestamp;
use rsu::config::RadioKind;
use rsu::run::{Options, RunError, Summary, serve};
use rsu::shell::clock;
use rsu::station::{ClockState, Input, Setup};
use tokio::sync::{mpsc, oneshot};

use crate::eyes::Eyes;
use crate::scenario::Loaded;
use crate::signals::Signals;
use crate::stage::{Stage, StageError};
use crate::world::World;

/// Inputs that wait for a unit; more are dropped, as a full socket would.
const INPUTS: usize = 256;
/// Step of the world.
const STEP: Duration = Duration::from_millis(20);
/// A machine that slept longer than this does not catch up.
const CATCH_UP_S: f64 = 2.0;

/// How to run the demo.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Port of the first unit's page; the next ones follow. 0: free ones.
    pub port: u16,
    /// Ends by itself after this.
    pub run_for: Option<Duration>,
    /// Overrides the scenario's seed.
    pub seed: Option<u64>,
    /// Only the first so many units of the scenario.
    pub units: Option<usize>,
    /// Where the first unit listens for zenoh consumers, such as `tcp/127.0.0.1:7447`.
    pub zenoh: Option<String>,
}

/// Where a unit of the demo can be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Unit.
    pub unit: String,
    /// Address of its page.
    pub page: String,
    /// Address its radio sends to.
    pub radio: Vec<String>,
    /// Its corridor on zenoh.
    pub corridor: String,
}

/// Why the demo ended.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The scenario does not work.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A unit could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A unit's task ended without an answer.
    #[error("a unit ended early")]
    Lost,
}

/// Runs the demo until `stop` is ready or its time is over. `shown` is called once every unit is up.
///
/// # Errors
/// When the scenario does not work or a unit cannot be run.
pub async fn run(
    loaded: &Loaded,
    plan: &Plan,
    stop: impl Future<Output = ()>,
    shown: impl FnOnce(&[Place]),
) -> Result<Ended, DemoError> {
    let seed = plan.seed.unwrap_or(loaded.scenario.seed);
    let start = clock::now();
    let mut stage = Stage::set(loaded, seed, start)?;
    stage.units.truncate(plan.units.unwrap_or(usize::MAX).max(1));
    let (done, _) = tokio::sync::watch::channel(false);
    let heard = listen(&stage.units).await;
    let mut feeds = Vec::new();
    let mut units = Vec::new();
    let mut places = Vec::new();
    for (i, unit) in stage.units.iter().enumerate() {
        let (inputs, injected) = mpsc::channel(INPUTS);
        let (ready, is_ready) = oneshot::channel();
        let port = if plan.port == 0 { 0 } else { plan.port.saturating_add(u16::try_from(i).unwrap_or(u16::MAX)) };
        let options = Options { injected: Some(injected), port: Some(port), ready: Some(ready), ..Options::default() };
        let mut ended = done.subscribe();
        let stop = async move {
            // The sender gone means the same as its word: stop.
            let _ = ended.wait_for(|over| *over).await;
        };
        let task =
            tokio::spawn(serve(linked(unit.setup.clone(), &stage.units, i, plan.zenoh.as_deref()), options, stop));
        match is_ready.await {
            Ok(view) => places.push(place(&unit.setup, view.web().map(|a| a.to_string()))),
            Err(_) => {
                return Err(task.await.map_err(|_| DemoError::Lost)?.err().map_or(DemoError::Lost, DemoError::Run));
            }
        }
        feeds.push(Feed { eyes: unit.eyes.clone(), inputs });
        units.push(task);
    }
    shown(&places);
    let over = async {
        tokio::select! {
            () = stop => {}
            () = tokio::time::sleep(plan.run_for.unwrap_or(Duration::MAX)) => {}
        }
    };
    tokio::select! {
        () = over => {}
        () = turn(stage.world, stage.signals, feeds) => {}
    }
    done.send_replace(true);
    let mut summaries = Vec::new();
    for task in units {
        summaries.push(task.await.map_err(|_| DemoError::Lost)??);
    }
    Ok(Ended { summaries, heard: heard.into_iter().map(|(unit, task)| (unit, task.count())).collect() })
}

/// How the demo ended.
#[derive(Debug)]
pub struct Ended {
    /// What each unit saw and said.
    pub summaries: Vec<Summary>,
    /// What a vehicle heard at the address of each unit's radio; units whose address was taken are not in it.
    pub heard: BTreeMap<String, Heard>,
}

/// What a vehicle heard on a radio's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Heard {
    /// Messages understood.
    pub understood: u64,
    /// Datagrams that were no message.
    pub garbled: u64,
}

/// A vehicle that listens where a radio sends to.
struct Listener {
    count: Arc<Mutex<Heard>>,
    task: tokio::task::JoinHandle<()>,
}

impl Listener {
    fn count(self) -> Heard {
        self.task.abort();
        self.count.lock().map_or_else(|poisoned| *poisoned.into_inner(), |heard| *heard)
    }
}

/// Vehicles for the plain UDP radios of all units, where nobody else listens yet.
async fn listen(units: &[crate::stage::Unit]) -> BTreeMap<String, Listener> {
    let mut listeners = BTreeMap::new();
    for unit in units {
        let radios = unit.setup.config.radio.iter().filter(|r| r.kind == RadioKind::Udp);
        for radio in radios {
            let Ok(socket) = tokio::net::UdpSocket::bind(&radio.address).await else { continue };
            let count = Arc::new(Mutex::new(Heard::default()));
            let (shared, profile) = (Arc::clone(&count), unit.setup.config.site.dialect);
            let task = tokio::spawn(async move {
                let mut bytes = vec![0; rsu::limits::HEARD_BYTES];
                while let Ok(length) = socket.recv(&mut bytes).await {
                    let good = v2x_msgs::decode(&bytes[..length], profile).is_ok();
                    if let Ok(mut heard) = shared.lock() {
                        if good { heard.understood += 1 } else { heard.garbled += 1 }
                    }
                }
            });
            listeners.insert(unit.setup.config.site.id.to_string(), Listener { count, task });
        }
    }
    listeners
}

struct Feed {
    eyes: Eyes,
    inputs: mpsc::Sender<Input>,
}

/// Turns the world in step with the wall clock.
async fn turn(mut world: World, signals: Signals, mut feeds: Vec<Feed>) {
    let mut ticks = tokio::time::interval(STEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut clock_told: Option<Timestamp> = None;
    loop {
        ticks.tick().await;
        let now = clock::now();
        if now.seconds_since(world.now()) > CATCH_UP_S {
            world.set_now(now);
        }
        while now.seconds_since(world.now()) >= STEP.as_secs_f64() {
            let at = world.now();
            let to = at + STEP;
            for feed in &mut feeds {
                feed.eyes.look(world.bodies(), &[], at, to, |_| false);
            }
            world.step(STEP.as_secs_f64(), &signals.at(at));
        }
        let tell_clock = clock_told.is_none_or(|told| now.seconds_since(told) >= 1.0);
        if tell_clock {
            clock_told = Some(now);
        }
        for feed in &mut feeds {
            let frames = feed.eyes.arrived(now).into_iter().map(|frame| Input::Detections(frame.detections));
            let clock = tell_clock.then_some(Input::Clock(ClockState { synchronised: true, offset_ms: 0.0 }));
            for input in clock.into_iter().chain(frames) {
                // A unit that cannot follow loses frames, as it would from a real sensor.
                let _ = feed.inputs.try_send(input);
            }
        }
    }
}

/// The unit's setup with zenoh links to the units before it, so that the demo needs no multicast.
fn linked(mut setup: Setup, all: &[crate::stage::Unit], i: usize, zenoh: Option<&str>) -> Setup {
    let link = &mut setup.config.corridor_link;
    let address = |n: usize| format!("tcp/127.0.0.1:{}", 7450 + n);
    if all.len() > 1 && link.listen.is_empty() && link.connect.is_empty() {
        link.listen = vec![address(i)];
        link.connect = (0..i).map(address).collect();
    }
    if let (0, Some(endpoint)) = (i, zenoh) {
        link.listen.push(endpoint.to_owned());
    }
    setup
}

fn place(setup: &Setup, page: Option<String>) -> Place {
    Place {
        unit: setup.config.site.id.to_string(),
        page: page.map_or_else(String::new, |address| format!("http://{address}/")),
        radio: setup.config.radio.iter().map(|r| r.address.clone()).collect(),
        corridor: setup.config.site.corridor.clone(),
    }
}
