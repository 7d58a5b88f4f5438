//! Recording: one MCAP file with everything that reached the station and everything it said, so that a recording is a bug
//! report: it opens in Foxglove or Lichtblick with no plug-in, and `rsu replay` feeds it through the same station and gets
//! the same bytes.
//!
//! | topic | what |
//! |---|---|
//! | `/input` | every [`Input`] with the moment at which the station got it: what a replay needs |
//! | `/msg/sent/{type}`, `/msg/heard/{type}` | messages as JSON in SI units |
//! | `/msg/sent/{type}/raw`, `/msg/heard/{type}/raw` | the same as UPER bytes (`x-uper`): what a replay is compared with |
//! | `/tracks`, `/tracks/json` | road users as `foxglove.SceneUpdate`, and as JSON for scripts |
//! | `/map/lanes`, `/site` | `foxglove.GeoJSON`, `foxglove.LocationFix` |
//! | `/events` | everything that happened |
//! | attachments | `config.json`, `map.json`, `rig.json`: what the unit was made of |

pub mod replay;
mod scene;
pub mod setup;
mod tape;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use calibration::Timestamp;

use crate::event::Stamp;
use crate::limits;
use crate::radio::RadioFrame;
use crate::shell::queue::Queue;
use crate::shell::view::View;
use crate::station::{Input, Setup};
use crate::world::World;
use tape::Tape;

/// Something to record.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The station was made at this moment.
    Start {
        /// The moment.
        now: Timestamp,
    },
    /// The station got an input, as JSON.
    Input {
        /// When.
        now: Timestamp,
        /// JSON of [`Input`].
        json: Vec<u8>,
    },
    /// The station said something.
    Sent {
        /// When.
        now: Timestamp,
        /// What.
        frame: RadioFrame,
    },
    /// A message was heard and understood.
    Heard {
        /// When.
        now: Timestamp,
        /// What.
        frame: RadioFrame,
    },
    /// What the unit believes.
    World(Box<World>),
    /// Something happened.
    Event(Stamp),
    /// The end.
    End,
}

/// Writes a recording on a thread of its own.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    entries: Arc<Queue<Entry>>,
    writer: JoinHandle<()>,
}

impl Recorder {
    /// Starts a recording of a unit made from `setup`; at `max_bytes` it ends.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn start(path: &Path, setup: &Setup, max_bytes: u64, view: Arc<View>) -> std::io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(path)?;
        let entries = Arc::new(Queue::new("record", limits::RECORD_OUT));
        let tape = Tape::new(file, path, setup, max_bytes, view).map_err(std::io::Error::other)?;
        let source = Arc::clone(&entries);
        let runtime = tokio::runtime::Handle::current();
        let writer = std::thread::Builder::new().name("record".to_owned()).spawn(move || {
            tape.run(|| runtime.block_on(source.pop()), || source.take_dropped());
        })?;
        Ok(Self { path: path.to_owned(), entries, writer })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an entry; never waits.
    pub fn push(&self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Where entries go in.
    #[must_use]
    pub fn entries(&self) -> Arc<Queue<Entry>> {
        Arc::clone(&self.entries)
    }

    /// Takes down an input, and gives it back as the recording says it. Text does not keep the last bit of every number:
    /// feeding the station what is written makes a replay exact by construction.
    #[must_use]
    pub fn take_down(&self, now: Timestamp, input: Input) -> Input {
        let Ok(json) = serde_json::to_vec(&input) else { return input };
        let as_written = serde_json::from_slice(&json).unwrap_or(input);
        self.push(Entry::Input { now, json });
        as_written
    }

    /// Ends the recording and waits until it is on disk.
    pub fn finish(self) -> PathBuf {
        self.push(Entry::End);
        // A writer that panicked has nothing more to write.
        let _ = self.writer.join();
        self.path
    }
}

/// The name of a new recording of `unit` in `folder`.
#[must_use]
pub fn new_name(folder: &Path, unit: &str, now: Timestamp) -> PathBuf {
    let stamp: String = now.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    folder.join(format!("{unit}-{stamp}Z.mcap"))
}

/// Deletes the oldest recordings of `unit` in `folder` until the rest has no more than `max_bytes`.
///
/// # Errors
/// When the folder cannot be read, or a file not be deleted.
pub fn make_room(folder: &Path, unit: &str, max_bytes: u64) -> std::io::Result<()> {
    let mut ours = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let stamp = name.strip_prefix(unit).and_then(|rest| rest.strip_suffix(".mcap"));
        if stamp.is_some_and(|stamp| stamp.len() == 17 && stamp.starts_with('-')) {
            ours.push((name, entry.path(), entry.metadata()?.len()));
        }
    }
    // The names say the time.
    ours.sort();
    let mut total: u64 = ours.iter().map(|(.., size)| size).sum();
    for (_, path, size) in ours {
        if total <= max_bytes {
            break;
        }
        fs::remove_file(path)?;
        total -= size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_recordings_make_room_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |s: i64| new_name(folder.path(), "x01", Timestamp::from_millis(1_700_000_000_000 + s * 1000));
        assert!(at(0).ends_with("x01-20231114T221320Z.mcap"), "{:?}", at(0));
        let other = folder.path().join("x01-notes.mcap");
        for path in [&at(0), &at(1), &at(2), &other] {
            fs::write(path, [0; 1000]).expect("written");
        }
        make_room(folder.path(), "x01", 2500).expect("room");
        assert!(!at(0).exists() && at(1).exists() && at(2).exists() && other.exists());
    }
}
