//! Every zenoh key, with what is on it. Somebody can print this file.

use perception::UnitId;
use v2x_msgs::MessageKind;

/// Liveliness token: a neighbour lost is seen in one lease.
#[must_use]
pub fn alive(corridor: &str, unit: &UnitId) -> String {
    format!("rsu/{corridor}/{unit}/alive")
}

/// Status JSON, 1 Hz and on query.
#[must_use]
pub fn status(corridor: &str, unit: &UnitId) -> String {
    format!("rsu/{corridor}/{unit}/status")
}

/// Exactly the bytes that go on air (UPER).
#[must_use]
pub fn msg(corridor: &str, unit: &UnitId, kind: MessageKind) -> String {
    format!("rsu/{corridor}/{unit}/msg/{}", kind.name())
}

/// The same as JSON in SI units; made only while somebody subscribes.
#[must_use]
pub fn json(corridor: &str, unit: &UnitId, kind: MessageKind) -> String {
    format!("rsu/{corridor}/{unit}/json/{}", kind.name())
}

/// Vehicle messages received on air (UPER).
#[must_use]
pub fn heard(corridor: &str, unit: &UnitId, kind: MessageKind) -> String {
    format!("rsu/{corridor}/{unit}/heard/{}", kind.name())
}

/// Tracks near a neighbour's region, JSON of `BorderTracks`, up to 10 Hz.
#[must_use]
pub fn border(corridor: &str, unit: &UnitId) -> String {
    format!("rsu/{corridor}/{unit}/border")
}
