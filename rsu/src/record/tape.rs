//! The writing end of a recording: one MCAP file, zstd chunks, in the order of time, bounded in size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use foxglove::Encode;
use mcap::records::{MessageHeader, Metadata};
use mcap::{Attachment, Compression, McapError, McapResult, WriteOptions, Writer};
use serde_json::{Value, json};
use v2x_msgs::Profile;

use crate::event::{Event, Stamp};
use crate::radio::{self, RadioFrame};
use crate::record::{Entry, scene, setup};
use crate::shell::status::RecordingStatus;
use crate::shell::view::View;
use crate::site_map::SiteMap;
use crate::station::Setup;
use crate::world::World;

/// Chunks this long can be lost when the power goes, nanoseconds of recorded time.
const FLUSH_NS: u64 = 1_000_000_000;
/// Bytes of a chunk before compression.
const CHUNK: u64 = 256 * 1024;

/// The file and its channels.
pub struct Tape {
    writer: Writer<BufWriter<File>>,
    name: String,
    channels: BTreeMap<String, u16>,
    sequence: u32,
    time: u64,
    flushed: u64,
    bytes: u64,
    max_bytes: u64,
    frame: EnuFrame,
    profile: Profile,
    map: Option<SiteMap>,
    view: Arc<View>,
}

impl Tape {
    /// A recording of a unit made from `setup`.
    pub fn new(file: File, path: &Path, setup: &Setup, max_bytes: u64, view: Arc<View>) -> McapResult<Self> {
        let options = WriteOptions::new()
            .compression(Some(Compression::Zstd))
            .compression_threads(0)
            .chunk_size(Some(CHUNK))
            .library(concat!("rsu ", env!("CARGO_PKG_VERSION")));
        let mut tape = Self {
            writer: options.create(BufWriter::new(file))?,
            name: path.display().to_string(),
            channels: BTreeMap::new(),
            sequence: 0,
            time: 0,
            flushed: 0,
            bytes: 0,
            max_bytes,
            frame: setup.rig.frame,
            profile: setup.config.site.dialect,
            map: setup.map.clone(),
            view,
        };
        let attachments = setup::to_attachments(setup).map_err(|e| McapError::Io(e.into()))?;
        for (name, data) in attachments {
            let media_type = "application/json".to_owned();
            tape.writer.attach(&Attachment { log_time: 0, create_time: 0, name, media_type, data: data.into() })?;
        }
        let about = [
            ("version", env!("CARGO_PKG_VERSION")),
            ("unit", &setup.config.site.id.0),
            ("dialect", setup.config.site.dialect.name()),
        ];
        let metadata = about.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        tape.writer.write_metadata(&Metadata { name: "rsu".to_owned(), metadata })?;
        Ok(tape)
    }

    /// Writes what `next` gives until the end, the size bound, or a failure (a full disk).
    pub fn run(mut self, next: impl Fn() -> Entry, dropped: impl Fn() -> u64) {
        let fault = loop {
            let entry = next();
            if matches!(entry, Entry::End) {
                break None;
            }
            let written = self.lost(dropped()).and_then(|()| self.write(&entry)).and_then(|()| self.flush());
            if let Err(error) = written {
                break Some(format!("{}: {error}", self.name));
            }
            if self.bytes > self.max_bytes {
                break Some(format!("{} has reached {} MB and ends here", self.name, self.max_bytes / 1_000_000));
            }
        };
        let fault = fault.or(self.writer.finish().err().map(|error| format!("{}: {error}", self.name)));
        self.show(fault.clone());
        if let Some(fault) = fault {
            let at = Timestamp::from_nanos(i64::try_from(self.time).unwrap_or(i64::MAX));
            self.view.event(Stamp { at, event: Event::Recording { fault } });
        }
    }

    fn write(&mut self, entry: &Entry) -> McapResult<()> {
        match entry {
            Entry::Start { now } => self.start(*now),
            Entry::Input { now, json } => self.message(*now, "/input", "json", json),
            Entry::Sent { now, frame } => self.radio_frame(*now, "sent", frame),
            Entry::Heard { now, frame } => self.radio_frame(*now, "heard", frame),
            Entry::World(world) => self.world(world),
            Entry::Event(stamp) => self.json(stamp.at, "/events", &json!(stamp)),
            Entry::End => Ok(()),
        }
    }

