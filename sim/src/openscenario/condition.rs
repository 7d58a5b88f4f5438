//! What must be true for something to start or stop: the model of triggers.

use super::position::Position;
use super::reader::{EntityId, Reader};
use super::word::{
    ANGLES, AXES, Angle, Axis, EDGES, Edge, FRAMES, Frame, MEASURES, Measure, OBJECT_KINDS, ObjectKind, RULES, Rule,
    Words,
};
use super::xml::Element;
use super::{storyboard, time};

/// Groups of conditions: one group must hold, in it every condition.
#[derive(Clone, Debug, Default)]
pub struct Trigger {
    /// The groups.
    pub groups: Vec<Vec<Condition>>,
}

/// One condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Name.
    pub name: String,
    /// Seconds after which it counts.
    pub delay: f64,
    /// Which change counts.
    pub edge: Edge,
    /// What is asked.
    pub test: Test,
}

/// What a condition asks.
#[derive(Clone, Debug)]
pub enum Test {
    /// About entities.
    Entities {
        /// Which.
        who: Vec<EntityId>,
        /// Of all of them, not any.
        all: bool,
        /// What.
        what: EntityTest,
    },
    /// About the world.
    World(WorldTest),
}

/// The other end of a distance.
#[derive(Clone, Debug)]
pub enum Other {
    /// An entity.
    Entity(EntityId),
    /// A place.
    Position(Box<Position>),
}

/// How a distance is measured.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Ruler {
    /// In which frame.
    pub frame: Frame,
    /// Which distance.
    pub measure: Measure,
    /// Between the boxes, not the origins.
    pub freespace: bool,
}

/// A rule with its value.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Bound {
    /// How to compare.
    pub rule: Rule,
    /// With what.
    pub value: f64,
}

/// What is asked about an entity.
#[derive(Clone, Debug)]
pub enum EntityTest {
    /// Stands at the end of a road for so long.
    EndOfRoad(f64),
    /// Touches this entity, or one of this kind.
    Collision(Option<EntityId>, Option<ObjectKind>),
    /// Is beside the road for so long.
    Offroad(f64),
    /// Distance over own speed.
    TimeHeadway {
        /// Against whom.
        other: EntityId,
        /// How it is measured.
        ruler: Ruler,
        /// What must hold.
        bound: Bound,
    },
    /// Distance over closing speed.
    TimeToCollision {
        /// Against whom.
        other: Other,
        /// How it is measured.
        ruler: Ruler,
        /// What must hold.
        bound: Bound,
    },
    /// Acceleration.
    Acceleration(Option<Axis>, Bound),
    /// Stands for so long.
    StandStill(f64),
    /// Speed.
    Speed(Option<Axis>, Bound),
    /// Speed minus that of another.
    RelativeSpeed {
        /// Against whom.
        other: EntityId,
        /// Along which axis; none: as a whole.
        axis: Option<Axis>,
        /// What must hold.
        bound: Bound,
    },
    /// Metres since the start.
    TraveledDistance(f64),
    /// Nearer to a place than this.
    ReachPosition(Box<Position>, f64),
    /// Distance to a place.
    Distance {
        /// Where.
        position: Box<Position>,
        /// How it is measured.
        ruler: Ruler,
        /// What must hold.
        bound: Bound,
    },
    /// Distance to an entity.
    RelativeDistance {
        /// Against whom.
        other: EntityId,
        /// How it is measured.
        ruler: Ruler,
        /// What must hold.
        bound: Bound,
    },
    /// Nobody is in these lanes around it.
    RelativeClearance {
        /// Only these count; everybody when empty.
        others: Vec<EntityId>,
        /// Lanes against its own, from and to.
        lanes: Vec<(i32, i32)>,
        /// Metres ahead.
        ahead: f64,
        /// Metres behind.
        behind: f64,
        /// Between boxes.
        freespace: bool,
        /// Lanes of the other direction count.
        opposite: bool,
    },
    /// Its angle is this.
    Angle {
        /// Which kind.
        kind: Angle,
        /// Radians.
        angle: f64,
        /// Radians around it.
        tolerance: f64,
        /// Against what.
        frame: Frame,
    },
    /// Its angle against another's is this.
    RelativeAngle {
        /// Against whom.
        other: EntityId,
        /// Which kind.
        kind: Angle,
        /// Radians.
        angle: f64,
        /// Radians around it.
        tolerance: f64,
        /// Against what.
        frame: Frame,
    },
}

