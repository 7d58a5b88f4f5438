//! The shared picture that page, status, metrics and zenoh look at: the latest world, what was said and heard, what
//! happened, and how old it was when it left. Writing to it never waits for a reader.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use calibration::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use v2x_msgs::MessageKind;

use crate::config::Config;
use crate::event::{Event, Stamp, Unfit};
use crate::limits;
use crate::metrics::Metrics;
use crate::radio::RadioFrame;
use crate::record::Entry;
use crate::shell::age::Ages;
use crate::shell::clock::{self, StopWatch};
use crate::shell::journal::Journal;
use crate::shell::queue::Queue;
use crate::shell::status::{
    self, AgeStatus, AirStatus, ClockStatus, LinkStatus, RadioStatus, RecordingStatus, Status, Tally, WorldStatus,
};
use crate::site_map::SiteMap;
use crate::station::ClockState;
use crate::world::World;

/// To the antenna or from it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// By this unit.
    Sent,
    /// By somebody else.
    Heard,
}

/// One message that passed the antenna.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AirMessage {
    /// Running number at this unit, from 1.
    pub seq: u64,
    /// When it left or came.
    pub at: Timestamp,
    /// Sent or heard.
    pub direction: Direction,
    /// Which message.
    pub kind: MessageKind,
    /// UPER bytes of the message frame.
    pub bytes: Vec<u8>,
    /// Time of validity of the newest measurement in it.
    pub tov: Option<Timestamp>,
    /// `tov` to `at`, ms: photon to antenna.
    pub age_ms: Option<f64>,
}

/// What a page that listens is told at once. The world itself is fetched at the page's own pace.
#[derive(Clone, Debug)]
pub enum Live {
    /// There is a newer world.
    World,
    /// A message passed the antenna.
    Message(Arc<AirMessage>),
    /// Something happened.
    Event(Arc<Stamp>),
}

/// The picture is that of the clock's moment, not of a recorded one.
const REAL: i64 = i64::MIN;

/// The shared picture of one unit.
#[derive(Debug)]
pub struct View {
    config: Config,
    map: Option<SiteMap>,
    up: StopWatch,
    metrics: Metrics,
    world: ArcSwap<World>,
    clock: ArcSwapOption<ClockState>,
    link: ArcSwap<LinkStatus>,
    recording: ArcSwapOption<RecordingStatus>,
    web: OnceLock<SocketAddr>,
    next_seq: AtomicU64,
    /// The moment that is shown, nanoseconds; [`REAL`]: that of the clock.
    shown: AtomicI64,
    book: Mutex<Book>,
    journal: Mutex<Journal>,
    record: OnceLock<Arc<Queue<Entry>>>,
    live: broadcast::Sender<Live>,
}

/// What is counted and kept.
#[derive(Debug, Default)]
struct Book {
    recent: VecDeque<Arc<AirMessage>>,
    /// The last one of each type, however long ago.
    newest: BTreeMap<(Direction, MessageKind), Arc<AirMessage>>,
    tallies: BTreeMap<(Direction, MessageKind), Count>,
    rejected: BTreeMap<String, u64>,
    dropped: BTreeMap<String, u64>,
    ages: BTreeMap<MessageKind, Ages>,
    all_ages: Ages,
    radios: BTreeMap<String, RadioStatus>,
}

#[derive(Debug, Default)]
struct Count {
    count: u64,
    bytes: u64,
    last: VecDeque<Timestamp>,
}

