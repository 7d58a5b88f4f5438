//! SAE J2735, with the SDSM of SAE J3224: how each message of the model lies in the generated types. One file a message; what
//! they share is in [`place`] (positions and offsets in metres), [`motion`] and [`time`]. The ladders of accuracy, the
//! enumerations and the numbers with a unit are the same as in T/CSAE 53 and come from [`crate::csae`].
//!
//! An id is 4 octets here (TemporaryID) and 8 in the model: see [`frame::to_temporary`]. What a message cannot carry is
//! left out; the list, by name, is in `docs/messages.md`, made by `tests/lost.rs`.

// These say the same of the types of every message set.
#[allow(clippy::duplicate_mod)]
#[path = "csae/acceleration.rs"]
mod acceleration;
#[allow(clippy::duplicate_mod)]
#[path = "csae/lane_kind.rs"]
mod lane_kind;
#[allow(clippy::duplicate_mod)]
#[path = "csae/propulsion.rs"]
mod propulsion;

mod alert;
mod bsm;
mod frame;
mod geography;
mod groups;
mod lane;
mod map;
mod motion;
mod path;
mod place;
mod priority;
mod psm;
mod region;
mod road_safety;
mod rtcm;
mod sdsm;
mod spat;
mod tim;
mod time;

pub(crate) use frame::{from_wire, to_wire};
pub(crate) use map::{numbered, stands_for_approach};
pub(crate) use place::Plane;

use crate::wire::j2735 as wire;
