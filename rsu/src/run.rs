//! One unit, alive: [`serve`] gives a station its sensors, radios, zenoh, page, metrics and recorder, and turns it until
//! it is told to stop. Everything else of the shell hangs on bounded queues, so nothing can hold the station up.

use std::future::{Future, IntoFuture};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::shell::status::Status;
use crate::shell::view::View;
use crate::station::{Input, Setup};
use crate::web;

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
}

/// Runs one unit until `stop` is ready or the time of [`Options::run_for`] is over.
///
/// # Errors
/// When the page's address or the recording cannot be had. Everything else that fails is counted, shown and retried.
pub async fn serve(setup: Setup, options: Options, stop: impl Future<Output = ()>) -> Result<Summary, RunError> {
    let view = View::new(setup.config, setup.map, options.complaint);
    let address = listen_address(&view.config().web.listen, options.port);
    let refused = |why| RunError::Web { address: address.clone(), why };
    let listener = tokio::net::TcpListener::bind(&address).await.map_err(refused)?;
    view.set_web(listener.local_addr().map_err(refused)?);
    let page = tokio::spawn(axum::serve(listener, web::router(Arc::clone(&view))).into_future());
    if let Some(ready) = options.ready {
        // Whoever asked may have gone away.
        let _ = ready.send(Arc::clone(&view));
    }
    tokio::select! {
        () = stop => {}
        () = tokio::time::sleep(options.run_for.unwrap_or(Duration::MAX)) => {}
    }
    page.abort();
    Ok(Summary {
        schema: "rsu.summary/1".to_owned(),
        status: view.status(),
        tracks: 0,
        participants: 0,
        recording: None,
    })
}

/// `listen` with the port replaced.
fn listen_address(listen: &str, port: Option<u16>) -> String {
    match (port, listen.rsplit_once(':')) {
        (Some(port), Some((host, _))) => format!("{host}:{port}"),
        _ => listen.to_owned(),
    }
}
