//! The road as lines to draw under everything else, out of our own maps or out of OpenDRIVE.

use std::fmt::Write as _;

use nalgebra::Point2;

use crate::opendrive::{LaneKind, LaneLine, Network};
use crate::road::Road;

/// Drawn lanes lie this near to the true ones, metres.
const TOLERANCE_M: f64 = 0.1;
/// Colours on the dark ground of every picture.
const LANE: &str = "#343b44";
const SIDE: &str = "#2c323a";
const PAINT: &str = "#566069";

/// A line with its width in metres.
#[derive(Clone, Debug, PartialEq)]
struct Stroke {
    points: Vec<Point2<f64>>,
    width_m: f64,
    colour: &'static str,
}

/// Everything that does not move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ground(Vec<Stroke>);

/// A rectangle of the world, in metres: its lower left and its upper right corner.
pub type Window = [Point2<f64>; 2];

impl From<&Road> for Ground {
    fn from(road: &Road) -> Self {
        let stroke = |points: &[Point2<f64>], width_m, colour| Stroke { points: points.to_vec(), width_m, colour };
        let lanes = road.lanes.iter().map(|lane| stroke(lane.line.points(), lane.width_m, LANE));
        let ways = road.ways.iter().map(|way| stroke(way.line.points(), 0.15, "#4a525c"));
        let walks = road.walks.iter().map(|walk| stroke(walk.line.points(), walk.width_m, "#4a525c88"));
        Self(lanes.chain(ways).chain(walks).collect())
    }
}

impl From<&Network> for Ground {
    fn from(network: &Network) -> Self {
        let lines = network.lane_lines(TOLERANCE_M);
        let surfaces = lines.iter().flat_map(surface);
        let edges = lines.iter().filter(|l| l.kind.is_driven()).flat_map(|line| {
            [&line.left, &line.right].map(|edge| Stroke { points: flat(edge), width_m: 0.15, colour: PAINT })
        });
        Self(surfaces.chain(edges).collect())
    }
}

fn flat(line: &[[f64; 3]]) -> Vec<Point2<f64>> {
    line.iter().map(|p| Point2::new(p[0], p[1])).collect()
}

/// A lane as a stroke along its middle, as wide as it is on average.
fn surface(line: &LaneLine) -> Option<Stroke> {
    let colour = match line.kind {
        LaneKind::None => return None,
        kind if kind.is_driven() => LANE,
        _ => SIDE,
    };
    let wide = |i: usize, j: usize| {
        let (l, r) = (line.left.get(i)?, line.right.get(j)?);
        Some((l[0] - r[0]).hypot(l[1] - r[1]))
    };
    let ends = [wide(0, 0), wide(line.left.len().checked_sub(1)?, line.right.len().checked_sub(1)?)];
    let width_m = ends.iter().flatten().sum::<f64>() / 2.0;
    (width_m > 0.05).then(|| Stroke { points: flat(&line.middle), width_m, colour })
}

impl Ground {
    /// Adds what lies in `window` to a drawing, north up.
    pub fn draw(&self, svg: &mut String, window: Window) {
        for stroke in &self.0 {
            for run in runs(stroke, window) {
                svg.push_str("<polyline points=\"");
                for p in run {
                    let _ = write!(svg, "{:.2},{:.2} ", p.x, -p.y);
                }
                let _ = write!(
                    svg,
                    "\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.2}\"/>",
                    stroke.colour, stroke.width_m
                );
            }
        }
    }
}

/// The pieces of a stroke of which something may lie in the window.
fn runs(stroke: &Stroke, [low, high]: Window) -> Vec<&[Point2<f64>]> {
    let reach = stroke.width_m;
    let near = |two: &[Point2<f64>]| {
        let (a, b) = (two[0], two[1]);
        a.x.min(b.x) <= high.x + reach
            && a.x.max(b.x) >= low.x - reach
            && a.y.min(b.y) <= high.y + reach
            && a.y.max(b.y) >= low.y - reach
    };
    let (mut found, mut from) = (Vec::new(), None);
    for (i, two) in stroke.points.windows(2).enumerate() {
        match (near(two), from) {
            (true, None) => from = Some(i),
            (false, Some(first)) => {
                found.push(&stroke.points[first..=i]);
                from = None;
            }
            _ => {}
        }
    }
    if let Some(first) = from {
        found.push(&stroke.points[first..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::road::tests::four_arm;

    fn window(x: f64, y: f64, reach: f64) -> Window {
        [Point2::new(x - reach, y - reach), Point2::new(x + reach, y + reach)]
    }

    #[test]
    fn a_line_is_drawn_where_it_passes_the_window_and_nowhere_else() {
        let points = [0.0, 100.0, 200.0, 200.0, 200.0, 0.0].chunks(2).map(|p| Point2::new(p[0], p[1])).collect();
        let stroke = Stroke { points, width_m: 3.0, colour: LANE };
        assert_eq!(runs(&stroke, window(0.0, 100.0, 10.0)).len(), 1);
        assert_eq!(runs(&stroke, window(0.0, 100.0, 10.0))[0].len(), 2, "only the first piece");
        assert_eq!(runs(&stroke, window(200.0, 200.0, 5.0))[0].len(), 3);
        assert!(runs(&stroke, window(900.0, 900.0, 10.0)).is_empty());
    }

    #[test]
    fn both_kinds_of_road_are_drawn() {
        let mut ours = String::new();
        Ground::from(&four_arm()).draw(&mut ours, window(0.0, 0.0, 80.0));
        assert!(ours.matches("<polyline").count() > 20, "{ours}");
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xosc/lanes.xosc");
        let network = crate::openscenario::Scenario::read(&file).unwrap().network;
        let (mut near, mut far) = (String::new(), String::new());
        let ground = Ground::from(&*network);
        ground.draw(&mut near, window(0.0, 0.0, 1000.0));
        ground.draw(&mut far, window(90_000.0, 0.0, 10.0));
        assert!(near.matches(PAINT).count() > 4 && near.contains(LANE) && far.is_empty(), "{near}");
    }
}