/// What is asked about the world.
#[derive(Clone, Debug)]
pub enum WorldTest {
    /// A parameter, variable or user-defined value compares so.
    Value {
        /// Name.
        name: String,
        /// How it is compared.
        rule: Rule,
        /// The value.
        value: String,
        /// It comes from outside.
        outside: bool,
    },
    /// Time of day, seconds of its clock.
    TimeOfDay(Bound),
    /// Simulated seconds.
    SimulationTime(Bound),
    /// An element of the storyboard is in, or goes through, a state.
    Element {
        /// Which kind.
        kind: storyboard::Kind,
        /// Name.
        name: String,
        /// What it shows.
        state: ElementState,
        /// Where it is written.
        at: super::complaint::Complaint,
    },
    /// A signal shows this.
    Signal {
        /// Which signal.
        signal: String,
        /// What it shows.
        state: String,
    },
    /// A controller of signals is in this phase.
    SignalPhase {
        /// Which controller.
        controller: usize,
        /// Which phase.
        phase: usize,
    },
}

/// A state or transition of a storyboard element.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ElementState {
    /// Waits.
    Standby,
    /// Runs.
    Running,
    /// Is done.
    Complete,
    /// Starts.
    Start,
    /// Ends.
    End,
    /// Is stopped.
    Stop,
    /// Is skipped.
    Skip,
}

/// Words of [`ElementState`].
pub const STATES: Words<ElementState> = &[
    ("standbyState", ElementState::Standby),
    ("runningState", ElementState::Running),
    ("completeState", ElementState::Complete),
    ("startTransition", ElementState::Start),
    ("endTransition", ElementState::End),
    ("stopTransition", ElementState::Stop),
    ("skipTransition", ElementState::Skip),
];

const TRIGGERED: Words<bool> = &[("any", false), ("all", true)];

impl Reader {
    /// Reads the trigger that is a child of this name; `None` when it is not there.
    pub fn read_trigger(&mut self, parent: &Element, name: &str) -> Option<Trigger> {
        let e = parent.child(name)?;
        let group = |r: &mut Self, g: &Element| g.all("Condition").filter_map(|c| r.read_condition(c)).collect();
        Some(Trigger { groups: e.all("ConditionGroup").map(|g| group(self, g)).collect() })
    }

    fn read_condition(&mut self, e: &Element) -> Option<Condition> {
        let name = self.text(e, "name");
        let delay = if e.raw("delay").is_some() { self.positive(e, "delay") } else { 0.0 };
        let edge = self.word(e, "conditionEdge", EDGES).unwrap_or(Edge::None);
        let test = if let Some(by) = e.child("ByEntityCondition") {
            self.read_by_entity(by)?
        } else if let Some(by) = e.child("ByValueCondition").and_then(|b| b.children.first()) {
            Test::World(self.read_by_value(by)?)
        } else {
            self.complain(e, "asks nothing", "add ByEntityCondition or ByValueCondition");
            return None;
        };
        Some(Condition { name, delay, edge, test })
    }

    fn read_by_entity(&mut self, e: &Element) -> Option<Test> {
        let Some(triggering) = e.child("TriggeringEntities") else {
            self.complain(e, "has no TriggeringEntities", "add them");
            return None;
        };
        let all = self.word(triggering, "triggeringEntitiesRule", TRIGGERED)?;
        let who: Vec<_> = triggering.all("EntityRef").flat_map(|r| self.actors(r, "entityRef")).collect();
        let Some(inner) = e.child("EntityCondition").and_then(|c| c.children.first()) else {
            self.complain(e, "has no EntityCondition", "add one");
            return None;
        };
        if who.is_empty() {
            self.complain(triggering, "names nobody", "add EntityRef");
        }
        Some(Test::Entities { who, all, what: self.read_entity_test(inner)? })
    }

