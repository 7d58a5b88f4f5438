//! Lidar packets to sweeps: one file a maker, [`vlp16`] so far, and what they share: cutting the stream into turns and
//! putting the sensor's time on the unit's clock.

use std::path::Path;

use calibration::Timestamp;

use super::pcap::Payloads;
use super::stamp::StreamClock;
use super::{Opening, SourceError};
use crate::frame::{Frame, Payload, Point, PointCloud};

pub mod angles;
pub mod vlp16;

use angles::Angles;
use vlp16::{AzimuthRule, Return};

/// A turn that covers this much is whole even when its first packets are not there.
const WHOLE_DEG: f64 = 350.0;
/// A step back in azimuth by more than this begins the next turn.
const CUT_DEG: f64 = 90.0;
/// More returns than this in one turn: the sensor does not rotate.
const RETURNS_A_TURN: usize = 250_000;
/// Longest delay between measurement and arrival of a sensor whose time is that of the unit.
const DELAY_S: f64 = 0.5;

/// One turn of a lidar.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Time of validity of the first return's packet position.
    pub tov: Timestamp,
    /// The returns in the order in which they were measured.
    pub returns: Vec<Return>,
}

/// Cuts packets into turns.
pub(super) struct Assembler {
    opening: Opening,
    angles: Angles,
    rule: AzimuthRule,
    time: SensorTime,
    packet: Vec<Return>,
    turn: Turn,
    seq: u64,
    good: u64,
    bad: u64,
}

/// The turn being filled.
#[derive(Default)]
struct Turn {
    /// Moment and sensor time of its first block.
    start: Option<(Timestamp, f64)>,
    returns: Vec<Return>,
    /// It began where the turn before ended.
    from_cut: bool,
    covered_deg: f64,
    azimuth_deg: f64,
}

impl Assembler {
    pub(super) fn new(model: &str, opening: &Opening) -> Result<Self, SourceError> {
        if model != "vlp16" {
            return Err(SourceError::Model { model: model.to_owned() });
        }
        let angles = match &opening.angles {
            Some(path) => Angles::read(path)?,
            None => Angles::nominal(),
        };
        Ok(Self {
            opening: opening.clone(),
            angles,
            rule: AzimuthRule::Extrapolate,
            time: SensorTime::default(),
            packet: Vec::new(),
            turn: Turn::default(),
            seq: 0,
            good: 0,
            bad: 0,
        })
    }

    /// Takes a UDP payload; gives a frame when it ends a turn.
    pub(super) fn push(&mut self, payload: &[u8], arrival: Timestamp) -> Option<Frame> {
        let sweep = self.push_sweep(payload, arrival)?;
        Some(self.frame(sweep))
    }

    fn frame(&mut self, sweep: Sweep) -> Frame {
        let points = sweep
            .returns
            .iter()
            .map(|r| Point {
                x: r.x,
                y: r.y,
                z: r.z,
                intensity: f32::from(r.intensity),
                beam: r.channel,
                dt_s: r.offset_s as f32,
            })
            .collect();
        let seq = self.seq;
        self.seq += 1;
        let cloud = PointCloud { points, beams: None };
        Frame { sensor: self.opening.sensor.clone(), tov: sweep.tov, seq, payload: Payload::Cloud(cloud) }
    }

    fn push_sweep(&mut self, payload: &[u8], arrival: Timestamp) -> Option<Sweep> {
        if payload.len() == vlp16::POSITION_BYTES {
            return None;
        }
        self.packet.clear();
        let Ok(header) = vlp16::decode(payload, &self.angles, self.rule, &mut self.packet) else {
            self.bad += 1;
            return None;
        };
        self.good += 1;
        let (at, sensor_s) = self.time.place(header.micros, arrival);
        let mut ended = None;
        let mut first = 0;
        for block in header.blocks {
            let azimuth = f64::from(block.azimuth_cdeg) * 0.01;
            let step = azimuth - self.turn.azimuth_deg;
            let full = self.turn.returns.len() > RETURNS_A_TURN;
            if self.turn.start.is_some() && (step < -CUT_DEG || full) {
                let next = Turn { from_cut: !full, azimuth_deg: azimuth, ..Turn::default() };
                ended = std::mem::replace(&mut self.turn, next).finish(true).or(ended);
            } else if self.turn.start.is_some() {
                self.turn.covered_deg += step.max(0.0);
            }
            self.turn.azimuth_deg = azimuth;
            let (start_at, start_s) =
                *self.turn.start.get_or_insert_with(|| (at.offset_secs(block.offset_s), sensor_s + block.offset_s));
            debug_assert!(start_at <= at.offset_secs(1.0));
            let end = first + block.returns;
            for r in &self.packet[first..end] {
                self.turn.returns.push(Return { offset_s: sensor_s + r.offset_s - start_s, ..*r });
            }
            first = end;
        }
        ended
    }

