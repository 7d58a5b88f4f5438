//! One unit, alive: [`serve`] gives a station its sensors, radios, zenoh, page, metrics and recorder, and turns it until
//! it is told to stop. Everything else of the shell hangs on bounded queues, so nothing can hold the station up.

use std::future::{Future, IntoFuture};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::record::{self, Recorder};
use crate::shell::corridor::Corridor;
use crate::shell::pump::{self, Pump, Ways};
use crate::shell::queue::Inbox;
use crate::shell::radio_task::RadioTask;
use crate::shell::status::Status;
use crate::shell::view::View;
use crate::shell::workers::Workers;
use crate::shell::{clock, timekeeper};
use crate::station::{Input, Setup};
use crate::web;

/// How long taking leave of the corridor may take.
const LEAVE: Duration = Duration::from_secs(2);

/// How a unit is run, beyond its configuration.
#[derive(Debug, Default)]
pub struct Options {
    /// Inputs from elsewhere (the demo's simulated sensors); sensors with the address `sim:` have no worker of their own.
    pub injected: Option<mpsc::Receiver<Input>>,
    /// Ends by itself after so long.
    pub run_for: Option<Duration>,
    /// Record to this file, whatever `[record]` says.
    pub record: Option<PathBuf>,
    /// Overrides the port of `[web] listen`; 0 takes a free one.
    pub port: Option<u16>,
    /// Why the configuration is refused: the unit is silent and only shows this (safe mode).
    pub complaint: Option<String>,
    /// Told once everything is up, with the shared picture.
    pub ready: Option<oneshot::Sender<Arc<View>>>,
}

/// What was seen and said in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// `rsu.summary/1`.
    pub schema: String,
    /// The last status.
    pub status: Status,
    /// Tracks that were confirmed.
    pub tracks: u64,
    /// Participants told in all RSM.
    pub participants: u64,
    /// The recording, if there is one.
    pub recording: Option<PathBuf>,
}

/// Why a unit could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The page's address cannot be taken.
    #[error("cannot serve the page at {address}: {why}; choose another with `--port` or `[web] listen`")]
    Web {
        /// The address.
        address: String,
        /// What is wrong.
        why: std::io::Error,
    },
    /// The recording cannot be written.
    #[error("cannot record to {path}: {why}", path = path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: std::io::Error,
    },
    /// The machine has no thread to spare.
    #[error("cannot start a thread for a sensor: {0}")]
    Threads(std::io::Error),
}

/// Runs one unit until `stop` is ready or the time of [`Options::run_for`] is over.
///
/// # Errors
/// When the page's address or the recording cannot be had. Everything else that fails is counted, shown and retried.
pub async fn serve(setup: Setup, mut options: Options, stop: impl Future<Output = ()>) -> Result<Summary, RunError> {
    let complaint = options.complaint.take();
    let safe = complaint.is_some();
    let view = View::new(setup.config.clone(), setup.map.clone(), complaint);
    let page = open_page(&view, options.port).await?;
    let (setup, recorder) = if safe { (setup, None) } else { start_recorder(setup, &options, &view)? };
    if let Some(ready) = options.ready.take() {
        // Whoever asked may have gone away.
        let _ = ready.send(Arc::clone(&view));
    }
    let run_for = options.run_for.unwrap_or(Duration::MAX);
    let stop = async {
        tokio::select! {
            () = stop => {}
            () = tokio::time::sleep(run_for) => {}
        }
    };
    let totals = if safe {
        stop.await;
        Totals::default()
    } else {
        speak(setup, options.injected, &view, recorder, stop).await?
    };
    page.abort();
    let Totals { tracks, participants, recording } = totals;
    Ok(Summary { schema: "rsu.summary/1".to_owned(), status: view.status(), tracks, participants, recording })
}

/// What one run came to.
#[derive(Debug, Default)]
struct Totals {
    tracks: u64,
    participants: u64,
    recording: Option<PathBuf>,
}

