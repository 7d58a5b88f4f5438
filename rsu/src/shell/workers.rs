//! Two threads a sensor: one reads frames at their own pace, one looks at them. Between them waits only what is newest: a
//! detector that is too slow skips frames and the gap is counted, the unit never falls behind the road.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use calibration::Timestamp;
use perception::detect::{EngineChoice, Loading};
use perception::source::{Clock, Opening};
use perception::{Detector, Frame, SensorId, Source, SourceError, detect, source};

use crate::config::{self, Config};
use crate::shell::clock;
use crate::shell::queue::{Inbox, Queue};
use crate::shell::view::View;
use crate::{limits, station::Input};

/// Address of sensors that the simulator feeds.
pub const SIMULATED: &str = "sim:";
/// How long a source or detector that failed is left alone.
const REOPEN: Duration = Duration::from_secs(2);
/// A live source silent for so long is said to be.
const SILENT_AFTER: Duration = Duration::from_secs(1);
/// A waiting thread looks this often whether it shall stop.
const GLANCE: Duration = Duration::from_millis(100);

/// One sensor and what it needs.
#[derive(Clone, Debug)]
pub struct Worker {
    sensor: SensorId,
    feed: Feed,
    detector: Option<config::Detector>,
    rate_hz: f64,
    inbox: Arc<Inbox>,
    view: Arc<View>,
    stop: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
enum Feed {
    /// `camera.url` is what people may see; only the opened address has the password in it.
    Camera {
        camera: config::Camera,
    },
    LidarFile {
        path: String,
        model: String,
        angles: Option<std::path::PathBuf>,
    },
    LidarUdp {
        listen: String,
        model: String,
        angles: Option<std::path::PathBuf>,
    },
}

impl Feed {
    /// Its frames carry times of their own, which are not now.
    fn recorded(&self) -> bool {
        match self {
            Feed::Camera { camera } => !camera.url.contains("://"),
            Feed::LidarFile { .. } => true,
            Feed::LidarUdp { .. } => false,
        }
    }
}

/// All sensors of a unit at work.
#[derive(Debug, Default)]
pub struct Workers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts every sensor that the simulator does not feed.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(config: &Config, inbox: &Arc<Inbox>, view: &Arc<View>) -> std::io::Result<Self> {
        let mut all = Self::default();
        let named = |name: &Option<String>| name.as_ref().and_then(|name| config.detector.get(name)).cloned();
        let worker = |sensor: &SensorId, feed, detector, rate_hz| Worker {
            sensor: sensor.clone(),
            feed,
            detector,
            rate_hz,
            inbox: Arc::clone(inbox),
            view: Arc::clone(view),
            stop: Arc::clone(&all.stop),
        };
        let mut workers = Vec::new();
        for camera in config.camera.iter().filter(|camera| !camera.url.starts_with(SIMULATED)) {
            let feed = Feed::Camera { camera: camera.clone() };
            workers.push(worker(&camera.id, feed, named(&camera.detector), camera.rate_hz));
        }
        for lidar in &config.lidar {
            let (model, angles) = (lidar.model.clone(), lidar.angles.clone());
            let feed = match (&lidar.listen, &lidar.url) {
                (_, Some(url)) if url.starts_with(SIMULATED) => continue,
                (Some(listen), _) => Feed::LidarUdp { listen: listen.clone(), model, angles },
                (None, Some(path)) => Feed::LidarFile { path: path.clone(), model, angles },
                (None, None) => continue,
            };
            workers.push(worker(&lidar.id, feed, named(&lidar.detector), lidar.rate_hz));
        }
        for worker in workers {
            all.spawn(worker)?;
        }
        Ok(all)
    }

    fn spawn(&mut self, worker: Worker) -> std::io::Result<()> {
        let frames = Arc::new(Queue::new("frames", limits::FRAMES_WAITING));
        let runtime = tokio::runtime::Handle::current();
        let (reader, source) = (worker.clone(), Arc::clone(&frames));
        let name = |what: &str| format!("{what} {}", worker.sensor);
        self.threads.push(std::thread::Builder::new().name(name("read")).spawn(move || reader.read(&source))?);
        let builder = std::thread::Builder::new().name(name("look"));
        self.threads.push(builder.spawn(move || worker.look(&frames, &runtime))?);
        Ok(())
    }