    fn read_entity_test(&mut self, e: &Element) -> Option<EntityTest> {
        Some(match e.name.as_str() {
            "EndOfRoadCondition" => EntityTest::EndOfRoad(self.positive(e, "duration")),
            "OffroadCondition" => EntityTest::Offroad(self.positive(e, "duration")),
            "StandStillCondition" => EntityTest::StandStill(self.positive(e, "duration")),
            "TraveledDistanceCondition" => EntityTest::TraveledDistance(self.number(e, "value")),
            "CollisionCondition" => {
                let entity = match e.child("EntityRef") {
                    Some(other) => Some(self.entity(other, "entityRef")?),
                    None => None,
                };
                let kind = e.child("ByType").and_then(|t| self.word(t, "type", OBJECT_KINDS));
                if entity.is_none() && kind.is_none() {
                    self.complain(e, "names nobody to touch", "add EntityRef or ByType");
                }
                EntityTest::Collision(entity, kind)
            }
            "TimeHeadwayCondition" => EntityTest::TimeHeadway {
                other: self.entity(e, "entityRef")?,
                ruler: self.read_ruler(e),
                bound: self.bound(e)?,
            },
            "TimeToCollisionCondition" => {
                let (ruler, bound) = (self.read_ruler(e), self.bound(e)?);
                let target = e.child("TimeToCollisionConditionTarget").and_then(|t| t.children.first());
                let Some(target) = target else {
                    self.complain(e, "has no target", "add TimeToCollisionConditionTarget");
                    return None;
                };
                let other = match target.name.as_str() {
                    "EntityRef" => Other::Entity(self.entity(target, "entityRef")?),
                    _ => Other::Position(Box::new(self.read_position(target)?)),
                };
                EntityTest::TimeToCollision { other, ruler, bound }
            }
            "AccelerationCondition" => EntityTest::Acceleration(self.axis(e), self.bound(e)?),
            "SpeedCondition" => EntityTest::Speed(self.axis(e), self.bound(e)?),
            "RelativeSpeedCondition" => EntityTest::RelativeSpeed {
                other: self.entity(e, "entityRef")?,
                axis: self.axis(e),
                bound: self.bound(e)?,
            },
            "ReachPositionCondition" => {
                let tolerance = self.positive(e, "tolerance");
                EntityTest::ReachPosition(Box::new(self.child_position(e, "Position")?), tolerance)
            }
            "DistanceCondition" => EntityTest::Distance {
                position: Box::new(self.child_position(e, "Position")?),
                ruler: self.read_ruler(e),
                bound: self.bound(e)?,
            },
            "RelativeDistanceCondition" => EntityTest::RelativeDistance {
                other: self.entity(e, "entityRef")?,
                ruler: self.read_ruler(e),
                bound: self.bound(e)?,
            },
            "RelativeClearanceCondition" => self.read_clearance(e),
            "AngleCondition" => EntityTest::Angle {
                kind: self.word(e, "angleType", ANGLES)?,
                angle: self.number(e, "angle"),
                tolerance: self.positive(e, "angleTolerance"),
                frame: self.optional_word(e, "coordinateSystem", FRAMES).unwrap_or(Frame::Road),
            },
            "RelativeAngleCondition" => EntityTest::RelativeAngle {
                other: self.entity(e, "entityRef")?,
                kind: self.word(e, "angleType", ANGLES)?,
                angle: self.number(e, "angle"),
                tolerance: self.positive(e, "angleTolerance"),
                frame: self.optional_word(e, "coordinateSystem", FRAMES).unwrap_or(Frame::Entity),
            },
            _ => return None,
        })
    }

