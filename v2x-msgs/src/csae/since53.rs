//! What T/CSAE 53-2020 and T/CSAE 157-2020 share and YD/T 3709-2020 has otherwise. Compiled once for each of the two.

use super::wire;
use crate::csae::quantity::Steps;
use crate::error::EncodeError;

/// Last value of DE_DHour.
pub(super) const LAST_HOUR: u8 = 24;
/// DE_DTimeOffset, minutes.
pub(super) const OFFSET_MIN: Steps = Steps::new(1.0, -720, 721);

/// Width of a link, which may be left out.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn to_link_width(width: Option<wire::LaneWidth>) -> Result<Option<wire::LaneWidth>, EncodeError> {
    Ok(width)
}

pub(super) fn link_width(link: &wire::Link) -> Option<&wire::LaneWidth> {
    link.link_width.as_ref()
}

/// A full position says how sure it is in both ways.
#[allow(clippy::unnecessary_wraps)]
pub(super) fn put_accuracy(
    full: &mut wire::FullPositionVector,
    ellipse: Option<wire::PositionalAccuracy>,
    steps: Option<wire::PositionConfidenceSet>,
) -> Result<(), EncodeError> {
    full.pos_accuracy = ellipse;
    full.pos_conficence = steps;
    Ok(())
}

pub(super) fn accuracy(
    full: &wire::FullPositionVector,
) -> (Option<&wire::PositionalAccuracy>, Option<&wire::PositionConfidenceSet>) {
    (full.pos_accuracy.as_ref(), full.pos_conficence.as_ref())
}