    /// Tells every thread to stop and waits for those that do not hang in a driver.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        let watch = clock::StopWatch::start();
        while watch.elapsed() < Duration::from_secs(1) && self.threads.iter().any(|thread| !thread.is_finished()) {
            clock::rest(Duration::from_millis(5));
        }
    }
}

impl Worker {
    /// The reading thread: opens, reads at the frames' own pace, opens again.
    fn read(&self, frames: &Queue<Frame>) {
        while !self.stopped() {
            match self.open() {
                Ok(mut source) => self.read_all(&mut *source, frames),
                Err(error) => self.say(Some(error.to_string())),
            }
            self.wait(REOPEN);
        }
    }

    fn open(&self) -> Result<Box<dyn Source>, SourceError> {
        let opening = Opening {
            rate_hz: self.rate_hz,
            clock: Some(Clock(Arc::new(clock::now))),
            silent_after: SILENT_AFTER,
            angles: match &self.feed {
                Feed::Camera { .. } => None,
                Feed::LidarFile { angles, .. } | Feed::LidarUdp { angles, .. } => angles.clone(),
            },
            ..Opening::recording(self.sensor.clone(), clock::now())
        };
        match &self.feed {
            Feed::Camera { camera } => {
                let address = camera.address().map_err(|e| SourceError::Missing { what: e.to_string() })?;
                source::camera(&address, &opening)
            }
            Feed::LidarFile { path, model, .. } => source::lidar_file(Path::new(path), model, &opening),
            Feed::LidarUdp { listen, model, .. } => source::lidar_udp(listen, model, &opening),
        }
    }

    fn read_all(&self, source: &mut dyn Source, frames: &Queue<Frame>) {
        let mut pace = Pace::new(self.feed.recorded(), self.rate_hz);
        let mut said = None;
        while !self.stopped() {
            let fault = match source.next() {
                Ok(Some(mut frame)) => {
                    // A recording is played at its own rate, its first frame now.
                    frame.tov = pace.on_the_wall(frame.tov, clock::now());
                    self.wait_until(frame.tov);
                    if pace.wanted(frame.tov) {
                        frames.push(frame);
                        self.view.metrics().gap(&self.sensor, frames.take_dropped());
                    }
                    source.health()
                }
                Ok(None) => return self.say(Some("end of the recording".to_owned())),
                Err(SourceError::Silent { .. }) => source.health().or(Some("no data".to_owned())),
                Err(error) => return self.say(Some(error.to_string())),
            };
            if fault != said {
                said.clone_from(&fault);
                self.say(fault);
            }
        }
    }

    /// The looking thread: one detector, the newest frame.
    fn look(&self, frames: &Queue<Frame>, runtime: &tokio::runtime::Handle) {
        while !self.stopped() {
            match self.load() {
                Ok(mut detector) => {
                    self.view.metrics().provider(&self.sensor, detector.provider());
                    self.look_at_all(&mut *detector, frames, runtime);
                }
                Err(error) => {
                    self.say(Some(format!("detector: {error}")));
                    self.wait(REOPEN);
                }
            }
        }
    }

    fn load(&self) -> Result<Box<dyn Detector>, detect::DetectError> {
        let Some((config, descriptor)) = self.detector.as_ref().and_then(|d| Some((d, d.model.as_ref()?))) else {
            return Ok(detect::clustering());
        };
        let engine = match config.engine.as_str() {
            "ort" => EngineChoice::Ort,
            "rten" => EngineChoice::Rten,
            _ => EngineChoice::Auto,
        };
        detect::camera(descriptor, &Loading { engine, min_score: config.min_score, ..Loading::default() })
    }

    fn look_at_all(&self, detector: &mut dyn Detector, frames: &Queue<Frame>, runtime: &tokio::runtime::Handle) {
        let mut failing = false;
        while !self.stopped() {
            let next = async { tokio::time::timeout(GLANCE, frames.pop()).await };
            let Ok(frame) = runtime.block_on(next) else { continue };
            let budget = &self.view.config().budget;
            self.view.metrics().stage("capture", clock::now().seconds_since(frame.tov), budget.capture_ms);
            let watch = clock::StopWatch::start();
            match detector.detect(&frame) {
                Ok(seen) => {
                    self.view.metrics().stage("detect", watch.elapsed().as_secs_f64(), budget.detect_ms);
                    if std::mem::take(&mut failing) {
                        self.say(None);
                    }
                    self.inbox.push(Input::Detections(seen));
                }
                Err(error) => {
                    failing = true;
                    self.say(Some(format!("detector: {error}")));
                }
            }
        }
    }

