//! ASAM OSI ground truth: a `.osi` trace is one `GroundTruth` message after the other, each behind its length
//! (four bytes, little endian). Field numbers are those of OSI 3.8.0 (`osi_groundtruth.proto`, `osi_object.proto`,
//! `osi_common.proto`); only fields that a simulated road user has are here.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use prost::Message;

use crate::actor::Kind;
use crate::recorder::{Sink, State};

/// The version of the interface.
const VERSION: InterfaceVersion =
    InterfaceVersion { version_major: Some(3), version_minor: Some(8), version_patch: Some(0) };

/// `osi3.InterfaceVersion`.
#[derive(Clone, Copy, PartialEq, Message)]
#[allow(missing_docs)]
pub struct InterfaceVersion {
    #[prost(uint32, optional, tag = "1")]
    pub version_major: Option<u32>,
    #[prost(uint32, optional, tag = "2")]
    pub version_minor: Option<u32>,
    #[prost(uint32, optional, tag = "3")]
    pub version_patch: Option<u32>,
}

/// `osi3.Timestamp`: seconds after the start of the simulation.
#[derive(Clone, Copy, PartialEq, Message)]
#[allow(missing_docs)]
pub struct Moment {
    #[prost(int64, optional, tag = "1")]
    pub seconds: Option<i64>,
    #[prost(uint32, optional, tag = "2")]
    pub nanos: Option<u32>,
}

/// `osi3.Identifier`.
#[derive(Clone, Copy, PartialEq, Message)]
#[allow(missing_docs)]
pub struct Identifier {
    #[prost(uint64, optional, tag = "1")]
    pub value: Option<u64>,
}

/// `osi3.Vector3d`, and with other names `osi3.Dimension3d` (length, width, height) and `osi3.Orientation3d` (roll, pitch,
/// yaw): on the wire the three are one.
#[derive(Clone, Copy, PartialEq, Message)]
#[allow(missing_docs)]
pub struct Three {
    #[prost(double, optional, tag = "1")]
    pub x: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub y: Option<f64>,
    #[prost(double, optional, tag = "3")]
    pub z: Option<f64>,
}

/// `osi3.BaseMoving`: the middle of the bounding box, its size and motion.
#[derive(Clone, PartialEq, Message)]
#[allow(missing_docs)]
pub struct BaseMoving {
    #[prost(message, optional, tag = "1")]
    pub dimension: Option<Three>,
    #[prost(message, optional, tag = "2")]
    pub position: Option<Three>,
    #[prost(message, optional, tag = "3")]
    pub orientation: Option<Three>,
    #[prost(message, optional, tag = "4")]
    pub velocity: Option<Three>,
    #[prost(message, optional, tag = "5")]
    pub acceleration: Option<Three>,
    #[prost(message, optional, tag = "6")]
    pub orientation_rate: Option<Three>,
}

/// `osi3.MovingObject.VehicleClassification`.
#[derive(Clone, Copy, PartialEq, Message)]
#[allow(missing_docs)]
pub struct VehicleClassification {
    #[prost(int32, optional, tag = "1")]
    pub r#type: Option<i32>,
}

/// `osi3.MovingObject`.
#[derive(Clone, PartialEq, Message)]
#[allow(missing_docs)]
pub struct MovingObject {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Identifier>,
    #[prost(message, optional, tag = "2")]
    pub base: Option<BaseMoving>,
    #[prost(int32, optional, tag = "3")]
    pub r#type: Option<i32>,
    #[prost(message, optional, tag = "6")]
    pub vehicle_classification: Option<VehicleClassification>,
    #[prost(string, optional, tag = "7")]
    pub model_reference: Option<String>,
}

/// `osi3.GroundTruth`.
#[derive(Clone, PartialEq, Message)]
#[allow(missing_docs)]
pub struct GroundTruth {
    #[prost(message, optional, tag = "1")]
    pub version: Option<InterfaceVersion>,
    #[prost(message, optional, tag = "2")]
    pub timestamp: Option<Moment>,
    #[prost(message, repeated, tag = "5")]
    pub moving_object: Vec<MovingObject>,
    #[prost(string, optional, tag = "14")]
    pub proj_string: Option<String>,
}

fn three(x: f64, y: f64, z: f64) -> Option<Three> {
    Some(Three { x: Some(x), y: Some(y), z: Some(z) })
}

impl GroundTruth {
    /// One moment.
    #[must_use]
    pub fn of(t_s: f64, states: &[State], proj_string: Option<String>) -> Self {
        let nanos = (t_s * 1e9).round() as i64;
        Self {
            version: Some(VERSION),
            timestamp: Some(Moment {
                seconds: Some(nanos.div_euclid(1_000_000_000)),
                nanos: Some(nanos.rem_euclid(1_000_000_000) as u32),
            }),
            moving_object: states.iter().map(moving).collect(),
            proj_string,
        }
    }
}

