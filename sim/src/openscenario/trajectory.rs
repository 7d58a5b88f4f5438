//! Trajectories as written: polylines, clothoids, clothoid splines and NURBS.

use std::sync::Arc;

use super::limits;
use super::position::Position;
use super::reader::Reader;
use super::xml::Element;

/// A trajectory.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// Name.
    pub name: String,
    /// Begins again at its end.
    pub closed: bool,
    /// Its course.
    pub shape: Shape,
}

impl Trajectory {
    /// It says when it is where.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        let spans = |times: &mut dyn Iterator<Item = Option<f64>>| {
            let (low, high) = times.flatten().fold((f64::MAX, f64::MIN), |(l, h), t| (l.min(t), h.max(t)));
            high - low > super::word::SMALL
        };
        match &self.shape {
            Shape::Polyline(vertices) => spans(&mut vertices.iter().map(|v| v.time)),
            Shape::Clothoid(c) => spans(&mut [c.start_time.or(Some(0.0)), c.stop_time].into_iter()),
            Shape::Spline(pieces, end) => spans(&mut pieces.iter().map(|c| c.start_time).chain([*end])),
            Shape::Nurbs { points, .. } => spans(&mut points.iter().map(|p| p.time)),
        }
    }
}

/// The course of a trajectory.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Straight pieces.
    Polyline(Vec<Vertex>),
    /// One clothoid.
    Clothoid(Clothoid),
    /// Clothoids one after the other, and the time at the end.
    Spline(Vec<Clothoid>, Option<f64>),
    /// A rational B-spline.
    Nurbs {
        /// Degree plus one.
        order: usize,
        /// Control points.
        points: Vec<ControlPoint>,
        /// Knots, rising.
        knots: Vec<f64>,
    },
}

/// A corner of a polyline.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// Where.
    pub position: Position,
    /// When, seconds.
    pub time: Option<f64>,
}

/// A piece whose curvature changes at a constant rate.
#[derive(Clone, Debug)]
pub struct Clothoid {
    /// Where it starts; none: where the one before ends, or where the entity is.
    pub start: Option<Position>,
    /// Curvature at its start, 1/m.
    pub curvature: f64,
    /// Change of curvature per metre, 1/m².
    pub curvature_prime: f64,
    /// Metres.
    pub length: f64,
    /// Turn at its start against the end of the one before, radians.
    pub turn: f64,
    /// When it starts.
    pub start_time: Option<f64>,
    /// When it ends.
    pub stop_time: Option<f64>,
}

/// A control point of a NURBS.
#[derive(Clone, Debug)]
pub struct ControlPoint {
    /// Where.
    pub position: Position,
    /// When.
    pub time: Option<f64>,
    /// How much it pulls.
    pub weight: f64,
}

impl Reader {
    /// Reads the `Trajectory`, or the reference to one, inside an element.
    pub fn read_trajectory_of(&mut self, element: &Element) -> Option<Arc<Trajectory>> {
        let trajectory = match element.child("Trajectory") {
            Some(inline) => self.within(inline, |r| r.read_trajectory(inline)),
            None => match element.child("CatalogReference") {
                Some(reference) => self.refer(reference, &["Trajectory"], |r, e| r.read_trajectory(e))?,
                None => {
                    self.complain(element, "has no Trajectory", "add a Trajectory or a CatalogReference");
                    return None;
                }
            },
        };
        trajectory.map(Arc::new)
    }

    fn read_trajectory(&mut self, e: &Element) -> Option<Trajectory> {
        let (name, closed) = (self.text(e, "name"), self.optional_boolean(e, "closed").unwrap_or(false));
        let Some(shape) = e.child("Shape").and_then(|s| s.children.first()) else {
            self.complain(e, "has no Shape", "add a Polyline, Clothoid, ClothoidSpline or Nurbs");
            return None;
        };
        if shape.children.len() > limits::TRAJECTORY_POINTS {
            let what = format!("has more than {} points", limits::TRAJECTORY_POINTS);
            self.complain(shape, what, "thin it out");
            return None;
        }
        let shape = match shape.name.as_str() {
            "Polyline" => self.read_polyline(shape)?,
            "Clothoid" => Shape::Clothoid(self.read_clothoid(shape)?),
            "ClothoidSpline" => self.read_spline(shape)?,
            _ => self.read_nurbs(shape)?,
        };
        Some(Trajectory { name, closed, shape })
    }

