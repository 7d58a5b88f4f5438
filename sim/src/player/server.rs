//! Serves a film: the unit's own page, fed from the film, and the deck beside it.
//!
//! | path | what |
//! |---|---|
//! | `/` and its files | the page of the live unit, with the deck |
//! | `/api/film` | title, seed, length, marks, units |
//! | `/api/player` | WebSocket: where the playhead is and the truth there; takes [`Command`]s |
//! | all else | as on a live unit |

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use calibration::Timestamp;
use rsu::shell::clock::StopWatch;
use rsu::shell::view::View;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::deck::{Command, Deck};
use super::film::{Film, UnitFilm};

/// The playhead moves this often, and viewers are told.
const TICK: Duration = Duration::from_millis(50);
/// After a jump, messages and events of so long before are shown as the newest, seconds.
const BEFORE_S: f64 = 5.0;
/// A viewer that does not take a picture for so long is let go.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest command.
const COMMAND_BYTES: usize = 1024;

const SCRIPT: &str = include_str!("static/player.js");
const STYLE: &str = include_str!("static/player.css");

/// A film cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum PlayerError {
    /// The port is taken.
    #[error("cannot serve the page at {address}: {why}; choose another with `--port`")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why not.
        why: std::io::Error,
    },
    /// The run had no unit: there is no page to show it in.
    #[error("the scenario has no unit, so there is no page to show it in; add a [[unit]]")]
    NoUnit,
    /// Serving failed.
    #[error("the page can no longer be served: {0}")]
    Serve(#[from] std::io::Error),
}

/// A film being shown, one page a unit.
#[derive(Debug)]
pub struct Player {
    film: Film,
    views: Vec<Arc<View>>,
    deck: Mutex<Deck>,
}

/// What one page is served from.
#[derive(Clone)]
struct Screen {
    player: Arc<Player>,
    unit: usize,
}

impl Player {
    /// Shows `film` from `from_s` on.
    ///
    /// # Errors
    /// When it has no unit.
    pub fn new(film: Film, from_s: f64) -> Result<Arc<Self>, PlayerError> {
        if film.units.is_empty() {
            return Err(PlayerError::NoUnit);
        }
        let views = film.units.iter().map(|u| View::new(u.config.clone(), u.map.clone(), None)).collect();
        let deck = Deck::new(film.length_s(), from_s);
        let player = Arc::new(Self { film, views, deck: Mutex::new(deck) });
        player.turn(None);
        Ok(player)
    }

    /// Serves until `stop`; the page of the first unit is at `port` (0: a free one), the next ones follow. `shown` is told
    /// unit and address of every page.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn serve(
        self: Arc<Self>,
        port: u16,
        stop: impl Future<Output = ()>,
        shown: impl FnOnce(&[(String, SocketAddr)]),
    ) -> Result<(), PlayerError> {
        let mut pages = Vec::new();
        let mut places = Vec::new();
        for (unit, view) in self.views.iter().enumerate() {
            let number = if port == 0 { 0 } else { port.saturating_add(u16::try_from(unit).unwrap_or(u16::MAX)) };
            let address = SocketAddr::from(([127, 0, 0, 1], number));
            let listener =
                tokio::net::TcpListener::bind(address).await.map_err(|why| PlayerError::Bind { address, why })?;
            places.push((self.film.units[unit].name.clone(), listener.local_addr()?));
            let screen = Screen { player: Arc::clone(&self), unit };
            pages.push(tokio::spawn(axum::serve(listener, router(screen, Arc::clone(view))).into_future()));
        }
        shown(&places);
        tokio::select! {
            () = stop => {}
            () = self.play() => {}
        }
        for page in pages {
            page.abort();
        }
        Ok(())
    }

    /// Moves the playhead with real time.
    async fn play(&self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut watch = StopWatch::start();
        let mut last = self.deck().clone();
        loop {
            ticks.tick().await;
            let dt = watch.elapsed().as_secs_f64();
            watch = StopWatch::start();
            self.deck().advance(dt);
            last = self.turn(Some(&last));
        }
    }

    /// Brings every view to where the playhead is, and gives it; `last`: where it was. A viewer may move it meanwhile: that is
    /// seen by the next turn.
    fn turn(&self, last: Option<&Deck>) -> Deck {
        let deck = self.deck().clone();
        let jumped = last.is_none_or(|last| last.jumps != deck.jumps);
        let from_s = match last {
            Some(last) if !jumped => last.at_s,
            _ => deck.at_s - BEFORE_S,
        };
        let moment = |s: f64| self.film.start.offset_secs(s);
        let (from, to) = (moment(from_s), moment(deck.at_s));
        for (view, unit) in self.views.iter().zip(&self.film.units) {
            view.show(to);
            if jumped {
                view.forget();
            }
            feed(view, unit, from, to);
            let picture = unit.worlds.get(self.film.picture(deck.at_s)).and_then(Option::as_ref);
            let world = picture.cloned().unwrap_or_else(|| rsu::world::World {
                unfit: vec![rsu::event::Unfit::Sensors { detail: "the unit has no power".to_owned() }],
                ..rsu::world::World::empty(to)
            });
            view.set_world(world);
        }
        deck
    }

    fn deck(&self) -> MutexGuard<'_, Deck> {
        // A deck is whole at every moment.
        self.deck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn obey(&self, command: Command) {
        self.deck().obey(command, &self.film.marks);
    }

    /// Where the playhead is, and the truth there.
    fn picture(&self, unit: usize) -> Value {
        let deck = self.deck().clone();
        json!({ "deck": deck, "truth": self.film.truth(unit, deck.at_s) })
    }
}