    fn say(&self, fault: Option<String>) {
        // A source names the address it opened; status, page and log see it without the password.
        let fault = match &self.feed {
            Feed::Camera { camera } if camera.secret.is_some() => {
                let address = camera.address().unwrap_or_else(|_| camera.url.clone());
                fault.map(|text| text.replace(&address, &camera.url))
            }
            _ => fault,
        };
        self.inbox.push(Input::Sensor { sensor: self.sensor.clone(), fault });
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn wait(&self, span: Duration) {
        self.wait_until(clock::now() + span);
    }

    fn wait_until(&self, moment: Timestamp) {
        while !self.stopped() {
            let left = moment.seconds_since(clock::now());
            if left <= 0.0 {
                return;
            }
            clock::rest(GLANCE.min(Duration::from_secs_f64(left.min(1.0))));
        }
    }
}

/// Puts frames on the wall clock and keeps the rate.
#[derive(Debug)]
struct Pace {
    recorded: bool,
    period_s: f64,
    /// The first frame's own time, and the moment at which it was played.
    anchor: Option<(Timestamp, Timestamp)>,
    due: Timestamp,
}

impl Pace {
    /// A recording that cannot be read as fast as it was made is not played ever later, but on from here.
    const LATEST_S: f64 = 1.0;

    fn new(recorded: bool, rate_hz: f64) -> Self {
        Self { recorded, period_s: 1.0 / rate_hz.max(0.01), anchor: None, due: Timestamp::default() }
    }

    /// When a frame of this time of validity is valid on the unit's clock.
    fn on_the_wall(&mut self, tov: Timestamp, now: Timestamp) -> Timestamp {
        if !self.recorded {
            return tov;
        }
        let (first, played) = *self.anchor.get_or_insert((tov, now));
        let wall = played.offset_secs(tov.seconds_since(first));
        if now.seconds_since(wall) > Self::LATEST_S {
            self.anchor = Some((tov, now));
            return now;
        }
        wall
    }

    /// Whether this frame is needed for the configured rate.
    fn wanted(&mut self, tov: Timestamp) -> bool {
        // A quarter of a period of jitter must not cost a frame.
        if tov < self.due.offset_secs(-0.25 * self.period_s) {
            return false;
        }
        let next = self.due.offset_secs(self.period_s);
        self.due = if next > tov { next } else { tov.offset_secs(self.period_s) };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_recording_is_played_at_its_own_rate_from_now() {
        let mut pace = Pace::new(true, 10.0);
        assert_eq!(pace.on_the_wall(ms(1_000), ms(90_000)), ms(90_000));
        assert_eq!(pace.on_the_wall(ms(1_100), ms(90_020)), ms(90_100));
        assert_eq!(pace.on_the_wall(ms(1_200), ms(90_500)), ms(90_200), "a little late is late");
        assert_eq!(pace.on_the_wall(ms(1_300), ms(91_500)), ms(91_500), "hopelessly late: on from here");
        assert_eq!(pace.on_the_wall(ms(1_400), ms(91_510)), ms(91_600));
    }

    #[test]
    fn a_live_sensor_keeps_its_own_time() {
        let mut pace = Pace::new(false, 10.0);
        assert_eq!(pace.on_the_wall(ms(1_000), ms(1_030)), ms(1_000));
    }

    #[test]
    fn twenty_five_frames_a_second_become_ten() {
        let mut pace = Pace::new(false, 10.0);
        let used = (0..250).filter(|i| pace.wanted(ms(100_000 + i * 40))).count();
        assert!((99..=101).contains(&used), "{used}");
        let mut pace = Pace::new(false, 10.0);
        let jitter = [0, 12, -9, 7, -14];
        let used = (0..100).filter(|i| pace.wanted(ms(100_000 + i * 100 + jitter[*i as usize % 5]))).count();
        assert_eq!(used, 100, "jitter costs no frame");
    }
}
