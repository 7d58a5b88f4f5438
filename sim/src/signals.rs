//! What the signal heads show, out of the very plans that the units announce in their SPAT.

use calibration::Timestamp;
use rsu::config;
use rsu::signal;

use crate::scene::Lights;

/// The signal plans of all units.
#[derive(Debug)]
pub struct Signals(Vec<signal::Signals>);

impl Signals {
    /// The plans in these configurations.
    #[must_use]
    pub fn new<'a>(plans: impl IntoIterator<Item = &'a config::Signal>) -> Self {
        Self(plans.into_iter().map(signal::Signals::new).collect())
    }

    /// What every group shows at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Lights {
        self.0.iter().flat_map(|plan| plan.at(now)).map(|group| (group.id, (group.light, group.until))).collect()
    }
}
