//! Cut-ins as UN Regulation No. 157 judges them: a collision must be avoided when the time to collision at the moment of
//! intrusion exceeds a figure that grows with the relative speed.

use crate::actor::Body;
use crate::metrics::follow::Following;
use nalgebra::Vector2;

/// A vehicle intrudes when it is this far over the marking, metres (UN R157, 5.2.5.2).
pub const INTRUSION_M: f64 = 0.30;
/// Relative speed in km/h, and the time to collision at intrusion, seconds, above which the collision is avoidable.
pub const SEATED: [(f64, f64); 6] =
    [(10.0, 0.48), (20.0, 0.71), (30.0, 0.94), (40.0, 1.18), (50.0, 1.41), (60.0, 1.64)];
/// The same with standing occupants, who allow only a gentler brake.
pub const STANDING: [(f64, f64); 6] =
    [(10.0, 0.74), (20.0, 1.32), (30.0, 1.90), (40.0, 2.47), (50.0, 3.05), (60.0, 3.63)];

/// Time to collision at intrusion, seconds, above which a collision must be avoided at this relative speed. Between the
/// lines of the table, and beyond them, on the straight line through the nearest two.
#[must_use]
pub fn avoidable_above_s(relative_mps: f64, standing: bool) -> f64 {
    let table = if standing { &STANDING } else { &SEATED };
    let kmh = relative_mps.max(0.0) * 3.6;
    let after = table.iter().position(|(v, _)| *v >= kmh).unwrap_or(table.len() - 1).max(1);
    let ((v0, t0), (v1, t1)) = (table[after - 1], table[after]);
    (t0 + (t1 - t0) * (kmh - v0) / (v1 - v0)).max(0.0)
}

/// How far `other` reaches into the straight lane of `ego`, metres; negative: it is outside. The lane is `lane_m` wide and
/// centred on `ego`.
#[must_use]
pub fn intrusion_m(ego: &Body, other: &Body, lane_m: f64) -> f64 {
    let across = Vector2::new(-ego.yaw.sin(), ego.yaw.cos());
    let asides = other.corners().map(|c| (c - ego.place()).dot(&across));
    // From the side on which its middle is.
    let middle = (other.place() - ego.place()).dot(&across);
    let innermost = asides.into_iter().map(|a| if middle >= 0.0 { a } else { -a }).fold(f64::INFINITY, f64::min);
    0.5 * lane_m - innermost
}

/// The moment at which somebody cut in.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct CutIn {
    /// Seconds after the start.
    pub at_s: f64,
    /// From bumper to bumper, metres.
    pub gap_m: f64,
    /// How fast the gap closed, m/s.
    pub closing_mps: f64,
    /// Time to collision, seconds; none: the gap did not close.
    pub ttc_s: Option<f64>,
}

impl CutIn {
    /// Watches a pair: `Some` at the first moment at which `other` is ahead of `ego` and over the marking.
    #[must_use]
    pub fn begins(at_s: f64, ego: &Body, other: &Body, lane_m: f64) -> Option<Self> {
        if intrusion_m(ego, other, lane_m) < INTRUSION_M {
            return None;
        }
        // The regulation's time to collision counts as soon as the other is in the lane, wherever it is across.
        let mut centred = other.clone();
        let across = Vector2::new(-ego.yaw.sin(), ego.yaw.cos());
        let aside = across * (other.place() - ego.place()).dot(&across);
        centred.position.x -= aside.x;
        centred.position.y -= aside.y;
        let follow = Following::of(ego, &centred)?;
        Some(Self { at_s, gap_m: follow.gap_m, closing_mps: follow.closing_mps, ttc_s: follow.ttc_s() })
    }

    /// A collision after this cut-in had to be avoided.
    #[must_use]
    pub fn is_avoidable(&self, standing: bool) -> bool {
        self.ttc_s.is_none_or(|ttc| ttc > avoidable_above_s(self.closing_mps, standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    #[test]
    fn the_table_is_met_at_its_lines_and_between() {
        for (kmh, ttc) in SEATED {
            assert!((avoidable_above_s(kmh / 3.6, false) - ttc).abs() < 1e-9);
        }
        assert!((avoidable_above_s(25.0 / 3.6, true) - 1.61).abs() < 1e-9);
        // Below and beyond the table: 0.48 - 0.23/2 at 5 km/h, 1.64 + 0.23 at 70 km/h.
        assert!((avoidable_above_s(5.0 / 3.6, false) - 0.365).abs() < 1e-9);
        assert!((avoidable_above_s(70.0 / 3.6, false) - 1.87).abs() < 1e-9);
        assert_eq!(avoidable_above_s(-3.0, false), avoidable_above_s(0.0, false));
    }

    #[test]
    fn a_cut_in_begins_thirty_centimetres_over_the_marking() {
        let mut ego = body(1, Kind::Car, 0.0, 0.0, 0.0);
        ego.velocity.x = 20.0;
        let mut other = body(2, Kind::Car, 24.6, 2.36, 0.0);
        other.velocity.x = 10.0;
        // Its right side at 2.36 - 0.9 = 1.46; the marking at 1.75: 0.29 m over it.
        assert!((intrusion_m(&ego, &other, 3.5) - 0.29).abs() < 1e-9);
        assert_eq!(CutIn::begins(1.0, &ego, &other, 3.5), None);
        other.position.y = 2.34;
        let cut = CutIn::begins(1.0, &ego, &other, 3.5).unwrap();
        assert!((cut.gap_m - 20.0).abs() < 1e-9 && (cut.ttc_s.unwrap() - 2.0).abs() < 1e-9, "{cut:?}");
        // 10 m/s are 36 km/h: 0.94 + 0.24 × 0.6 = 1.084 s.
        assert!(cut.is_avoidable(false) && (avoidable_above_s(10.0, false) - 1.084).abs() < 1e-9);
        assert!(!CutIn { ttc_s: Some(1.0), ..cut }.is_avoidable(false));
        other.position.y = -2.34;
        assert!(CutIn::begins(1.0, &ego, &other, 3.5).is_some(), "from the right as well");
        other.position.x = -24.6;
        assert_eq!(CutIn::begins(1.0, &ego, &other, 3.5), None, "from behind it is none");
    }
}
