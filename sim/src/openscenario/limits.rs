//! Every bound of the OpenSCENARIO reader and engine.

/// Largest file read, bytes.
pub const FILE_BYTES: u64 = 32 << 20;
/// Most elements in one file.
pub const ELEMENTS: usize = 400_000;
/// Deepest nesting of elements.
pub const DEPTH: usize = 96;
/// Most files read for one scenario, catalogs included.
pub const FILES: usize = 256;
/// Most catalog entries read for one scenario: a chain of catalogs cannot go on for ever.
pub const CATALOG_READS: usize = 20_000;
/// Most road users of one scenario.
pub const ENTITIES: usize = 10_000;
/// Most complaints kept; one more says that there are more.
pub const COMPLAINTS: usize = 200;
/// Longest expression, characters.
pub const EXPRESSION: usize = 4_096;
/// Deepest nesting of an expression.
pub const EXPRESSION_DEPTH: usize = 64;
/// Longest scenario, simulated seconds: the end when no stop trigger fires.
pub const LONGEST_S: f64 = 3_600.0;
/// Most events kept of a run.
pub const EVENTS: usize = 1_000_000;
/// Most points of one trajectory or spline.
pub const TRAJECTORY_POINTS: usize = 200_000;
/// Most combinations of a parameter distribution.
pub const COMBINATIONS: usize = 100_000;
/// Most road users that the traffic actions of a run make.
pub const TRAFFIC_MADE: usize = 20_000;
/// Most vehicles that wait at a traffic source for room.
pub const TRAFFIC_WAITING: usize = 1_000;
