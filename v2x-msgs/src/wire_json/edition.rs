//! T/CSAE 53-2020 and YD/T 3709-2020 are easily taken for each other: the same messages, and a MAP of one is that of the
//! other but for one bit of the length of its list of nodes, which shifts all that follows. Mostly the shifted bits mean
//! nothing and are refused. Rarely they do mean something; then nothing in the message says which edition was meant.
//!
//! So a MAP is accepted in one edition only when the other one refuses it, and one that has both meanings is not made. Then
//! the MAP of one edition never passes for one of the other, whatever is in it. Among random maps only such have both
//! meanings that consist of one node without a road (`tests/editions.rs`). They say where a node is and no more; they are
//! taken for what the default edition says, T/CSAE 53-2020, and YD/T 3709-2020 refuses them.
//!
//! An RSI with paths and a BSM whose path history says where it starts lie otherwise in the two editions, too: lists of
//! points count from 1 or from 2, and the start has a component more or less. They are treated as a MAP is, but for those
//! that mean the same in both.
//!
//! All else has the same bits: BSM without such a start, RSM, SPAT, RSI without paths. In these nothing could tell the
//! editions apart, and nothing needs to.

use serde_json::Value;

use super::FRAME;
use super::decode::Decoder;
use crate::Profile;
use crate::error::{DecodeError, EncodeError};
use crate::model::Message;
use crate::shape::Schema;

/// Whether a message has something that lies otherwise in the other edition.
pub(crate) fn differs(message: &Message) -> bool {
    match message {
        Message::Map(_) => true,
        Message::Rsi(rsi) => {
            rsi.rtes.iter().any(|rte| !rte.reference_paths.is_empty())
                || rsi.rtss.iter().any(|rts| !rts.reference_paths.is_empty())
        }
        Message::Bsm(bsm) => {
            let history = bsm.safety_ext.as_ref().and_then(|ext| ext.path_history.as_ref());
            history.is_some_and(|path| path.initial_position.is_some())
        }
        _ => false,
    }
}

/// As [`differs`], of the fields of the wire.
pub(super) fn differs_on_the_wire(frame: &Value) -> bool {
    let message = &frame["value"];
    let with_paths =
        |list: &Value| list.as_array().is_some_and(|items| items.iter().any(|item| !item["referencePaths"].is_null()));
    match frame["choice"].as_str() {
        Some("mapFrame") => true,
        Some("rsiFrame") => with_paths(&message["rtes"]) || with_paths(&message["rtss"]),
        Some("bsmFrame") => !message["safetyExt"]["pathHistory"]["initialPosition"].is_null(),
        _ => false,
    }
}

/// Refuses a received message that is another one of the other edition as well.
///
/// # Errors
/// When it is.
pub(crate) fn only_of(bytes: &[u8], profile: Profile) -> Result<(), DecodeError> {
    match also_of(bytes, profile) {
        None => Ok(()),
        Some((field, kind, other)) => Err(DecodeError::Ambiguous { field, kind, other, profile }),
    }
}

/// Refuses to make such a message.
///
/// # Errors
/// When these bytes are one.
pub(crate) fn made_only_of(bytes: &[u8], profile: Profile) -> Result<(), EncodeError> {
    match also_of(bytes, profile) {
        None => Ok(()),
        Some((field, _, other)) => Err(EncodeError::Ambiguous { field, other: other.name() }),
    }
}

/// The frame, the message and the profile that these bytes, a message of `profile`, are of as well, and mean something else
/// there; none when there is no doubt.
fn also_of(bytes: &[u8], profile: Profile) -> Option<(String, String, Profile)> {
    let other = match profile {
        Profile::Csae53_2020 | Profile::Csae157_2020 => Profile::Ydt3709_2020,
        Profile::Ydt3709_2020 => Profile::Csae53_2020,
        Profile::J2735_2024 => return None,
    };
    let theirs = read(bytes, other)?;
    let ours = read(bytes, profile)?;
    if theirs == ours || !(differs_on_the_wire(&theirs) || differs_on_the_wire(&ours)) {
        return None;
    }
    let is_map = ours["choice"] == "mapFrame";
    let by_default = is_map && profile != Profile::Ydt3709_2020 && !has_roads(&theirs) && !has_roads(&ours);
    let field = ours["choice"].as_str()?.to_owned();
    let kind = field.trim_end_matches("Frame").to_uppercase();
    if by_default { None } else { Some((field, kind, other)) }
}

fn read(bytes: &[u8], profile: Profile) -> Option<Value> {
    let schema = Schema::of(profile);
    Decoder::whole(bytes, schema, &schema.named(FRAME)?.shape).ok()
}

/// Whether any node of a MAP has a road that leads into it.
fn has_roads(frame: &Value) -> bool {
    let nodes = frame["value"]["nodes"].as_array();
    nodes.is_some_and(|nodes| nodes.iter().any(|node| !node["inLinks"].is_null()))
}