/// The unit itself: everything around the station, then the station.
async fn speak(
    setup: Setup,
    injected: Option<mpsc::Receiver<Input>>,
    view: &Arc<View>,
    recorder: Option<Recorder>,
    stop: impl Future<Output = ()>,
) -> Result<Totals, RunError> {
    let inbox = Arc::new(Inbox::default());
    let mut tasks = JoinSet::new();
    let mut ways = Ways::default();
    for radio in &setup.config.radio {
        let task = RadioTask::new(radio.clone(), Arc::clone(&inbox), Arc::clone(view));
        ways.radios.push((pump::kinds_of(radio), task.out()));
        tasks.spawn(task.run());
    }
    let (leave, leaving) = watch::channel(false);
    let corridor = Corridor::new(Arc::clone(&inbox), Arc::clone(view));
    if setup.config.corridor_link.mode != "off" {
        ways.corridor = Some(corridor.out());
    }
    let corridor = tokio::spawn(corridor.run(leaving));
    tasks.spawn(timekeeper::run(setup.config.time.source.clone(), Arc::clone(&inbox)));
    if let Some(injected) = injected {
        tasks.spawn(hand_on(injected, Arc::clone(&inbox)));
    }
    let workers = Workers::start(&setup.config, &inbox, view).map_err(RunError::Threads)?;

    let pump = Pump::new(setup, inbox, Arc::clone(view), ways, recorder);
    let (counts, recorder) = pump.run(stop).await;

    // Taking leave tells the neighbours at once; a session that hangs must not.
    let _ = leave.send(true);
    let _ = tokio::time::timeout(LEAVE, corridor).await;
    tasks.shutdown().await;
    let wind_up = move || {
        workers.stop();
        recorder.map(Recorder::finish)
    };
    let recording = tokio::task::spawn_blocking(wind_up).await.unwrap_or_default();
    Ok(Totals { tracks: counts.tracks, participants: counts.participants, recording })
}

/// Hands on what somebody else injects, until nobody does.
async fn hand_on(mut injected: mpsc::Receiver<Input>, inbox: Arc<Inbox>) {
    while let Some(input) = injected.recv().await {
        inbox.push(input);
    }
}

async fn open_page(view: &Arc<View>, port: Option<u16>) -> Result<JoinHandle<std::io::Result<()>>, RunError> {
    let address = listen_address(&view.config().web.listen, port);
    let refused = |why| RunError::Web { address: address.clone(), why };
    let listener = tokio::net::TcpListener::bind(&address).await.map_err(refused)?;
    view.set_web(listener.local_addr().map_err(refused)?);
    Ok(tokio::spawn(axum::serve(listener, web::router(Arc::clone(view))).into_future()))
}

/// Starts a recording where one is wanted. A recorded unit is made from what the recording says of it.
fn start_recorder(setup: Setup, options: &Options, view: &Arc<View>) -> Result<(Setup, Option<Recorder>), RunError> {
    let (config, unit) = (&setup.config.record, &setup.config.site.id.0);
    let max_bytes = config.max_mb.saturating_mul(1_000_000);
    let path = match (&options.record, config.trigger.as_str()) {
        (Some(path), _) => path.clone(),
        (None, "always") => {
            // What is there already and one new recording share the space; a folder that is not there yet is empty.
            let _ = record::make_room(&config.dir, unit, max_bytes / 2);
            record::new_name(&config.dir, unit, clock::now())
        }
        _ => return Ok((setup, None)),
    };
    let bound = if options.record.is_some() { max_bytes } else { max_bytes / 2 };
    let refused = |why| RunError::Record { path: path.clone(), why };
    let setup = record::setup::as_written(&setup).map_err(|e| refused(std::io::Error::other(e)))?;
    let recorder = Recorder::start(&path, &setup, bound, Arc::clone(view)).map_err(refused)?;
    view.record_to(recorder.entries());
    Ok((setup, Some(recorder)))
}

/// `listen` with the port replaced.
fn listen_address(listen: &str, port: Option<u16>) -> String {
    match (port, listen.rsplit_once(':')) {
        (Some(port), Some((host, _))) => format!("{host}:{port}"),
        _ => listen.to_owned(),
    }
}
