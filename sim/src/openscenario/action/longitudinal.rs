//! Speed, speed profile, distance along the way, synchronisation.

use super::{FinalSpeed, FinalTarget, Gap, Private, ProfilePoint, Side, SpeedTarget, Steady};
use crate::openscenario::reader::Reader;
use crate::openscenario::word::{FOLLOWINGS, FRAMES, Following, Frame, Words};
use crate::openscenario::xml::Element;

const FACTOR: Words<bool> = &[("delta", false), ("factor", true)];
const SIDES: Words<Side> = &[
    ("any", Side::Any),
    ("trailingReferencedEntity", Side::TrailingOrLeft),
    ("leadingReferencedEntity", Side::LeadingOrRight),
];

impl Reader {
    pub(super) fn read_longitudinal(&mut self, e: &Element) -> Option<Private> {
        let Some(inner) = e.children.first() else {
            self.complain(e, "does nothing", "add SpeedAction or another");
            return None;
        };
        match inner.name.as_str() {
            "SpeedAction" => self.read_speed(inner),
            "SpeedProfileAction" => self.read_profile(inner),
            _ => Some(Private::LongitudinalDistance(self.read_gap(inner, SIDES)?)),
        }
    }

    fn read_speed(&mut self, e: &Element) -> Option<Private> {
        let dynamics = self.read_dynamics(e, "SpeedActionDynamics")?;
        let Some(target) = e.child("SpeedActionTarget").and_then(|t| t.children.first()) else {
            self.complain(e, "has no SpeedActionTarget", "add AbsoluteTargetSpeed or RelativeTargetSpeed");
            return None;
        };
        let target = if target.name == "AbsoluteTargetSpeed" {
            SpeedTarget::Absolute(self.number(target, "value"))
        } else {
            SpeedTarget::Relative {
                entity: self.entity(target, "entityRef")?,
                value: self.number(target, "value"),
                factor: self.word(target, "speedTargetValueType", FACTOR)?,
                continuous: self.optional_boolean(target, "continuous").unwrap_or(false),
            }
        };
        Some(Private::Speed { dynamics, target })
    }

    fn read_profile(&mut self, e: &Element) -> Option<Private> {
        let points: Vec<_> = e
            .all("SpeedProfileEntry")
            .map(|p| ProfilePoint { time: self.optional_number(p, "time"), speed: self.number(p, "speed") })
            .collect();
        if points.is_empty() {
            self.complain(e, "has no SpeedProfileEntry", "add one");
        }
        let following = self.word(e, "followingMode", FOLLOWINGS).unwrap_or(Following::Position);
        let entity = match (e.raw("entityRef"), e.child("EntityRef")) {
            (Some(_), _) => Some(self.entity(e, "entityRef")?),
            (None, Some(child)) => Some(self.entity(child, "entityRef")?),
            _ => None,
        };
        Some(Private::SpeedProfile { points, constraints: self.read_constraints(e), following, entity })
    }

    pub(super) fn read_gap(&mut self, e: &Element, sides: Words<Side>) -> Option<Gap> {
        let is_time = e.raw("timeGap").is_some();
        let value = self.optional_number(e, if is_time { "timeGap" } else { "distance" });
        Some(Gap {
            entity: self.entity(e, "entityRef")?,
            value: value.unwrap_or(0.0),
            is_time,
            freespace: self.optional_boolean(e, "freespace").unwrap_or(false),
            continuous: self.optional_boolean(e, "continuous").unwrap_or(false),
            side: self.optional_word(e, "displacement", sides).unwrap_or(
                // 1.0 had no displacement and no sign: behind.
                if self.minor == 0 { Side::TrailingOrLeft } else { Side::Any },
            ),
            frame: self.optional_word(e, "coordinateSystem", FRAMES).unwrap_or(Frame::Entity),
            constraints: self.read_constraints(e),
        })
    }

    pub(super) fn read_synchronize(&mut self, e: &Element) -> Option<Private> {
        let master = self.entity(e, "masterEntityRef");
        let master_at = self.child_position(e, "TargetPositionMaster");
        let at = self.child_position(e, "TargetPosition");
        let final_speed = match e.child("FinalSpeed").and_then(|f| f.children.first()) {
            Some(f) => Some(self.read_final(f)?),
            None => None,
        };
        Some(Private::Synchronize {
            master: master?,
            master_at: Box::new(master_at?),
            at: Box::new(at?),
            master_tolerance: self.optional_number(e, "targetToleranceMaster").unwrap_or(0.0),
            tolerance: self.optional_number(e, "targetTolerance").unwrap_or(0.0),
            final_speed,
        })
    }

    fn read_final(&mut self, e: &Element) -> Option<FinalSpeed> {
        let value = self.number(e, "value");
        let target = if e.name == "AbsoluteSpeed" {
            FinalTarget::Absolute(value)
        } else {
            FinalTarget::Relative { value, factor: self.word(e, "speedTargetValueType", FACTOR)? }
        };
        let steady = match e.children.first() {
            Some(s) if s.name == "TargetDistanceSteadyState" => Some(Steady::Distance(self.positive(s, "distance"))),
            Some(s) => Some(Steady::Time(self.positive(s, "time"))),
            None => None,
        };
        Some(FinalSpeed { target, steady })
    }
}
