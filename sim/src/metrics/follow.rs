//! One behind the other: time to collision, headway and the braking that is needed. All figures are of a follower and a
//! leader in the follower's straight lane; curves are the business of [`super::conflict`].

use nalgebra::Vector2;

use crate::actor::Body;

/// A driver needs this long before the brake acts, seconds (SUMO's SSM device, `mdrac.prt`).
pub const REACTION_S: f64 = 1.0;
/// Who looks more than this far away from the follower's direction does not drive ahead of it, radians.
const ALONG_RAD: f64 = std::f64::consts::FRAC_PI_4;
/// Below this speed there is no headway in time, m/s.
pub const STANDS_MPS: f64 = 0.1;

/// A follower behind a leader.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Following {
    /// From front bumper to rear bumper, metres; negative: they overlap.
    pub gap_m: f64,
    /// Length of the leader, metres.
    pub leader_m: f64,
    /// Speed of the follower, m/s.
    pub speed_mps: f64,
    /// How fast the gap closes, m/s; negative: it opens.
    pub closing_mps: f64,
}

impl Following {
    /// `leader` as `follower` sees it; none when it is not ahead in the follower's straight lane, or goes across.
    #[must_use]
    pub fn of(follower: &Body, leader: &Body) -> Option<Self> {
        let (sin, cos) = follower.yaw.sin_cos();
        let ahead = Vector2::new(cos, sin);
        let off = leader.place() - follower.place();
        let (along, aside) = (off.dot(&ahead), ahead.perp(&off));
        let turned = leader.yaw - follower.yaw;
        let beside = 0.5 * (follower.size.width_m + leader.size.width_m);
        if along <= 0.0 || aside.abs() >= beside || turned.cos() < ALONG_RAD.cos() {
            return None;
        }
        let speed_mps = follower.velocity.dot(&ahead);
        Some(Self {
            gap_m: along - 0.5 * (follower.size.length_m + leader.size.length_m),
            leader_m: leader.size.length_m,
            speed_mps,
            closing_mps: speed_mps - leader.velocity.dot(&ahead),
        })
    }

    /// Time to collision at constant speeds, seconds: gap / closing speed (Hayward 1972); none while the gap does not close.
    #[must_use]
    pub fn ttc_s(&self) -> Option<f64> {
        (self.closing_mps > 0.0).then(|| self.gap_m.max(0.0) / self.closing_mps)
    }

    /// Time headway, seconds: front to front over the follower's speed (SAE J2944); none while it stands.
    #[must_use]
    pub fn thw_s(&self) -> Option<f64> {
        (self.speed_mps > STANDS_MPS).then(|| (self.gap_m + self.leader_m) / self.speed_mps)
    }

    /// Time gap, seconds: rear to front over the follower's speed (the minimum following distance of UN R157, 5.2.3.3);
    /// none while it stands.
    #[must_use]
    pub fn time_gap_s(&self) -> Option<f64> {
        (self.speed_mps > STANDS_MPS).then(|| self.gap_m.max(0.0) / self.speed_mps)
    }

    /// Deceleration to avoid the crash, m/s²: closing² / (2 gap) (Cooper 1976); 0 while the gap does not close.
    #[must_use]
    pub fn drac_mps2(&self) -> f64 {
        let closing = self.closing_mps.max(0.0);
        if closing == 0.0 { 0.0 } else { closing * closing / (2.0 * self.gap_m.max(0.0)) }
    }

    /// The same for a driver who needs `reaction_s` first, m/s²: closing / (2 (TTC − reaction)); infinite when it is too
    /// late (modified DRAC, as in SUMO's SSM device).
    #[must_use]
    pub fn mdrac_mps2(&self, reaction_s: f64) -> f64 {
        match self.ttc_s() {
            None => 0.0,
            Some(ttc) if ttc <= reaction_s => f64::INFINITY,
            Some(ttc) => self.closing_mps / (2.0 * (ttc - reaction_s)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    /// Two cars of 4.6 m on the x axis, `gap` apart from bumper to bumper.
    fn behind(gap: f64, v: f64, v_leader: f64) -> Following {
        let mut follower = body(1, Kind::Car, 0.0, 0.0, 0.0);
        let mut leader = body(2, Kind::Car, gap + 4.6, 0.0, 0.0);
        follower.velocity = Vector2::new(v, 0.0);
        leader.velocity = Vector2::new(v_leader, 0.0);
        Following::of(&follower, &leader).unwrap()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn the_figures_are_those_computed_by_hand() {
        // 30 m gap, 20 m/s behind 10 m/s: 3 s; front to front 34.6 m at 20 m/s: 1.73 s; 100/60 = 5/3 m/s²; 10/(2·2) = 2.5.
        let f = behind(30.0, 20.0, 10.0);
        near(f.ttc_s().unwrap(), 3.0);
        near(f.thw_s().unwrap(), 1.73);
        near(f.time_gap_s().unwrap(), 1.5);
        near(f.drac_mps2(), 5.0 / 3.0);
        near(f.mdrac_mps2(REACTION_S), 2.5);
        assert_eq!(f.mdrac_mps2(3.0), f64::INFINITY);
    }

    #[test]
    fn a_gap_that_opens_has_no_time_to_collision_and_needs_no_brake() {
        let f = behind(30.0, 10.0, 20.0);
        assert_eq!(f.ttc_s(), None);
        assert_eq!((f.drac_mps2(), f.mdrac_mps2(REACTION_S)), (0.0, 0.0));
        assert_eq!(behind(5.0, 0.0, 0.0).thw_s(), None);
    }

    #[test]
    fn overlapping_cars_collide_now() {
        let f = behind(-1.0, 20.0, 10.0);
        near(f.ttc_s().unwrap(), 0.0);
        assert_eq!(f.drac_mps2(), f64::INFINITY);
    }

    #[test]
    fn who_is_beside_behind_or_crossing_is_no_leader() {
        let me = body(1, Kind::Car, 0.0, 0.0, 0.0);
        for (x, y, yaw) in [(20.0, 1.9, 0.0), (-20.0, 0.0, 0.0), (20.0, 0.0, 1.6), (20.0, 0.0, 3.1)] {
            assert_eq!(Following::of(&me, &body(2, Kind::Car, x, y, yaw)), None, "{x} {y} {yaw}");
        }
        assert!(Following::of(&me, &body(2, Kind::Car, 20.0, 1.7, 0.1)).is_some());
        // Turned by a right angle, everything is the same.
        let north = std::f64::consts::FRAC_PI_2;
        let me = body(1, Kind::Car, 0.0, 0.0, north);
        near(Following::of(&me, &body(2, Kind::Truck, 0.0, 28.3, north)).unwrap().gap_m, 20.0);
    }
}
