//! One edition's mapping. The module around it, the edition, says which generated types it is about and what is different
//! in them.

pub(super) mod acceleration;
pub(super) mod bsm;
pub(super) mod frame;
pub(super) mod lane_kind;
pub(super) mod map;
pub(super) mod motion;
pub(super) mod place;
pub(super) mod rsi;
pub(super) mod rsm;
pub(super) mod spat;
pub(super) mod time;

use super::{
    LAST_HOUR, OFFSET_MIN, accuracy, from_extension, link_width, put_accuracy, to_extension, to_link_width, wire,
};