    /// What is left at the end of a recording, if it is a whole turn.
    pub(super) fn last(&mut self) -> Option<Frame> {
        let sweep = std::mem::take(&mut self.turn).finish(false)?;
        Some(self.frame(sweep))
    }

    /// Packets that were none of this sensor's.
    pub(super) fn bad_packets(&self) -> u64 {
        self.bad
    }

    /// Packets that were taken.
    pub(super) fn good_packets(&self) -> u64 {
        self.good
    }
}

impl Turn {
    /// The sweep, if the turn is whole; `cut`: the next one has begun.
    fn finish(self, cut: bool) -> Option<Sweep> {
        let (tov, _) = self.start?;
        let whole = (self.from_cut && cut) || self.covered_deg >= WHOLE_DEG;
        (whole && !self.returns.is_empty()).then_some(Sweep { tov, returns: self.returns })
    }
}

/// Time of a sensor that counts microseconds since the full hour.
#[derive(Default)]
struct SensorTime {
    last_micros: Option<u32>,
    hours: f64,
    free: StreamClock,
}

impl SensorTime {
    /// Moment of a packet on the unit's clock, and its running sensor time in seconds.
    ///
    /// A sensor with GPS or PTP counts the same hour as the unit and is believed; another one runs free and is put on the
    /// unit's clock by its arrivals.
    fn place(&mut self, micros: u32, arrival: Timestamp) -> (Timestamp, f64) {
        if self.last_micros.is_some_and(|last| micros < last && last - micros > 1_800_000_000) {
            self.hours += 1.0;
        }
        self.last_micros = Some(micros);
        let in_hour_s = f64::from(micros) * 1e-6;
        let running_s = self.hours * 3600.0 + in_hour_s;
        let free = self.free.place(running_s, arrival);

        const HOUR_NS: i64 = 3_600_000_000_000;
        let hour = Timestamp::from_nanos(arrival.as_nanos().div_euclid(HOUR_NS) * HOUR_NS);
        let candidates = [-3600.0, 0.0, 3600.0].map(|h| hour.offset_secs(h + in_hour_s));
        let true_time = candidates.into_iter().find(|t| (-0.05..DELAY_S).contains(&arrival.seconds_since(*t)));
        (true_time.unwrap_or(free), running_s)
    }
}

/// Sweeps of a packet capture, with all that the packets tell about each return.
pub struct SweepReader {
    payloads: Payloads,
    assembler: Assembler,
}

impl SweepReader {
    /// Opens a capture of `model` (`vlp16`).
    ///
    /// # Errors
    /// The capture or the angles file cannot be read, or the model is not known.
    pub fn open(path: &Path, model: &str, rule: AzimuthRule, opening: &Opening) -> Result<Self, SourceError> {
        let mut assembler = Assembler::new(model, opening)?;
        assembler.rule = rule;
        Ok(Self { payloads: Payloads::open(path)?, assembler })
    }

    /// The next whole turn; `None` at the end.
    ///
    /// # Errors
    /// The capture is damaged, or holds no packet of this sensor.
    pub fn next_sweep(&mut self) -> Result<Option<Sweep>, SourceError> {
        let assembler = &mut self.assembler;
        while let Some(sweep) = self.payloads.next(|at, payload| assembler.push_sweep(payload, at))? {
            if sweep.is_some() {
                return Ok(sweep);
            }
        }
        Ok(std::mem::take(&mut assembler.turn).finish(false))
    }