    fn read_clearance(&mut self, e: &Element) -> EntityTest {
        let lanes = e.all("RelativeLaneRange").map(|r| {
            let mut end =
                |name: &str, else_: i32| if r.raw(name).is_some() { self.integer(r, name) as i32 } else { else_ };
            (end("from", i32::MIN / 2), end("to", i32::MAX / 2))
        });
        let lanes: Vec<_> = lanes.collect();
        if lanes.iter().any(|(from, to)| from > to) {
            self.complain(e, "a RelativeLaneRange ends before it begins", "let from be at most to");
        }
        EntityTest::RelativeClearance {
            others: e.all("EntityRef").flat_map(|r| self.actors(r, "entityRef")).collect(),
            lanes,
            ahead: self.optional_number(e, "distanceForward").unwrap_or(0.0),
            behind: self.optional_number(e, "distanceBackward").unwrap_or(0.0),
            freespace: self.optional_boolean(e, "freeSpace").unwrap_or(false),
            opposite: self.optional_boolean(e, "oppositeLanes").unwrap_or(false),
        }
    }

    fn axis(&mut self, e: &Element) -> Option<Axis> {
        self.optional_word(e, "direction", AXES)
    }

    fn bound(&mut self, e: &Element) -> Option<Bound> {
        Some(Bound { value: self.number(e, "value"), rule: self.word(e, "rule", RULES)? })
    }

    fn read_ruler(&mut self, e: &Element) -> Ruler {
        let freespace = self.optional_boolean(e, "freespace").unwrap_or(false);
        let along = self.optional_boolean(e, "alongRoute");
        let mut frame = self.optional_word(e, "coordinateSystem", FRAMES);
        let mut measure = self.optional_word(e, "relativeDistanceType", MEASURES);
        // `alongRoute` of 1.0 became coordinateSystem and relativeDistanceType in 1.1, which win when both are there.
        if let Some(along) = along {
            frame = frame.or(Some(if along { Frame::Road } else { Frame::Entity }));
            measure = measure.or(Some(if along { Measure::Longitudinal } else { Measure::Euclidean }));
        }
        if let Some(algorithm) = self.optional(e, "routingAlgorithm")
            && !matches!(algorithm.as_str(), "undefined" | "shortest" | "assignedRoute")
        {
            self.note(e, format!("routingAlgorithm {algorithm} is measured as shortest"), "the shortest way counts");
        }
        Ruler { frame: frame.unwrap_or(Frame::Entity), measure: measure.unwrap_or(Measure::Euclidean), freespace }
    }

    fn read_by_value(&mut self, e: &Element) -> Option<WorldTest> {
        Some(match e.name.as_str() {
            "ParameterCondition" => self.value_test(e, "parameterRef", false)?,
            "VariableCondition" => self.value_test(e, "variableRef", false)?,
            "UserDefinedValueCondition" => {
                self.note(e, "asks for a value from outside", "give it with --value NAME=VALUE, else it is never true");
                self.value_test(e, "name", true)?
            }
            "SimulationTimeCondition" => WorldTest::SimulationTime(self.bound(e)?),
            "TimeOfDayCondition" => {
                let text = self.text(e, "dateTime");
                let Some(value) = time::seconds(&text) else {
                    self.complain(e, format!("dateTime={text:?} is no date and time"), "write 2026-05-01T08:00:00");
                    return None;
                };
                WorldTest::TimeOfDay(Bound { rule: self.word(e, "rule", RULES)?, value })
            }
            "StoryboardElementStateCondition" => WorldTest::Element {
                kind: self.word(e, "storyboardElementType", storyboard::KINDS)?,
                name: self.text(e, "storyboardElementRef"),
                state: self.word(e, "state", STATES)?,
                at: e.complain("", "name an element of this kind; where the name is not unique, A::B with its parents"),
            },
            "TrafficSignalCondition" => {
                WorldTest::Signal { signal: self.signal_id(e, "name"), state: self.text(e, "state") }
            }
            "TrafficSignalControllerCondition" => {
                let (controller, phase) = self.signal_phase(e)?;
                WorldTest::SignalPhase { controller, phase }
            }
            _ => return None,
        })
    }

    fn value_test(&mut self, e: &Element, attribute: &str, outside: bool) -> Option<WorldTest> {
        let name = self.reference(e, attribute);
        if !outside && !self.changeable(&name) {
            self.complain(e, format!("no parameter or variable is called {name:?}"), "declare it for the whole file");
        }
        Some(WorldTest::Value { name, rule: self.word(e, "rule", RULES)?, value: self.text(e, "value"), outside })
    }
}
