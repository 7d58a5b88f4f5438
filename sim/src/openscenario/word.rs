//! The enumerations of the standard that the engine knows, with the words that stand for them in files.

/// Words of an attribute and what they mean.
pub type Words<T> = &'static [(&'static str, T)];

/// How two values are compared (standard: Rule).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `greaterThan`
    Greater,
    /// `greaterOrEqual`
    GreaterOrEqual,
    /// `lessThan`
    Less,
    /// `lessOrEqual`
    LessOrEqual,
    /// `equalTo`
    Equal,
    /// `notEqualTo`
    NotEqual,
}

/// Words of [`Rule`].
pub const RULES: Words<Rule> = &[
    ("greaterThan", Rule::Greater),
    ("greaterOrEqual", Rule::GreaterOrEqual),
    ("lessThan", Rule::Less),
    ("lessOrEqual", Rule::LessOrEqual),
    ("equalTo", Rule::Equal),
    ("notEqualTo", Rule::NotEqual),
];

/// Smaller differences are none: 15.000000001 is not past 15 only because steps were added up.
pub const SMALL: f64 = 1e-6;

impl Rule {
    /// Compares numbers, with a tolerance of [`SMALL`].
    #[must_use]
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Rule::Greater => a > b + SMALL,
            Rule::GreaterOrEqual => a >= b - SMALL,
            Rule::Less => a < b - SMALL,
            Rule::LessOrEqual => a <= b + SMALL,
            Rule::Equal => (a - b).abs() < SMALL,
            Rule::NotEqual => (a - b).abs() >= SMALL,
        }
    }

    /// Compares by order.
    #[must_use]
    pub fn orders(self, order: std::cmp::Ordering) -> bool {
        match self {
            Rule::Greater => order.is_gt(),
            Rule::GreaterOrEqual => order.is_ge(),
            Rule::Less => order.is_lt(),
            Rule::LessOrEqual => order.is_le(),
            Rule::Equal => order.is_eq(),
            Rule::NotEqual => order.is_ne(),
        }
    }

    /// The sign of it.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Rule::Greater => ">",
            Rule::GreaterOrEqual => ">=",
            Rule::Less => "<",
            Rule::LessOrEqual => "<=",
            Rule::Equal => "==",
            Rule::NotEqual => "!=",
        }
    }
}

/// Which change of a condition counts (standard: ConditionEdge).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its becoming true.
    Rising,
    /// Its becoming false.
    Falling,
    /// Either.
    Both,
    /// No change: its being true.
    None,
}

/// Words of [`Edge`].
pub const EDGES: Words<Edge> =
    &[("rising", Edge::Rising), ("falling", Edge::Falling), ("risingOrFalling", Edge::Both), ("none", Edge::None)];

impl Edge {
    /// The word of it.
    #[must_use]
    pub fn word(self) -> &'static str {
        EDGES.iter().find(|(_, e)| *e == self).map_or("", |(w, _)| w)
    }
}

/// How a value goes from here to there (standard: DynamicsShape).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// At once.
    Step,
    /// In a straight line.
    Linear,
    /// 3x² − 2x³.
    Cubic,
    /// Half a cosine.
    Sinusoidal,
}

/// Words of [`Shape`].
pub const SHAPES: Words<Shape> =
    &[("step", Shape::Step), ("linear", Shape::Linear), ("cubic", Shape::Cubic), ("sinusoidal", Shape::Sinusoidal)];

/// What the value of a transition measures (standard: DynamicsDimension).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Change per second.
    Rate,
    /// Seconds it takes.
    Time,
    /// Metres driven meanwhile.
    Distance,
}

/// Words of [`Dimension`].
pub const DIMENSIONS: Words<Dimension> =
    &[("rate", Dimension::Rate), ("time", Dimension::Time), ("distance", Dimension::Distance)];

/// Where a distance is measured (standard: CoordinateSystem).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Along and across the entity.
    Entity,
    /// Along and across the lane.
    Lane,
    /// Along and across the road's reference line.
    Road,
    /// Along and across the trajectory that is followed.
    Trajectory,
    /// The inertial frame.
    World,
}

/// Words of [`Frame`].
pub const FRAMES: Words<Frame> = &[
    ("entity", Frame::Entity),
    ("lane", Frame::Lane),
    ("road", Frame::Road),
    ("trajectory", Frame::Trajectory),
    ("world", Frame::World),
];

/// Which distance (standard: RelativeDistanceType).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Along.
    Longitudinal,
    /// Across.
    Lateral,
    /// As the crow flies.
    Euclidean,
}

/// Words of [`Measure`].
pub const MEASURES: Words<Measure> = &[
    ("longitudinal", Measure::Longitudinal),
    ("lateral", Measure::Lateral),
    ("euclidianDistance", Measure::Euclidean),
    ("cartesianDistance", Measure::Euclidean),
];

/// Along which axis of the entity (standard: DirectionalDimension).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Forward.
    Longitudinal,
    /// To the left.
    Lateral,
    /// Up.
    Vertical,
}

/// Words of [`Axis`].
pub const AXES: Words<Axis> =
    &[("longitudinal", Axis::Longitudinal), ("lateral", Axis::Lateral), ("vertical", Axis::Vertical)];

/// How exactly a course is followed (standard: FollowingMode).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Following {
    /// Exactly.
    Position,
    /// As a driver would.
    Follow,
}

/// Words of [`Following`].
pub const FOLLOWINGS: Words<Following> = &[("position", Following::Position), ("follow", Following::Follow)];

/// What an event does to its brothers (standard: Priority).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Ends them.
    Override,
    /// Does not start while one runs.
    Skip,
    /// Runs beside them.
    Parallel,
}

/// Words of [`Priority`].
pub const PRIORITIES: Words<Priority> = &[
    ("override", Priority::Override),
    ("overwrite", Priority::Override),
    ("skip", Priority::Skip),
    ("parallel", Priority::Parallel),
];

/// Kind of a road user (standard: ObjectType).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// Vehicle.
    Vehicle,
    /// Pedestrian, wheelchair or animal.
    Pedestrian,
    /// Anything else.
    Misc,
}

/// Words of [`ObjectKind`].
pub const OBJECT_KINDS: Words<ObjectKind> =
    &[("vehicle", ObjectKind::Vehicle), ("pedestrian", ObjectKind::Pedestrian), ("miscellaneous", ObjectKind::Misc)];

/// Which angle (standard: AngleType).
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Angle {
    /// About the vertical axis.
    Heading,
    /// About the lateral axis.
    Pitch,
    /// About the longitudinal axis.
    Roll,
}

/// Words of [`Angle`].
pub const ANGLES: Words<Angle> = &[("heading", Angle::Heading), ("pitch", Angle::Pitch), ("roll", Angle::Roll)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_forgives_the_dust_of_added_steps() {
        let t: f64 = (0..300).map(|_| 0.05).sum();
        assert!(!Rule::Greater.holds(t, 15.0) && Rule::Greater.holds(t + 0.05, 15.0));
        assert!(Rule::Equal.holds(t, 15.0) && !Rule::NotEqual.holds(t, 15.0));
        assert!(Rule::GreaterOrEqual.holds(t, 15.0) && Rule::LessOrEqual.holds(t, 15.0));
    }
}
