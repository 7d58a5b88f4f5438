//! Routes, trajectories, places to drive to.

use super::{Private, Timing};
use crate::openscenario::reader::Reader;
use crate::openscenario::word::{FOLLOWINGS, Following, Words};
use crate::openscenario::xml::Element;

const RELATIVE: Words<bool> = &[("absolute", false), ("relative", true)];

impl Reader {
    pub(super) fn read_routing(&mut self, e: &Element) -> Option<Private> {
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add AssignRouteAction or another");
            return None;
        };
        match inner.name.as_str() {
            "AssignRouteAction" => Some(Private::AssignRoute(self.read_route_of(inner)?)),
            "FollowTrajectoryAction" => self.read_follow(inner),
            "AcquirePositionAction" => {
                Some(Private::AcquirePosition(Box::new(self.child_position(inner, "Position")?)))
            }
            _ => Some(Private::RandomRoute),
        }
    }

    fn read_follow(&mut self, e: &Element) -> Option<Private> {
        let trajectory = self.read_trajectory_of(e.child("TrajectoryRef").unwrap_or(e))?;
        let timing = match e.child("TimeReference").and_then(|t| t.child("Timing")) {
            Some(t) => Some(Timing {
                relative: self.word(t, "domainAbsoluteRelative", RELATIVE)?,
                scale: self.number(t, "scale"),
                offset: self.number(t, "offset"),
            }),
            None => None,
        };
        // Without times there is nothing to time: the speed stays with other actions.
        let timing = timing.filter(|_| trajectory.is_timed());
        let following = match e.child("TrajectoryFollowingMode") {
            Some(mode) => self.word(mode, "followingMode", FOLLOWINGS)?,
            None => Following::Position,
        };
        let from = self.optional_number(e, "initialDistanceOffset").unwrap_or(0.0);
        Some(Private::FollowTrajectory { trajectory, from, timing, following })
    }
}