impl View {
    /// The picture of a unit that has seen nothing yet. `complaint`: why the configuration is refused (safe mode).
    #[must_use]
    pub fn new(config: Config, map: Option<SiteMap>, complaint: Option<String>) -> Arc<Self> {
        let reason = match complaint {
            Some(detail) => Unfit::Config { detail },
            None => Unfit::Sensors { detail: "starting: no frame yet".to_owned() },
        };
        let world = World {
            at: clock::now(),
            tov: None,
            tracks: Vec::new(),
            signals: Vec::new(),
            warnings: Vec::new(),
            unfit: vec![reason],
            sensors: Vec::new(),
            neighbours: Vec::new(),
        };
        let link = LinkStatus { mode: config.corridor_link.mode.clone(), ..LinkStatus::default() };
        Arc::new(Self {
            metrics: Metrics::new(config.site.dialect.name()),
            config,
            map,
            up: StopWatch::start(),
            world: ArcSwap::from_pointee(world),
            clock: ArcSwapOption::empty(),
            link: ArcSwap::from_pointee(link),
            recording: ArcSwapOption::empty(),
            web: OnceLock::new(),
            next_seq: AtomicU64::new(1),
            shown: AtomicI64::new(REAL),
            book: Mutex::default(),
            journal: Mutex::default(),
            record: OnceLock::new(),
            live: broadcast::channel(limits::LIVE_LAG).0,
        })
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The site map, when the unit has one.
    #[must_use]
    pub fn map(&self) -> Option<&SiteMap> {
        self.map.as_ref()
    }

    /// What is measured.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The latest world.
    #[must_use]
    pub fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// A moment on the unit's clock, for documents that say when they were made; in a recorded run, the moment shown.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.shown.load(Ordering::Relaxed) {
            REAL => clock::now(),
            shown => Timestamp::from_nanos(shown),
        }
    }

    /// Where page, API and metrics are served, once they are.
    #[must_use]
    pub fn web(&self) -> Option<SocketAddr> {
        self.web.get().copied()
    }

    /// The last messages with a running number above `after`, oldest first.
    #[must_use]
    pub fn messages(&self, after: u64) -> Vec<Arc<AirMessage>> {
        self.book().recent.iter().filter(|message| message.seq > after).cloned().collect()
    }

    /// The last message of each type and direction, however long ago it was.
    #[must_use]
    pub fn newest(&self) -> Vec<Arc<AirMessage>> {
        self.book().newest.values().cloned().collect()
    }

    /// One of the last messages by its running number.
    #[must_use]
    pub fn message(&self, seq: u64) -> Option<Arc<AirMessage>> {
        let book = self.book();
        book.recent.iter().chain(book.newest.values()).find(|message| message.seq == seq).cloned()
    }

    /// Listens to what happens from now on. A listener that is too slow loses the oldest and is told how many.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    /// How the unit is, now.
    #[must_use]
    pub fn status(&self) -> Status {
        let (at, world) = (self.now(), self.world());
        let mut tracks = BTreeMap::new();
        for track in &world.tracks {
            *tracks.entry(track.class.name().to_owned()).or_insert(0) += 1;
        }
        let mut link = LinkStatus::clone(&self.link.load());
        link.neighbours = world.neighbours.iter().map(ToString::to_string).collect();
        let book = self.book();
        let mut status = Status {
            schema: status::SCHEMA.to_owned(),
            at,
            tov: world.tov,
            unit: self.config.site.id.to_string(),
            name: self.config.site.name.clone(),
            corridor: self.config.site.corridor.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dialect: self.config.site.dialect.name().to_owned(),
            up_s: self.up.elapsed().as_secs_f64(),
            fit: world.unfit.is_empty(),
            reasons: world.unfit.clone(),
            sensors: world.sensors.clone(),
            clock: ClockStatus {
                source: self.config.time.source.clone(),
                state: self.clock.load().as_deref().cloned(),
            },
            world: WorldStatus { tracks, warnings: world.warnings.len() },
            air: book.air(at),
            age: book.age(self.config.budget.total_ms()),
            radios: book.radios.values().cloned().collect(),
            link,
            recording: self.recording.load().as_deref().cloned(),
            problems: Vec::new(),
        };
        status.problems = status.find_problems();
        status
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic elsewhere leaves the counters as they were: still good enough to show.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writing: the shell alone does it.
impl View {
    /// Events are recorded from now on.
    pub fn record_to(&self, entries: Arc<Queue<Entry>>) {
        // One recording a run.
        let _ = self.record.set(entries);
    }

    /// There is a newer world.
    pub fn set_world(&self, world: World) {
        self.metrics.world(&world);
        self.world.store(Arc::new(world));
        // Nobody listening is fine, here and below.
        let _ = self.live.send(Live::World);
    }

    /// The picture is that of a recorded moment from now on: a player stands there.
    pub fn show(&self, at: Timestamp) {
        self.shown.store(at.as_nanos(), Ordering::Relaxed);
    }

    /// Forgets messages and counts: a player jumps to another moment.
    pub fn forget(&self) {
        *self.book() = Book::default();
    }

    /// The clock was looked at.
    pub fn set_clock(&self, state: ClockState) {
        self.metrics.clock(&self.config.time.source, state.offset_ms);
        self.clock.store(Some(Arc::new(state)));
    }

    /// The session opened or closed.
    pub fn set_link(&self, open: bool, fault: Option<String>) {
        let mode = self.config.corridor_link.mode.clone();
        self.link.store(Arc::new(LinkStatus { mode, open, fault, neighbours: Vec::new() }));
    }

    /// How the recording is.
    pub fn set_recording(&self, recording: RecordingStatus) {
        self.metrics.recording(recording.bytes);
        self.recording.store(Some(Arc::new(recording)));
    }

    /// Page, API and metrics are served at `address`.
    pub fn set_web(&self, address: SocketAddr) {
        // Served once a run.
        let _ = self.web.set(address);
    }

    /// A radio's state changed.
    pub fn set_radio(&self, radio: RadioStatus) {
        self.book().radios.insert(radio.id.clone(), radio);
    }

    /// A message left the antenna at `at`; gives its age.
    pub fn sent(&self, at: Timestamp, frame: &RadioFrame) -> Option<f64> {
        let age_ms = self.passed(at, Direction::Sent, frame)?;
        self.metrics.message_age(frame.kind, age_ms, self.config.budget.total_ms());
        Some(age_ms)
    }

    /// A message came from the air and was understood.
    pub fn heard(&self, at: Timestamp, frame: &RadioFrame) {
        self.passed(at, Direction::Heard, frame);
    }

    fn passed(&self, at: Timestamp, direction: Direction, frame: &RadioFrame) -> Option<f64> {
        let age_ms = frame.tov.map(|tov| at.millis_since(tov));
        let message = Arc::new(AirMessage {
            seq: self.next_seq.fetch_add(1, Ordering::Relaxed),
            at,
            direction,
            kind: frame.kind,
            bytes: frame.bytes.clone(),
            tov: frame.tov,
            age_ms,
        });
        self.book().keep(&message, self.config.budget.total_ms());
        let _ = self.live.send(Live::Message(message));
        age_ms
    }

    /// Something happened.
    pub fn event(&self, stamp: Stamp) {
        let stamp = self.book().bounded(stamp);
        self.metrics.event(&stamp.event);
        self.journal().write(&stamp);
        if let Some(record) = self.record.get() {
            record.push(Entry::Event(stamp.clone()));
        }
        match &stamp.event {
            Event::Rejected { reason } => *self.book().rejected.entry(reason.clone()).or_insert(0) += 1,
            Event::Dropped { queue, count } => *self.book().dropped.entry(queue.clone()).or_insert(0) += count,
            _ => {}
        }
        let _ = self.live.send(Live::Event(Arc::new(stamp)));
    }
}

impl Book {
    /// Words that come from outside must not fill the counters.
    fn bounded(&self, mut stamp: Stamp) -> Stamp {
        if let Event::Rejected { reason } = &mut stamp.event
            && !self.rejected.contains_key(reason)
            && self.rejected.len() >= limits::WORDS
        {
            *reason = "other".to_owned();
        }
        stamp
    }

    fn keep(&mut self, message: &Arc<AirMessage>, budget_ms: f64) {
        let tally = self.tallies.entry((message.direction, message.kind)).or_default();
        tally.count += 1;
        tally.bytes += message.bytes.len() as u64;
        if tally.last.len() == limits::RATE_WINDOW {
            tally.last.pop_front();
        }
        tally.last.push_back(message.at);
        if let (Direction::Sent, Some(age_ms)) = (message.direction, message.age_ms) {
            self.ages.entry(message.kind).or_default().push(age_ms, budget_ms);
            self.all_ages.push(age_ms, budget_ms);
        }
        if self.recent.len() == limits::RECENT_MESSAGES {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::clone(message));
        self.newest.insert((message.direction, message.kind), Arc::clone(message));
    }

    fn air(&self, at: Timestamp) -> AirStatus {
        let mut air =
            AirStatus { rejected: self.rejected.clone(), dropped: self.dropped.clone(), ..AirStatus::default() };
        for ((direction, kind), count) in &self.tallies {
            let table = if *direction == Direction::Sent { &mut air.sent } else { &mut air.heard };
            table.insert(kind.name().to_owned(), count.tally(at));
        }
        air
    }

    fn age(&self, budget_ms: f64) -> AgeStatus {
        let by_type = self.ages.iter().map(|(kind, ages)| (kind.name().to_owned(), ages.summary())).collect();
        AgeStatus { all: self.all_ages.summary(), by_type, budget_ms }
    }
}

impl Count {
    /// Over how long a rate is counted, seconds.
    const SPAN_S: f64 = 5.0;

    fn tally(&self, at: Timestamp) -> Tally {
        let fresh: Vec<_> = self.last.iter().filter(|t| at.seconds_since(**t) < Self::SPAN_S).collect();
        let per_s = match (fresh.first(), fresh.last()) {
            (Some(first), Some(last)) if last > first => (fresh.len() - 1) as f64 / last.seconds_since(**first),
            _ => 0.0,
        };
        Tally { count: self.count, bytes: self.bytes, per_s, last: self.last.back().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> Arc<View> {
        let config = toml::from_str(
            "[site]\nid = \"x01\"\norigin = { lat_deg = 31.0, lon_deg = 121.0 }\n[budget]\ncapture_ms = 20.0",
        );
        View::new(config.expect("a configuration"), None, None)
    }

    fn rsm(tov: Timestamp) -> RadioFrame {
        RadioFrame { kind: MessageKind::Rsm, bytes: vec![1, 2, 3], tov: Some(tov) }
    }

    #[test]
    fn a_sent_message_has_its_age_and_is_counted() {
        let view = view();
        let tov = Timestamp::from_millis(1_000);
        for i in 0..10 {
            let at = Timestamp::from_millis(1_060 + 100 * i);
            view.sent(at, &rsm(at - std::time::Duration::from_millis(60)));
        }
        assert_eq!(view.sent(Timestamp::from_millis(2_060), &rsm(tov)), Some(1060.0));
        let book = view.book();
        let air = book.air(Timestamp::from_millis(2_100));
        assert_eq!((air.sent["rsm"].count, air.sent["rsm"].bytes), (11, 33));
        assert!((air.sent["rsm"].per_s - 10.0).abs() < 1e-9, "{air:?}");
        let age = book.age(80.0);
        assert_eq!((age.all.p50_ms, age.all.p99_ms, age.all.missed), (Some(60.0), Some(1060.0), 1));
    }

    #[test]
    fn the_ring_of_messages_is_bounded() {
        let view = view();
        for _ in 0..2 * limits::RECENT_MESSAGES {
            view.sent(Timestamp::from_millis(1), &rsm(Timestamp::from_millis(1)));
        }
        let all = view.messages(0);
        assert_eq!(all.len(), limits::RECENT_MESSAGES);
        let newest = all.last().expect("the newest").seq;
        assert_eq!(newest, 2 * limits::RECENT_MESSAGES as u64);
        assert_eq!(view.messages(newest - 3).len(), 3);
        assert!(view.message(1).is_none() && view.message(newest).is_some());
    }

    #[test]
    fn a_listener_that_sleeps_loses_messages_and_holds_up_nobody() {
        let view = view();
        let mut slow = view.subscribe();
        for _ in 0..2 * limits::LIVE_LAG {
            view.sent(Timestamp::from_millis(1), &rsm(Timestamp::from_millis(1)));
        }
        assert!(matches!(slow.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
        assert!(matches!(slow.try_recv(), Ok(Live::Message(_))));
    }

    #[test]
    fn a_refused_configuration_is_the_reason_for_silence() {
        let config = view().config().clone();
        let status = View::new(config, None, Some("rsu.toml:3:1: unknown field `rate`".into())).status();
        assert!(!status.fit);
        assert_eq!(status.reasons[0].word(), "config");
        assert!(status.problems[0].contains("rsu.toml:3:1"), "{:?}", status.problems);
    }
}
