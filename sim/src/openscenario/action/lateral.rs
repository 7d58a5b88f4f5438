//! Lane change, lane offset, distance across the way.

use super::{Private, Side};
use crate::openscenario::reader::Reader;
use crate::openscenario::word::{SHAPES, Words};
use crate::openscenario::xml::Element;

const SIDES: Words<Side> = &[
    ("any", Side::Any),
    ("leftToReferencedEntity", Side::TrailingOrLeft),
    ("rightToReferencedEntity", Side::LeadingOrRight),
];

impl Reader {
    pub(super) fn read_lateral(&mut self, e: &Element) -> Option<Private> {
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add LaneChangeAction or another");
            return None;
        };
        match inner.name.as_str() {
            "LaneChangeAction" => self.read_lane_change(inner),
            "LaneOffsetAction" => self.read_lane_offset(inner),
            _ => {
                let mut gap = self.read_gap(inner, SIDES)?;
                if inner.raw("displacement").is_none() {
                    gap.side = Side::Any;
                }
                Some(Private::LateralDistance(gap))
            }
        }
    }

    fn read_lane_change(&mut self, e: &Element) -> Option<Private> {
        let dynamics = self.read_dynamics(e, "LaneChangeActionDynamics")?;
        let offset = self.optional_number(e, "targetLaneOffset").unwrap_or(0.0);
        let Some(target) = e.child("LaneChangeTarget").and_then(|t| t.children.first()) else {
            self.complain(e, "has no LaneChangeTarget", "add AbsoluteTargetLane or RelativeTargetLane");
            return None;
        };
        let relative_to = match target.name.as_str() {
            "RelativeTargetLane" => Some(self.entity(target, "entityRef")?),
            _ => None,
        };
        Some(Private::LaneChange { dynamics, relative_to, lane: self.integer(target, "value") as i32, offset })
    }

    fn read_lane_offset(&mut self, e: &Element) -> Option<Private> {
        let Some(dynamics) = e.child("LaneOffsetActionDynamics") else {
            self.complain(e, "has no LaneOffsetActionDynamics", "add it");
            return None;
        };
        let Some(target) = e.child("LaneOffsetTarget").and_then(|t| t.children.first()) else {
            self.complain(e, "has no LaneOffsetTarget", "add AbsoluteTargetLaneOffset or RelativeTargetLaneOffset");
            return None;
        };
        let relative_to = match target.name.as_str() {
            "RelativeTargetLaneOffset" => Some(self.entity(target, "entityRef")?),
            _ => None,
        };
        Some(Private::LaneOffset {
            shape: self.word(dynamics, "dynamicsShape", SHAPES)?,
            max_acceleration: self.limit(dynamics, "maxLateralAcc").map_or(f64::INFINITY, f64::abs),
            relative_to,
            value: self.number(target, "value"),
            continuous: self.optional_boolean(e, "continuous").unwrap_or(false),
        })
    }
}