    fn read_polyline(&mut self, e: &Element) -> Option<Shape> {
        let mut vertices: Vec<Vertex> = Vec::new();
        for vertex in e.all("Vertex") {
            let time = self.optional_number(vertex, "time");
            let position = self.child_position(vertex, "Position")?;
            if let (Some(before), Some(now)) = (vertices.last().and_then(|v| v.time), time)
                && now < before
            {
                self.complain(vertex, format!("time {now} is before {before}"), "let time grow along the polyline");
            }
            vertices.push(Vertex { position, time });
        }
        if vertices.len() < 2 {
            self.complain(e, "has fewer than two vertices", "add vertices");
            return None;
        }
        Some(Shape::Polyline(vertices))
    }

    fn read_clothoid(&mut self, e: &Element) -> Option<Clothoid> {
        let prime = if e.raw("curvaturePrime").is_some() { "curvaturePrime" } else { "curvatureDot" };
        Some(Clothoid {
            start: Some(self.child_position(e, "Position")?),
            curvature: self.number(e, "curvature"),
            curvature_prime: self.number(e, prime),
            length: self.positive(e, "length"),
            turn: 0.0,
            start_time: self.optional_number(e, "startTime"),
            stop_time: self.optional_number(e, "stopTime"),
        })
    }

    fn read_spline(&mut self, e: &Element) -> Option<Shape> {
        let mut pieces: Vec<Clothoid> = Vec::new();
        for piece in e.all("ClothoidSplineSegment") {
            let start = match piece.child("PositionStart") {
                Some(p) => Some(self.read_position(p)?),
                None => None,
            };
            let length = self.positive(piece, "length");
            let from = self.number(piece, "curvatureStart");
            let to = self.number(piece, "curvatureEnd");
            pieces.push(Clothoid {
                start,
                curvature: from,
                curvature_prime: if length > 0.0 { (to - from) / length } else { 0.0 },
                length,
                turn: self.optional_number(piece, "hOffset").unwrap_or(0.0),
                start_time: self.optional_number(piece, "timeStart"),
                stop_time: None,
            });
        }
        if pieces.is_empty() {
            self.complain(e, "has no segment", "add ClothoidSplineSegment");
            return None;
        }
        Some(Shape::Spline(pieces, self.optional_number(e, "timeEnd")))
    }

    fn read_nurbs(&mut self, e: &Element) -> Option<Shape> {
        let order = self.integer(e, "order");
        let mut points = Vec::new();
        for point in e.all("ControlPoint") {
            let weight = self.optional_number(point, "weight").unwrap_or(1.0);
            if weight <= 0.0 {
                self.complain(point, format!("weight {weight} is not above 0"), "give a positive weight");
            }
            let time = self.optional_number(point, "time");
            points.push(ControlPoint { position: self.child_position(point, "Position")?, time, weight });
        }
        let knots: Vec<f64> = e.all("Knot").map(|k| self.number(k, "value")).collect();
        if order < 2 || points.len() < order as usize || knots.len() != points.len() + order as usize {
            let what = format!("order {order}, {} control points and {} knots do not fit", points.len(), knots.len());
            self.complain(e, what, "knots = control points + order, order >= 2, control points >= order");
            return None;
        }
        if knots.windows(2).any(|w| w[1] < w[0]) {
            self.complain(e, "knots fall", "let knots rise");
            return None;
        }
        Some(Shape::Nurbs { order: order as usize, points, knots })
    }
}