    fn start(&mut self, now: Timestamp) -> McapResult<()> {
        let site = scene::site(now, &self.frame);
        self.foxglove(now, "/site", &site)?;
        if let Some(map) = &self.map {
            let lanes = scene::lanes(map, &self.frame);
            self.foxglove(now, "/map/lanes", &lanes)?;
        }
        // A replay makes its station at this moment.
        self.json(now, "/start", &json!({ "at": now }))
    }

    fn radio_frame(&mut self, now: Timestamp, direction: &str, frame: &RadioFrame) -> McapResult<()> {
        let topic = format!("/msg/{direction}/{}", frame.kind.name());
        self.message(now, &format!("{topic}/raw"), "x-uper", &frame.bytes)?;
        self.json(now, &topic, &Value::Object(radio::json_twin(frame, self.profile)))
    }

    fn world(&mut self, world: &World) -> McapResult<()> {
        self.foxglove(world.at, "/tracks", &scene::tracks(world))?;
        self.json(world.at, "/tracks/json", &json!({ "at": world.at, "tov": world.tov, "tracks": world.tracks }))
    }

    /// Entries that never reached the file: a replay can no longer be exact, and says so.
    fn lost(&mut self, count: u64) -> McapResult<()> {
        if count == 0 {
            return Ok(());
        }
        let at = Timestamp::from_nanos(i64::try_from(self.time).unwrap_or(i64::MAX));
        let event = Event::Dropped { queue: "record".to_owned(), count };
        self.view.event(Stamp { at, event: event.clone() });
        self.json(at, "/gap", &json!({ "lost": count }))
    }

    fn json(&mut self, at: Timestamp, topic: &str, value: &Value) -> McapResult<()> {
        self.message(at, topic, "json", value.to_string().as_bytes())
    }

    fn foxglove<M: Encode>(&mut self, at: Timestamp, topic: &str, message: &M) -> McapResult<()> {
        if !self.channels.contains_key(topic) {
            let schema = match M::get_schema() {
                Some(schema) => self.writer.add_schema(&schema.name, &schema.encoding, &schema.data)?,
                None => 0,
            };
            let id = self.writer.add_channel(schema, topic, &M::get_message_encoding(), &BTreeMap::new())?;
            self.channels.insert(topic.to_owned(), id);
        }
        let mut bytes = Vec::with_capacity(message.encoded_len().unwrap_or(0));
        message.encode(&mut bytes).map_err(|e| McapError::Io(std::io::Error::other(e.to_string())))?;
        self.message(at, topic, "protobuf", &bytes)
    }

    fn message(&mut self, at: Timestamp, topic: &str, encoding: &str, data: &[u8]) -> McapResult<()> {
        let channel_id = match self.channels.get(topic) {
            Some(id) => *id,
            None => {
                let schema = if encoding == "json" {
                    self.writer.add_schema(&schema_name(topic), "jsonschema", br#"{"type":"object"}"#)?
                } else {
                    0
                };
                let id = self.writer.add_channel(schema, topic, encoding, &BTreeMap::new())?;
                self.channels.insert(topic.to_owned(), id);
                id
            }
        };
        // Events of other tasks may come a little late: the file stays in the order of time.
        let publish_time = u64::try_from(at.as_nanos()).unwrap_or(0);
        self.time = self.time.max(publish_time);
        self.sequence = self.sequence.wrapping_add(1);
        self.bytes += data.len() as u64;
        let header = MessageHeader { channel_id, sequence: self.sequence, log_time: self.time, publish_time };
        self.writer.write_to_known_channel(&header, data)
    }

    fn flush(&mut self) -> McapResult<()> {
        if self.time < self.flushed + FLUSH_NS {
            return Ok(());
        }
        self.flushed = self.time;
        self.writer.flush()?;
        self.show(None);
        Ok(())
    }

    /// Bytes are those on disk when that can be told.
    fn show(&mut self, fault: Option<String>) {
        if let Ok(file) = std::fs::metadata(&self.name) {
            self.bytes = file.len();
        }
        self.view.set_recording(RecordingStatus { file: self.name.clone(), bytes: self.bytes, fault });
    }
}

/// `/msg/sent/rsm` → `rsu.msg.sent.rsm`.
fn schema_name(topic: &str) -> String {
    format!("rsu{}", topic.replace('/', "."))
}
