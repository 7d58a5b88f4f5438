//! The true states as MCAP with Foxglove's schemas: open it in Foxglove or Lichtblick.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use calibration::Timestamp;
use foxglove::Encode;
use foxglove::messages::{
    Color, CubePrimitive, Duration, KeyValuePair, Pose, Quaternion, SceneEntity, SceneUpdate, TextPrimitive, Vector3,
};
use mcap::records::MessageHeader;
use mcap::{Compression, WriteOptions, Writer};
use perception::Class;

use crate::recorder::{Sink, State, kind_name};

/// Moments are written at most so often, seconds: a player shows no more.
const EVERY_S: f64 = 0.05;
/// A box that is not renewed for this long is gone, nanoseconds.
const LIFETIME_NS: u32 = 200_000_000;

/// Writes the scene.
pub struct Scenes {
    writer: Writer<BufWriter<File>>,
    channel: u16,
    start: Timestamp,
    next_s: f64,
    sequence: u32,
}

impl Scenes {
    /// A new file of a run whose clock starts at `start`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path, start: Timestamp) -> io::Result<Self> {
        let options = WriteOptions::new()
            .compression(Some(Compression::Zstd))
            .profile("")
            .library(concat!("rsu-sim ", env!("CARGO_PKG_VERSION")));
        let mut writer = options.create(BufWriter::new(super::create(path)?)).map_err(io::Error::other)?;
        let schema = SceneUpdate::get_schema().ok_or_else(|| io::Error::other("there is no schema"))?;
        let id = writer.add_schema(&schema.name, &schema.encoding, &schema.data).map_err(io::Error::other)?;
        let encoding = SceneUpdate::get_message_encoding();
        let channel = writer.add_channel(id, "/truth", &encoding, &Default::default()).map_err(io::Error::other)?;
        Ok(Self { writer, channel, start, next_s: 0.0, sequence: 0 })
    }
}

impl Sink for Scenes {
    fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()> {
        if t_s + 1e-9 < self.next_s {
            return Ok(());
        }
        self.next_s = t_s + EVERY_S;
        let at = self.start.offset_secs(t_s);
        let update = SceneUpdate { deletions: Vec::new(), entities: states.iter().map(|s| entity(at, s)).collect() };
        let mut bytes = Vec::new();
        update.encode(&mut bytes).map_err(io::Error::other)?;
        let nanos = u64::try_from(at.as_nanos()).unwrap_or(0);
        let header =
            MessageHeader { channel_id: self.channel, sequence: self.sequence, log_time: nanos, publish_time: nanos };
        self.sequence += 1;
        self.writer.write_to_known_channel(&header, &bytes).map_err(io::Error::other)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.finish().map(|_| ()).map_err(io::Error::other)
    }
}

fn entity(at: Timestamp, state: &State) -> SceneEntity {
    let body = &state.body;
    let (z, w) = (body.yaw / 2.0).sin_cos();
    let pose = |height: f64| {
        Some(Pose {
            position: Some(Vector3 { x: body.position.x, y: body.position.y, z: body.position.z + height }),
            orientation: Some(Quaternion { x: 0.0, y: 0.0, z, w }),
        })
    };
    let size = body.size;
    let metadata = [
        ("kind", kind_name(body.kind).to_owned()),
        ("speed_mps", format!("{:.2}", state.speed_mps)),
        ("acceleration_mps2", format!("{:.2}", state.acceleration_mps2)),
    ];
    SceneEntity {
        timestamp: Some(stamp(at)),
        frame_id: "enu".to_owned(),
        id: body.id.to_string(),
        lifetime: Some(Duration::new(0, LIFETIME_NS)),
        metadata: metadata.map(|(key, value)| KeyValuePair { key: key.to_owned(), value }).to_vec(),
        cubes: vec![CubePrimitive {
            pose: pose(0.5 * size.height_m),
            size: Some(Vector3 { x: size.length_m, y: size.width_m, z: size.height_m }),
            color: Some(colour(body.kind.class())),
        }],
        texts: vec![TextPrimitive {
            pose: pose(size.height_m + 0.5),
            billboard: true,
            font_size: 0.8,
            scale_invariant: false,
            color: Some(Color { r: 1.0, g: 1.0, b: 1.0, a: 1.0 }),
            text: state.name.clone(),
        }],
        ..SceneEntity::default()
    }
}

/// A moment in Foxglove's form; before 1970 and after 2106 it stops.
fn stamp(at: Timestamp) -> foxglove::messages::Timestamp {
    let nanos = at.as_nanos().max(0);
    let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX);
    foxglove::messages::Timestamp::new(seconds, (nanos % 1_000_000_000) as u32)
}

/// The page's colours, paler: the truth is a ghost behind what a unit believes.
fn colour(class: Class) -> Color {
    let rgb: u32 = match class {
        Class::Car => 0x4c_9b_e8,
        Class::Truck | Class::Bus => 0x8a_7f_f0,
        Class::Motorcycle | Class::Bicycle => 0x2f_b6_7c,
        Class::Pedestrian => 0xf2_a3_3a,
        Class::Unknown => 0x9a_a4_ad,
    };
    let channel = |shift: u32| f64::from((rgb >> shift) & 0xff) / 255.0;
    Color { r: channel(16), g: channel(8), b: channel(0), a: 0.6 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;
    use crate::recorder::Recorder;

    #[test]
    fn a_file_holds_the_moments_and_is_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            let mut recorder = Recorder::default();
            recorder.add(Box::new(Scenes::create(&path, Timestamp::from_millis(1_772_510_400_000)).unwrap()));
            for i in 0..50 {
                let t = f64::from(i) * 0.02;
                recorder.moment(t, &[body(1, Kind::Car, t, 0.0, 0.0)], &|_| ("ego".into(), true)).unwrap();
            }
            recorder.finish().unwrap();
            std::fs::read(path).unwrap()
        };
        let bytes = write("a.mcap");
        assert_eq!(bytes, write("b.mcap"));
        let messages: Vec<_> = mcap::MessageStream::new(&bytes).unwrap().map(Result::unwrap).collect();
        // Of steps of 20 ms every third is at least 50 ms after the last.
        assert_eq!(messages.len(), 17);
        assert_eq!(messages[0].channel.schema.as_ref().unwrap().name, "foxglove.SceneUpdate");
        assert_eq!(messages[1].log_time - messages[0].log_time, 60_000_000);
    }
}
