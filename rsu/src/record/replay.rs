//! Replay: the recorded inputs through the same station, and the bytes it says compared with those it said then.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use calibration::Timestamp;
use mcap::records::Record;
use mcap::sans_io::{LinearReadEvent, LinearReader, LinearReaderOptions};
use serde::{Deserialize, Serialize};
use v2x_msgs::{MessageKind, Profile};

use crate::limits;
use crate::record::setup::{self, Attachments, SetupError};
use crate::station::{Input, Output, Station};

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be opened.
    #[error("cannot read {path}: {why}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: std::io::Error,
    },
    /// It is no MCAP file, or broken.
    #[error("{path} is not a recording that can be read: {why}; look at it with `mcap doctor`", path = path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// It lacks what a unit is made of.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// It holds no input at all.
    #[error("{path} holds no inputs: it was not made by `rsu run --record`, or the unit saw nothing", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// What a recording holds, in its order.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// The station was made.
    Start(Timestamp),
    /// It got an input.
    Input(Timestamp, Box<Input>),
    /// It said something.
    Sent(Timestamp, MessageKind, Vec<u8>),
    /// So many entries are missing here.
    Gap(u64),
}

/// A message as it was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: Timestamp,
    /// Which message.
    pub kind: MessageKind,
    /// UPER bytes.
    pub bytes: Vec<u8>,
}

/// The first difference between what was said and what is said now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Running number of the message, from 1.
    pub number: u64,
    /// Then; `None`: nothing more was said.
    pub then: Option<Said>,
    /// Now; `None`: nothing more is said.
    pub now: Option<Said>,
}

/// What a replay found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// `rsu.replay/1`.
    pub schema: String,
    /// The unit.
    pub unit: String,
    /// Message set that it speaks.
    pub profile: Profile,
    /// Inputs fed.
    pub inputs: u64,
    /// Messages said now.
    pub said: u64,
    /// Messages in the recording.
    pub recorded: u64,
    /// Seconds of recorded time.
    pub span_s: f64,
    /// Entries that the recorder lost.
    pub lost: u64,
    /// The file is cut off: its end was replayed no further than it goes.
    pub cut_off: bool,
    /// The first difference; `None`: equal, byte by byte.
    pub difference: Option<Difference>,
}

/// Reads a recording from start to end, a record at a time.
pub struct Tape {
    path: PathBuf,
    file: BufReader<File>,
    reader: LinearReader,
    channels: std::collections::BTreeMap<u16, String>,
    /// What has been attached so far; all of it before the first message.
    pub attachments: Attachments,
    cut_off: bool,
}

impl Tape {
    /// Opens a recording.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let file = File::open(path).map_err(|why| ReplayError::Io { path: path.to_owned(), why })?;
        let options = LinearReaderOptions::default().with_record_length_limit(limits::RECORD_BYTES);
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::new(file),
            reader: LinearReader::new_with_options(options),
            channels: Default::default(),
            attachments: Attachments::new(),
            cut_off: false,
        })
    }

    /// The file ends in the middle.
    #[must_use]
    pub fn cut_off(&self) -> bool {
        self.cut_off
    }

    /// The next item; `None` at the end.
    ///
    /// # Errors
    /// When the file is broken.
    pub fn next_item(&mut self) -> Result<Option<Item>, ReplayError> {
        loop {
            let event = match self.reader.next_event() {
                None => return Ok(None),
                Some(Err(mcap::McapError::UnexpectedEof)) if !self.attachments.is_empty() => {
                    self.cut_off = true;
                    return Ok(None);
                }
                Some(event) => event,
            };
            let found = match event {
                Ok(LinearReadEvent::ReadRequest(need)) => {
                    let read = self.file.read(self.reader.insert(need));
                    self.reader.notify_read(read.map_err(|why| ReplayError::Io { path: self.path.clone(), why })?);
                    Ok(None)
                }
                Ok(LinearReadEvent::Record { data, opcode }) => mcap::parse_record(opcode, data)
                    .map_err(|e| e.to_string())
                    .and_then(|record| understand(record, &mut self.channels, &mut self.attachments)),
                Err(error) => Err(error.to_string()),
            };
            match found {
                Ok(None) => {}
                Ok(item) => return Ok(item),
                Err(why) => return Err(ReplayError::Broken { path: self.path.clone(), why }),
            }
        }
    }
}

fn understand(
    record: Record<'_>,
    channels: &mut std::collections::BTreeMap<u16, String>,
    attachments: &mut Attachments,
) -> Result<Option<Item>, String> {
    match record {
        Record::Channel(channel) => {
            channels.insert(channel.id, channel.topic);
            Ok(None)
        }
        Record::Attachment { header, data, .. } => {
            if attachments.len() < limits::ATTACHMENTS {
                attachments.insert(header.name, data.into_owned());
            }
            Ok(None)
        }
        Record::Message { header, data } => {
            let at = Timestamp::from_nanos(i64::try_from(header.publish_time).map_err(|e| e.to_string())?);
            let topic = channels.get(&header.channel_id).map_or("", String::as_str);
            let item = match topic {
                "/start" => Some(Item::Start(at)),
                "/input" => {
                    let input = serde_json::from_slice(&data).map_err(|e| format!("an input cannot be read: {e}"))?;
                    Some(Item::Input(at, Box::new(input)))
                }
                "/gap" => {
                    let gap: serde_json::Value = serde_json::from_slice(&data).map_err(|e| e.to_string())?;
                    Some(Item::Gap(gap["lost"].as_u64().unwrap_or(1)))
                }
                _ => sent_kind(topic).map(|kind| Item::Sent(at, kind, data.into_owned())),
            };
            Ok(item)
        }
        _ => Ok(None),
    }
}

