//! T/CSAE 53-2020 and YD/T 3709-2020 are easily taken for each other: the same messages, and a MAP of one is that of the
//! other but for one bit of the length of its list of nodes, which shifts all that follows. Mostly the shifted bits mean
//! nothing and are refused. Rarely they do mean something; then nothing in the message says which edition was meant.
//!
//! So a MAP is accepted in one edition only when the other one refuses it, and one that has both meanings is not made. Then
//! the MAP of one edition never passes for one of the other, whatever is in it. Among random maps only such have both
//! meanings that consist of one node without a road (`tests/editions.rs`). They say where a node is and no more; they are
//! taken for what the default edition says, T/CSAE 53-2020, and YD/T 3709-2020 refuses them.
//!
//! What this does not guard, because the bits are the same or equally good in both: BSM, RSM, SPAT and RSI without paths
//! are identical; the offset from UTC at the start of a BSM's path history is shifted by 120 minutes; an RSI with paths
//! has other lengths and is refused only when its bits make no sense.

use serde_json::Value;

use super::FRAME;
use super::decode::Decoder;
use crate::Profile;
use crate::error::{DecodeError, EncodeError};
use crate::shape::Schema;

/// Refuses a received MAP that is one of the other edition as well.
///
/// # Errors
/// When it is.
pub(crate) fn only_of(bytes: &[u8], profile: Profile) -> Result<(), DecodeError> {
    match also_a_map_of(bytes, profile) {
        None => Ok(()),
        Some(other) => Err(DecodeError::Implausible {
            field: "mapFrame".to_owned(),
            what: format!("the bits are a MAP of {other} too, and nothing says that {profile} is meant"),
        }),
    }
}

/// Refuses to make such a MAP.
///
/// # Errors
/// When these bytes are one.
pub(crate) fn made_only_of(bytes: &[u8], profile: Profile) -> Result<(), EncodeError> {
    match also_a_map_of(bytes, profile) {
        None => Ok(()),
        Some(other) => Err(EncodeError::Ambiguous { field: "mapFrame".to_owned(), other: other.name() }),
    }
}

/// The profile in which these bytes, a message of `profile`, are a MAP as well; none when there is no doubt.
fn also_a_map_of(bytes: &[u8], profile: Profile) -> Option<Profile> {
    let other = match profile {
        Profile::Csae53_2020 | Profile::Csae157_2020 => Profile::Ydt3709_2020,
        Profile::Ydt3709_2020 => Profile::Csae53_2020,
        Profile::J2735_2024 => return None,
    };
    // The extension bit and the number of the alternative: MAP is the second of five.
    if bytes.first()? >> 4 != 1 {
        return None;
    }
    let theirs = read(bytes, other)?;
    let by_default = profile != Profile::Ydt3709_2020 && !has_roads(&theirs) && !has_roads(&read(bytes, profile)?);
    if by_default { None } else { Some(other) }
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