    /// Packets taken, and packets of another kind that were dropped.
    #[must_use]
    pub fn packets(&self) -> (u64, u64) {
        (self.assembler.good, self.assembler.bad + self.payloads.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::SensorId;

    fn opening() -> Opening {
        Opening::recording(SensorId("l".into()), Timestamp::from_millis(0))
    }

    /// A packet whose first block looks at `azimuth_cdeg`, 20 hundredths of a degree a firing.
    fn packet(azimuth_cdeg: u32, micros: u32) -> Vec<u8> {
        let mut p = vec![0; 1206];
        for b in 0..12 {
            let azimuth = (azimuth_cdeg + b * 40) % 36_000;
            let at = b as usize * 100;
            p[at..at + 2].copy_from_slice(&[0xFF, 0xEE]);
            p[at + 2..at + 4].copy_from_slice(&(azimuth as u16).to_le_bytes());
            for k in 0..32 {
                p[at + 4 + k * 3..at + 6 + k * 3].copy_from_slice(&5000u16.to_le_bytes());
            }
        }
        p[1200..1204].copy_from_slice(&micros.to_le_bytes());
        p[1204] = 0x37;
        p[1205] = 0x22;
        p
    }

    fn turn(assembler: &mut Assembler, from: u32, packets: u32) -> Vec<Frame> {
        let start = Timestamp::from_millis(1_700_000_000_000);
        (from..from + packets)
            .filter_map(|i| {
                let micros = i * 1327;
                assembler.push(&packet(i * 480 % 36_000, micros), start.offset_secs(f64::from(micros) * 1e-6))
            })
            .collect()
    }

    #[test]
    fn packets_become_whole_turns_cut_at_the_zero_azimuth() {
        let mut assembler = Assembler::new("vlp16", &opening()).unwrap();
        let frames = turn(&mut assembler, 10, 240);
        assert_eq!(frames.len(), 2, "the turn that was begun in the middle is dropped");
        for frame in frames {
            let Payload::Cloud(cloud) = &frame.payload else { panic!("a cloud") };
            assert_eq!(cloud.points.len(), 900 * 32);
            assert!(cloud.points[0].y.abs() < 0.01, "begins straight ahead");
            assert!(cloud.points.iter().all(|p| (0.0..0.11).contains(&p.dt_s)));
        }
    }

    #[test]
    fn a_sensor_that_does_not_turn_does_not_fill_the_memory() {
        let mut assembler = Assembler::new("vlp16", &opening()).unwrap();
        for i in 0..3000 {
            assembler.push(&packet(100, i * 1327), Timestamp::from_millis(i64::from(i)));
            assert!(assembler.turn.returns.len() <= RETURNS_A_TURN + 400);
        }
    }

    #[test]
    fn garbage_is_counted_and_dropped() {
        let mut assembler = Assembler::new("vlp16", &opening()).unwrap();
        let at = Timestamp::from_millis(0);
        let good = packet(0, 0);
        for bad in [vec![], vec![0; 1206], vec![0xFF; 1206], good[..1205].to_vec(), [good.clone(), vec![0]].concat()] {
            assert!(assembler.push(&bad, at).is_none());
        }
        assert_eq!((assembler.good, assembler.bad), (0, 5));
        assembler.push(&[0; vlp16::POSITION_BYTES], at);
        assembler.push(&good, at);
        assert_eq!((assembler.good, assembler.bad), (1, 5), "position packets are known and not counted");
    }

    #[test]
    fn a_sensor_with_the_right_time_is_believed_across_the_hour() {
        let mut time = SensorTime::default();
        let hour = Timestamp::from_millis(1_700_002_800_000);
        let before = time.place(3_599_990_000, hour.offset_secs(0.012));
        let after = time.place(10_000, hour.offset_secs(0.045));
        assert!((before.0.seconds_since(hour) + 0.01).abs() < 1e-6, "{}", before.0);
        assert!((after.0.seconds_since(hour) - 0.01).abs() < 1e-6);
        assert!((after.1 - before.1 - 0.02).abs() < 1e-6);
    }

    #[test]
    fn a_sensor_that_runs_free_is_put_on_the_units_clock() {
        let mut time = SensorTime::default();
        let now = Timestamp::from_millis(1_700_001_000_000);
        let first = time.place(5_000_000, now).0;
        let second = time.place(5_100_000, now.offset_secs(0.130)).0;
        assert_eq!(first, now);
        assert!((second.seconds_since(now) - 0.1).abs() < 1e-3);
    }
}