fn moving(state: &State) -> MovingObject {
    let body = &state.body;
    let (sin, cos) = body.yaw.sin_cos();
    // MovingObject.Type: vehicle 2, pedestrian 3. VehicleClassification.Type.
    let vehicle = match body.kind {
        Kind::Car => Some(4),
        Kind::Van => Some(6),
        Kind::Truck => Some(7),
        Kind::Motorcycle => Some(10),
        Kind::Bicycle => Some(11),
        Kind::Bus => Some(12),
        Kind::Agv | Kind::Crane => Some(1),
        Kind::Pedestrian | Kind::Child => None,
    };
    MovingObject {
        id: Some(Identifier { value: Some(u64::from(body.id)) }),
        base: Some(BaseMoving {
            dimension: three(body.size.length_m, body.size.width_m, body.size.height_m),
            position: three(body.position.x, body.position.y, body.position.z + 0.5 * body.size.height_m),
            orientation: three(0.0, 0.0, body.yaw),
            velocity: three(body.velocity.x, body.velocity.y, 0.0),
            acceleration: three(state.acceleration_mps2 * cos, state.acceleration_mps2 * sin, 0.0),
            orientation_rate: three(0.0, 0.0, body.yaw_rate),
        }),
        r#type: Some(if vehicle.is_some() { 2 } else { 3 }),
        vehicle_classification: vehicle.map(|kind| VehicleClassification { r#type: Some(kind) }),
        model_reference: Some(state.name.clone()),
    }
}

/// Writes a trace. Its name says how many frames it holds, so the file gets it at the end.
pub struct Trace {
    out: BufWriter<File>,
    folder: PathBuf,
    unfinished: PathBuf,
    /// `20260303T040000Z_gt_380_3000_` and `_name.osi`.
    name: [String; 2],
    proj_string: Option<String>,
    frames: u64,
}

impl Trace {
    /// A trace called `name` in `folder` of a run whose clock starts at `start`. `origin` is where the frame of the world
    /// touches the earth, latitude and longitude in degrees.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(folder: &Path, name: &str, start: Timestamp, origin: Option<[f64; 2]>) -> io::Result<Self> {
        // RFC 3339 without its signs: 2026-03-03T04:00:00.000Z → 20260303T040000Z.
        let stamp = start.to_string();
        let basic: String = stamp.chars().take_while(|c| *c != '.').filter(char::is_ascii_alphanumeric).collect();
        let basic = basic.trim_end_matches('Z').to_owned();
        let unfinished = folder.join(format!("{name}.osi.part"));
        let out = BufWriter::new(super::create(&unfinished)?);
        // Any reader of proto2 from 3.0.0 on takes it.
        let name = [format!("{basic}Z_gt_380_300_"), format!("_{name}.osi")];
        let proj_string =
            origin.map(|[lat, lon]| format!("+proj=tmerc +lat_0={lat:.7} +lon_0={lon:.7} +k=1 +ellps=WGS84 +units=m"));
        Ok(Self { out, folder: folder.to_owned(), unfinished, name, proj_string, frames: 0 })
    }
}

impl Sink for Trace {
    fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()> {
        // The frame's place on earth is said once: it does not change.
        let bytes = GroundTruth::of(t_s, states, self.proj_string.take()).encode_to_vec();
        self.out.write_all(&(bytes.len() as u32).to_le_bytes())?;
        self.out.write_all(&bytes)?;
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()?;
        let [before, after] = &self.name;
        std::fs::rename(&self.unfinished, self.folder.join(format!("{before}{}{after}", self.frames)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::tests::body;
    use crate::recorder::Recorder;

    #[test]
    fn a_trace_is_read_back_frame_by_frame_and_named_as_asam_asks() {
        let folder = tempfile::tempdir().unwrap();
        let start = "2026-03-03T04:00:00Z".parse().unwrap();
        let mut recorder = Recorder::default();
        recorder.add(Box::new(Trace::create(folder.path(), "crossing", start, Some([31.28, 121.5])).unwrap()));
        for i in 0..3 {
            let t = f64::from(i) * 0.25;
            let bodies = [body(1, Kind::Truck, 10.0 * t, 5.0, 0.5), body(2, Kind::Child, 0.0, 0.0, 0.0)];
            recorder.moment(t, &bodies, &|id| (format!("n{id}"), true)).unwrap();
        }
        recorder.finish().unwrap();
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["20260303T040000Z_gt_380_300_3_crossing.osi"]);
        let bytes = std::fs::read(folder.path().join(&names[0])).unwrap();
        let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
        while let Some((length, more)) = rest.split_first_chunk::<4>() {
            let (one, more) = more.split_at(u32::from_le_bytes(*length) as usize);
            frames.push(GroundTruth::decode(one).unwrap());
            rest = more;
        }
        assert_eq!(frames.len(), 3);
        assert_eq!(frames[1].timestamp, Some(Moment { seconds: Some(0), nanos: Some(250_000_000) }));
        let truck = &frames[2].moving_object[0];
        assert_eq!(truck.vehicle_classification.unwrap().r#type, Some(7));
        let place = truck.base.as_ref().unwrap().position.unwrap();
        assert_eq!((place.x, place.y, place.z), (Some(5.0), Some(5.0), Some(1.8)), "the middle of the box");
        let child = &frames[0].moving_object[1];
        assert_eq!((child.r#type, child.vehicle_classification), (Some(3), None));
        assert!(frames[0].proj_string.is_some() && frames[1].proj_string.is_none());
    }
}