fn sent_kind(topic: &str) -> Option<MessageKind> {
    let name = topic.strip_prefix("/msg/sent/")?.strip_suffix("/raw")?;
    MessageKind::ALL.into_iter().find(|kind| kind.name() == name)
}

/// Replays `path` through a station made from its attachments, and compares what it says with what `reference` (or the
/// recording itself) says. `pace` is told the recorded time before each input and may wait.
///
/// # Errors
/// When a file cannot be read or is not a recording of ours.
pub fn replay(path: &Path, reference: Option<&Path>, mut pace: impl FnMut(Timestamp)) -> Result<Verdict, ReplayError> {
    let mut tape = Tape::open(path)?;
    let mut then = Reference::open(reference)?;
    let mut station: Option<Station> = None;
    let mut verdict = Verdict {
        schema: "rsu.replay/1".to_owned(),
        unit: String::new(),
        profile: Profile::default(),
        inputs: 0,
        said: 0,
        recorded: 0,
        span_s: 0.0,
        lost: 0,
        cut_off: false,
        difference: None,
    };
    let mut started = None;
    while let Some(item) = tape.next_item()? {
        match item {
            Item::Start(at) => {
                let setup = setup::from_attachments(&tape.attachments)?;
                verdict.unit = setup.config.site.id.to_string();
                verdict.profile = setup.config.site.dialect;
                station = Some(Station::new(setup, at));
                started = Some(at);
            }
            Item::Input(at, input) => {
                let Some(station) = &mut station else { continue };
                pace(at);
                verdict.inputs += 1;
                verdict.span_s = started.map_or(0.0, |start| at.seconds_since(start));
                station.handle(at, *input);
                while let Some(output) = station.poll() {
                    if let Output::Send(frame) = output {
                        verdict.said += 1;
                        then.said_now(
                            Said { at, kind: frame.kind, bytes: frame.bytes },
                            verdict.said,
                            &mut verdict.difference,
                        )?;
                    }
                }
            }
            Item::Sent(at, kind, bytes) => then.said_then(Said { at, kind, bytes }, &mut verdict.difference),
            Item::Gap(count) => verdict.lost += count,
        }
    }
    if verdict.inputs == 0 {
        return Err(ReplayError::Empty { path: path.to_owned() });
    }
    verdict.cut_off = tape.cut_off();
    verdict.recorded = then.finish(verdict.cut_off, &mut verdict.difference)?;
    Ok(verdict)
}

/// What was said then: in the recording itself, behind the input that caused it; or in another one.
struct Reference {
    other: Option<Tape>,
    /// Said now and not yet found in the recording itself.
    waiting: std::collections::VecDeque<(u64, Said)>,
    recorded: u64,
}

impl Reference {
    fn open(path: Option<&Path>) -> Result<Self, ReplayError> {
        let other = path.map(Tape::open).transpose()?;
        Ok(Self { other, waiting: Default::default(), recorded: 0 })
    }

    fn said_now(&mut self, now: Said, number: u64, difference: &mut Option<Difference>) -> Result<(), ReplayError> {
        if self.other.is_none() {
            if self.waiting.len() < limits::OUTBOX {
                self.waiting.push_back((number, now));
            }
            return Ok(());
        }
        let then = self.next_of_other()?;
        if difference.is_none() && then.as_ref().is_none_or(|then| *then != now) {
            *difference = Some(Difference { number, then, now: Some(now) });
        }
        Ok(())
    }

    fn said_then(&mut self, then: Said, difference: &mut Option<Difference>) {
        if self.other.is_some() {
            return;
        }
        self.recorded += 1;
        let (number, now) = match self.waiting.pop_front() {
            Some((number, now)) => (number, Some(now)),
            None => (self.recorded, None),
        };
        if difference.is_none() && now.as_ref() != Some(&then) {
            *difference = Some(Difference { number, then: Some(then), now });
        }
    }

    fn next_of_other(&mut self) -> Result<Option<Said>, ReplayError> {
        let Some(other) = &mut self.other else { return Ok(None) };
        while let Some(item) = other.next_item()? {
            if let Item::Sent(at, kind, bytes) = item {
                self.recorded += 1;
                return Ok(Some(Said { at, kind, bytes }));
            }
        }
        Ok(None)
    }

    /// Whatever is left on one side is a difference, unless the file is cut off there. Gives how much was recorded.
    fn finish(&mut self, cut_off: bool, difference: &mut Option<Difference>) -> Result<u64, ReplayError> {
        while let Some(then) = self.next_of_other()? {
            let number = self.recorded;
            difference.get_or_insert(Difference { number, then: Some(then), now: None });
        }
        if let (Some((number, now)), false) = (self.waiting.pop_front(), cut_off) {
            difference.get_or_insert(Difference { number, then: None, now: Some(now) });
        }
        Ok(self.recorded)
    }
}
