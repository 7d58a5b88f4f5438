//! The one task that owns the station: it waits for an input, a due time or the end, feeds the station, and carries out
//! what the station asks for. Everything it hands on goes into bounded queues, so a step takes as long as the station
//! takes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use calibration::Timestamp;
use v2x_msgs::MessageKind;

use crate::config;
use crate::event::{Event, Stamp};
use crate::radio::RadioFrame;
use crate::record::{Entry, Recorder};
use crate::shell::clock::{self, StopWatch};
use crate::shell::corridor::Word;
use crate::shell::queue::{Inbox, Queue};
use crate::shell::radio_task::Departure;
use crate::shell::view::View;
use crate::station::{Input, Output, Setup, Station};

/// The picture is not renewed faster than this, unless the unit falls silent or speaks again.
const PICTURE: Duration = Duration::from_millis(40);
/// The shortest wait for a due time.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Messages on their way to one radio.
pub type Departures = Arc<Queue<Arc<Departure>>>;

/// Ways out of the unit.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// Radios: which messages each takes, and its queue.
    pub radios: Vec<(Vec<MessageKind>, Departures)>,
    /// zenoh.
    pub corridor: Option<Arc<Queue<Word>>>,
}

/// What happened in one run.
#[derive(Copy, Clone, Debug, Default)]
pub struct Totals {
    /// Tracks confirmed.
    pub tracks: u64,
    /// Participants in all RSM.
    pub participants: u64,
}

/// The station and its surroundings.
#[derive(Debug)]
pub struct Pump {
    station: Station,
    inbox: Arc<Inbox>,
    view: Arc<View>,
    ways: Ways,
    recorder: Option<Recorder>,
    totals: Totals,
    now: Timestamp,
    shown: Timestamp,
    swept: Timestamp,
}

impl Pump {
    /// A station made from `setup`, about to start.
    #[must_use]
    pub fn new(setup: Setup, inbox: Arc<Inbox>, view: Arc<View>, ways: Ways, recorder: Option<Recorder>) -> Self {
        let now = clock::now();
        if let Some(recorder) = &recorder {
            recorder.push(Entry::Start { now });
        }
        let station = Station::new(setup, now);
        Self { station, inbox, view, ways, recorder, totals: Totals::default(), now, shown: now, swept: now }
    }

    /// Turns the station until `stop` is ready.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> (Totals, Option<Recorder>) {
        tokio::pin!(stop);
        loop {
            let wait = self.station.next_due().seconds_since(clock::now()).clamp(SHORTEST_WAIT.as_secs_f64(), 1.0);
            let input = tokio::select! {
                biased;
                () = &mut stop => break,
                input = self.inbox.pop() => input,
                () = tokio::time::sleep(Duration::from_secs_f64(wait)) => Input::Tick,
            };
            self.step(input);
        }
        (self.totals, self.recorder)
    }

    fn step(&mut self, input: Input) {
        // The station's time never runs backwards, whatever the wall clock does.
        self.now = self.now.max(clock::now());
        let watch = StopWatch::start();
        let input = match &self.recorder {
            // The station is fed what the recording says, so that a replay is exact.
            Some(recorder) => recorder.take_down(self.now, input),
            None => input,
        };
        self.note(&input);
        let seen = matches!(input, Input::Detections(_));
        let heard = if let Input::Received(bytes) = &input { Some(bytes.clone()) } else { None };
        let silent = !self.view.world().unfit.is_empty();
        self.station.handle(self.now, input);
        if seen {
            let budget = &self.view.config().budget;
            self.view.metrics().stage("fuse", watch.elapsed().as_secs_f64(), budget.fuse_ms + budget.encode_ms);
        }
        while let Some(output) = self.station.poll() {
            self.carry_out(output, heard.as_deref());
        }
        let turned = silent == self.station.world().unfit.is_empty();
        if turned || self.now >= self.shown + PICTURE {
            self.show();
        }
        if self.now >= self.swept + Duration::from_secs(1) {
            self.sweep();
        }
    }

    /// What the shell itself reads from an input.
    fn note(&self, input: &Input) {
        match input {
            Input::Detections(seen) => self.view.metrics().frame(&seen.sensor, self.now.seconds_since(seen.tov)),
            Input::Clock(state) => self.view.set_clock(state.clone()),
            _ => {}
        }
    }

    fn carry_out(&mut self, output: Output, heard: Option<&[u8]>) {
        match output {
            Output::Send(frame) => self.send(frame),
            Output::Share(tracks) => self.tell(Word::Share(tracks)),
            Output::Event(stamp) => {
                match &stamp.event {
                    Event::TrackConfirmed { .. } => self.totals.tracks += 1,
                    Event::Sent { kind: MessageKind::Rsm, items, .. } => self.totals.participants += *items as u64,
                    Event::Heard { kind } => self.heard(*kind, heard),
                    _ => {}
                }
                self.view.event(stamp);
            }
        }
    }

    fn send(&self, frame: RadioFrame) {
        if let Some(recorder) = &self.recorder {
            recorder.push(Entry::Sent { now: self.now, frame: frame.clone() });
        }
        let kind = frame.kind;
        let departure = Departure::new(self.now, frame);
        let mut alone = true;
        for (_, out) in self.ways.radios.iter().filter(|(kinds, _)| kinds.contains(&kind)) {
            out.push(Arc::clone(&departure));
            alone = false;
        }
        self.tell(Word::Message { departure, alone });
    }

    fn heard(&self, kind: MessageKind, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            let frame = RadioFrame { kind, bytes: bytes.to_vec(), tov: None };
            self.view.heard(self.now, &frame);
            if let Some(recorder) = &self.recorder {
                recorder.push(Entry::Heard { now: self.now, frame: frame.clone() });
            }
            self.tell(Word::Heard(frame));
        }
    }

    fn tell(&self, word: Word) {
        if let Some(corridor) = &self.ways.corridor {
            corridor.push(word);
        }
    }

    /// Renews the shared picture.
    fn show(&mut self) {
        self.shown = self.now;
        let world = self.station.world().clone();
        if let Some(recorder) = &self.recorder {
            recorder.push(Entry::World(Box::new(world.clone())));
        }
        self.view.set_world(world);
    }

    /// Counts what full queues have dropped.
    fn sweep(&mut self) {
        self.swept = self.now;
        let mut dropped: Vec<(&str, u64)> = self.inbox.lanes().map(|lane| (lane.name(), lane.take_dropped())).to_vec();
        dropped.extend(self.ways.radios.iter().map(|(_, out)| (out.name(), out.take_dropped())));
        dropped.extend(self.ways.corridor.iter().map(|out| (out.name(), out.take_dropped())));
        for (queue, count) in dropped.into_iter().filter(|(_, count)| *count > 0) {
            self.view.event(Stamp { at: self.now, event: Event::Dropped { queue: queue.to_owned(), count } });
        }
    }
}

/// The message types that a radio is to take.
#[must_use]
pub fn kinds_of(radio: &config::Radio) -> Vec<MessageKind> {
    MessageKind::ALL.into_iter().filter(|kind| radio.messages.iter().any(|name| name == kind.name())).collect()
}