/// What `unit` said and what happened to it after `from`, up to `to`.
fn feed(view: &View, unit: &UnitFilm, from: Timestamp, to: Timestamp) {
    let range = |at: Timestamp| from < at && at <= to;
    let first = unit.said.partition_point(|(at, _)| *at <= from);
    for (at, frame) in unit.said[first..].iter().take_while(|(at, _)| range(*at)) {
        view.sent(*at, frame);
    }
    let first = unit.events.partition_point(|stamp| stamp.at <= from);
    for stamp in unit.events[first..].iter().take_while(|stamp| range(stamp.at)) {
        view.event(stamp.clone());
    }
}

fn router(screen: Screen, view: Arc<View>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/player.js", get(async || rsu::web::answer("text/javascript; charset=utf-8", SCRIPT)))
        .route("/player.css", get(async || rsu::web::answer("text/css; charset=utf-8", STYLE)))
        .route("/api/film", get(film))
        .route("/api/player", get(upgrade))
        .with_state(screen)
        .fallback_service(rsu::web::router(view))
}

/// The live page with the deck's script and style.
async fn index() -> Response {
    let page = String::from_utf8_lossy(rsu::web::embedded("index.html").unwrap_or_default()).replace(
        "</head>",
        "<link rel=\"stylesheet\" href=\"player.css\">\n<script type=\"module\" src=\"player.js\"></script>\n</head>",
    );
    rsu::web::answer("text/html; charset=utf-8", page)
}

async fn film(State(Screen { player, unit }): State<Screen>) -> Json<Value> {
    let film = &player.film;
    let units: Vec<_> = film.units.iter().map(|u| u.name.as_str()).collect();
    Json(json!({
        "schema": "rsu-sim.film/1", "scenario": film.scenario, "title": film.title, "seed": film.seed, "unit": units[unit],
        "units": units, "start": film.start, "length_s": film.length_s(), "cut": film.is_full(), "marks": film.marks,
        "bare": film.bare, "focus": film.focus(),
    }))
}

async fn upgrade(State(screen): State<Screen>, socket: WebSocketUpgrade) -> Response {
    socket.max_message_size(COMMAND_BYTES).on_upgrade(move |socket| converse(screen, socket))
}

async fn converse(Screen { player, unit }: Screen, mut socket: WebSocket) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let told = tokio::select! {
            _ = ticks.tick() => player.picture(unit),
            heard = socket.recv() => match heard {
                Some(Ok(Message::Text(text))) => match serde_json::from_str::<Command>(&text) {
                    Ok(command) => {
                        player.obey(command);
                        player.picture(unit)
                    }
                    Err(why) => json!({ "error": format!("no command of the player: {why}") }),
                },
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => return,
            },
        };
        if !matches!(timeout(PATIENCE, socket.send(Message::text(told.to_string()))).await, Ok(Ok(()))) {
            return;
        }
    }
}
