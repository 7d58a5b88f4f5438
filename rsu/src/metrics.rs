//! Counters, gauges and histograms for Prometheus, in base units. Never a label per track, vehicle or address.

use std::sync::atomic::AtomicU64;

use perception::{Class, SensorId};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use v2x_msgs::MessageKind;

use crate::event::Event;
use crate::world::World;

/// `Content-Type` of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of every histogram of time, seconds: fine around the latency budget.
const SECONDS: [f64; 18] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0];

/// Everything that can be a reason for silence ([`Unfit::word`]), so that each has its line from the start.
const REASONS: [&str; 4] = ["clock", "pose", "sensors", "config"];

/// Label names and values.
type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter>;
type Gauges = Family<Labels, Gauge>;
type Reals = Family<Labels, Gauge<f64, AtomicU64>>;
type Seconds = Family<Labels, Histogram, fn() -> Histogram>;

/// Everything that is measured about one unit.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    fit: Gauge,
    unfit: Gauges,
    frames: Counters,
    gaps: Counters,
    sensor_age: Seconds,
    stages: Seconds,
    message_age: Seconds,
    missed: Counters,
    tracks: Gauges,
    births: Counter,
    handovers: Counters,
    sent: Counters,
    sent_bytes: Counters,
    failed: Counters,
    heard: Counters,
    rejected: Counters,
    twins: Counters,
    dropped: Counters,
    providers: Gauges,
    clock_offset: Reals,
    neighbours: Gauge,
    recording_bytes: Gauge,
    process: Process,
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new(dialect: &str) -> Self {
        let mut registry = Registry::default();
        let process = Process::registered(&mut registry);
        let r = registry.sub_registry_with_prefix("rsu");
        let build = add(r, "build_info", "Version of the program", Gauges::default());
        build
            .get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("dialect", dialect.to_owned())])
            .set(1);
        let unfit = add(r, "unfit_reason", "Why it is silent: 1 for each reason that holds", Gauges::default());
        for word in REASONS {
            unfit.get_or_create(&one("reason", word)).set(0);
        }
        Self {
            unfit,
            fit: add(r, "fit_to_speak", "1: the unit speaks, 0: it is silent", Gauge::default()),
            frames: add(r, "sensor_frames", "Frames that reached the station", Counters::default()),
            gaps: add(r, "sensor_gaps", "Frames lost between sensor and detector", Counters::default()),
            sensor_age: add(r, "sensor_age_seconds", "Age of a frame when it reached the station", seconds()),
            stages: add(r, "stage_duration_seconds", "Duration of a stage; fuse includes encode", seconds()),
            message_age: add(r, "message_age_seconds", "Photon to antenna", seconds()),
            missed: add(r, "budget_missed", "Latency budget missed", Counters::default()),
            tracks: add(r, "tracks", "Road users", Gauges::default()),
            births: add(r, "track_births", "Tracks confirmed", Counter::default()),
            handovers: add(r, "handovers", "Tracks known to a neighbour before", Counters::default()),
            sent: add(r, "messages_sent", "Messages handed to a radio", Counters::default()),
            sent_bytes: add(r, "message_bytes", "Bytes handed to a radio", Counters::default()),
            failed: add(r, "messages_failed", "Messages a radio did not take", Counters::default()),
            heard: add(r, "messages_heard", "Messages heard and understood", Counters::default()),
            rejected: add(r, "messages_rejected", "Messages heard and refused", Counters::default()),
            twins: add(r, "json_made", "Messages made into JSON because somebody subscribes", Counters::default()),
            dropped: add(r, "queue_dropped", "Entries that a full queue dropped", Counters::default()),
            providers: add(r, "detector_provider_info", "What computes the detections", Gauges::default()),
            clock_offset: add(r, "clock_offset_seconds", "Estimated offset from UTC", Reals::default()),
            neighbours: add(r, "neighbours", "Neighbours that are alive", Gauge::default()),
            recording_bytes: add(r, "recording_bytes", "Bytes of the recording", Gauge::default()),
            process,
            registry,
        }
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn text(&self) -> String {
        self.process.look();
        let mut page = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut page, &self.registry);
        page
    }

    /// Takes over what the world shows.
    pub fn world(&self, world: &World) {
        self.fit.set(i64::from(world.unfit.is_empty()));
        for word in REASONS {
            let holds = world.unfit.iter().any(|reason| reason.word() == word);
            self.unfit.get_or_create(&one("reason", word)).set(i64::from(holds));
        }
        for class in Class::ALL {
            let count = world.tracks.iter().filter(|track| track.class == class).count();
            self.tracks.get_or_create(&one("class", class.name())).set(count as i64);
        }
        self.neighbours.set(world.neighbours.len() as i64);
    }

    /// Counts what happened.
    pub fn event(&self, event: &Event) {
        match event {
            Event::TrackConfirmed { .. } => drop(self.births.inc()),
            Event::HandedOver { .. } => drop(self.handovers.get_or_create(&one("result", "adopted")).inc()),
            Event::Heard { kind } => drop(self.heard.get_or_create(&one("type", kind.name())).inc()),
            Event::Rejected { reason } => drop(self.rejected.get_or_create(&one("reason", reason)).inc()),
            Event::Dropped { queue, count } => drop(self.dropped.get_or_create(&one("queue", queue)).inc_by(*count)),
            _ => {}
        }
    }

    /// A frame of `sensor` reached the station at this age.
    pub fn frame(&self, sensor: &SensorId, age_s: f64) {
        self.frames.get_or_create(&one("sensor", &sensor.0)).inc();
        self.sensor_age.get_or_create(&one("sensor", &sensor.0)).observe(age_s);
    }

    /// Frames of `sensor` were lost before its detector saw them.
    pub fn gap(&self, sensor: &SensorId, frames: u64) {
        self.gaps.get_or_create(&one("sensor", &sensor.0)).inc_by(frames);
    }

    /// A stage took so long; more than its budget is a miss.
    pub fn stage(&self, stage: &'static str, seconds: f64, budget_ms: f64) {
        self.stages.get_or_create(&one("stage", stage)).observe(seconds.max(0.0));
        if seconds * 1e3 > budget_ms {
            self.missed.get_or_create(&one("stage", stage)).inc();
        }
    }

    /// A message left the antenna at this age; more than the whole budget is a miss.
    pub fn message_age(&self, kind: MessageKind, age_ms: f64, budget_ms: f64) {
        self.message_age.get_or_create(&one("type", kind.name())).observe(age_ms.max(0.0) * 1e-3);
        if age_ms > budget_ms {
            self.missed.get_or_create(&one("stage", "all")).inc();
        }
    }

    /// A radio took a message.
    pub fn sent(&self, radio: &str, kind: MessageKind, bytes: usize) {
        let labels = vec![("type", kind.name().to_owned()), ("radio", radio.to_owned())];
        self.sent.get_or_create(&labels).inc();
        self.sent_bytes.get_or_create(&labels).inc_by(bytes as u64);
    }

    /// A radio did not take a message.
    pub fn failed(&self, radio: &str, kind: MessageKind) {
        let labels = vec![("type", kind.name().to_owned()), ("radio", radio.to_owned())];
        self.failed.get_or_create(&labels).inc();
    }

    /// A message was made into JSON.
    pub fn twin(&self, kind: MessageKind) {
        self.twins.get_or_create(&one("type", kind.name())).inc();
    }

    /// What computes the detections of `sensor`.
    pub fn provider(&self, sensor: &SensorId, provider: &str) {
        let labels = vec![("detector", sensor.0.clone()), ("provider", provider.to_owned())];
        self.providers.get_or_create(&labels).set(1);
    }

    /// The clock was looked at.
    pub fn clock(&self, source: &str, offset_ms: f64) {
        self.clock_offset.get_or_create(&one("source", source)).set(offset_ms * 1e-3);
    }

    /// The recording has grown to so many bytes.
    pub fn recording(&self, bytes: u64) {
        self.recording_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

fn one(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

fn seconds() -> Seconds {
    Seconds::new_with_constructor(|| Histogram::new(SECONDS))
}

fn add<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

/// The `process_*` values that every exporter has, from `/proc/self`; absent where there is none.
#[derive(Debug)]
struct Process {
    memory: Gauge,
    cpu: Gauge<f64, AtomicU64>,
    files: Gauge,
}

impl Process {
    fn registered(registry: &mut Registry) -> Self {
        let r = registry.sub_registry_with_prefix("process");
        Self {
            memory: add(r, "resident_memory_bytes", "Memory in use", Gauge::default()),
            cpu: add(r, "cpu_seconds", "Processor time used", Gauge::default()),
            files: add(r, "open_fds", "Open files and sockets", Gauge::default()),
        }
    }

    fn look(&self) {
        // proc(5): times are in clock ticks of 1/100 s in the Linux ABI, memory in the second field of `statm` in pages
        // of 4 KiB on every machine we build for.
        if let Some(pages) = field("/proc/self/statm", 1) {
            self.memory.set(pages * 4096);
        }
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let after_name: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |i: usize| after_name.get(i).and_then(|t| t.parse::<f64>().ok());
        if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
            self.cpu.set((user + system) / 100.0);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.files.set(files.count() as i64);
        }
    }
}

fn field(path: &str, index: usize) -> Option<i64> {
    std::fs::read_to_string(path).ok()?.split_whitespace().nth(index)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use calibration::Timestamp;

    use super::*;
    use crate::event::Unfit;

    fn world(unfit: Vec<Unfit>) -> World {
        World {
            at: Timestamp::default(),
            tov: None,
            tracks: Vec::new(),
            signals: Vec::new(),
            warnings: Vec::new(),
            unfit,
            sensors: Vec::new(),
            neighbours: Vec::new(),
        }
    }

    #[test]
    fn silence_and_its_reason_are_in_the_metrics() {
        let metrics = Metrics::new("csae53-2020");
        metrics.world(&world(vec![Unfit::Clock { detail: "lost".into() }]));
        let page = metrics.text();
        assert!(page.contains("rsu_fit_to_speak 0"), "{page}");
        assert!(page.contains("rsu_unfit_reason{reason=\"clock\"} 1"), "{page}");
        assert!(page.contains("rsu_unfit_reason{reason=\"pose\"} 0"), "{page}");
        metrics.world(&world(Vec::new()));
        assert!(metrics.text().contains("rsu_fit_to_speak 1"));
        assert!(metrics.text().contains("rsu_unfit_reason{reason=\"clock\"} 0"));
    }

    #[test]
    fn every_reason_for_silence_has_its_line() {
        let sensor = SensorId("north".into());
        let all = [
            Unfit::Clock { detail: String::new() },
            Unfit::Pose { sensor, detail: String::new() },
            Unfit::Sensors { detail: String::new() },
            Unfit::Config { detail: String::new() },
        ];
        assert_eq!(all.map(|reason| reason.word()), REASONS);
    }

    #[test]
    fn an_age_over_the_budget_is_a_miss() {
        let metrics = Metrics::new("csae53-2020");
        metrics.message_age(MessageKind::Rsm, 61.0, 80.0);
        metrics.message_age(MessageKind::Rsm, 81.0, 80.0);
        let page = metrics.text();
        assert!(page.contains("rsu_message_age_seconds_count{type=\"rsm\"} 2"), "{page}");
        assert!(page.contains("rsu_message_age_seconds_bucket{le=\"0.07\",type=\"rsm\"} 1"), "{page}");
        assert!(page.contains("rsu_budget_missed_total{stage=\"all\"} 1"), "{page}");
        assert!(page.ends_with("# EOF\n"));
    }

    #[test]
    fn the_process_shows_its_memory() {
        let page = Metrics::new("csae53-2020").text();
        let line = page.lines().find(|l| l.starts_with("process_resident_memory_bytes ")).expect("a line");
        assert!(line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() > 1_000_000, "{line}");
    }
}
