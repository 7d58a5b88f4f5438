//! A trailer behind its kingpin: it rolls where it is pulled, and cuts corners as real ones do.

use nalgebra::{Point2, Vector2, Vector3};
use perception::Size;

use super::{ActorId, Body, Kind, TRAILER};

/// Beyond this angle tractor and trailer would touch, radians.
const JACKKNIFE: f64 = 1.4;

/// A semi-trailer.
#[derive(Clone, Debug, PartialEq)]
pub struct Trailer {
    /// Kingpin to the middle of the axles, metres.
    pub wheelbase_m: f64,
    /// Box: from its front, so far ahead of the kingpin, to its rear.
    pub size: Size,
    /// Front of the box before the kingpin, metres.
    pub nose_m: f64,
    /// Direction, radians counter-clockwise from east.
    pub yaw: f64,
    kingpin: Point2<f64>,
}

impl Trailer {
    /// A trailer that stands straight behind its kingpin.
    #[must_use]
    pub fn new(kingpin: Point2<f64>, yaw: f64, wheelbase_m: f64, nose_m: f64, size: Size) -> Self {
        Self { wheelbase_m, size, nose_m, yaw, kingpin }
    }

    /// Pulls (or pushes) the kingpin to `to`.
    ///
    /// The axles roll without slip, so the trailer's angle to the way of the kingpin decays along it: for a straight piece
    /// of length d, tan(γ/2) becomes tan(γ/2)·exp(−d/l) (the tractrix), exactly and for any length of step.
    pub fn pull(&mut self, to: Point2<f64>) {
        let step = to - self.kingpin;
        let length = step.norm();
        self.kingpin = to;
        if length < 1e-12 {
            return;
        }
        let heading = step.y.atan2(step.x);
        let angle = wrap(self.yaw - heading);
        // Pushed backwards the kingpin moves against the trailer's direction, and the angle grows instead.
        let (base, distance) = if angle.abs() <= std::f64::consts::FRAC_PI_2 {
            (heading, length)
        } else {
            (heading + std::f64::consts::PI, -length)
        };
        let angle = wrap(self.yaw - base);
        let after = 2.0 * ((0.5 * angle).tan() * (-distance / self.wheelbase_m).exp()).atan();
        self.yaw = wrap(base + after);
    }

    /// Angle of the tractor to the trailer, radians, positive to the left.
    #[must_use]
    pub fn articulation(&self, tractor_yaw: f64) -> f64 {
        wrap(tractor_yaw - self.yaw)
    }

    /// Tractor and trailer would touch: the driver must pull forward.
    #[must_use]
    pub fn is_jackknifed(&self, tractor_yaw: f64) -> bool {
        self.articulation(tractor_yaw).abs() > JACKKNIFE
    }

    /// Middle of the axles.
    #[must_use]
    pub fn axle(&self) -> Point2<f64> {
        self.kingpin - Vector2::new(self.yaw.cos(), self.yaw.sin()) * self.wheelbase_m
    }

    /// The box, pulled at `speed` m/s by a tractor that looks to `tractor_yaw`.
    #[must_use]
    pub fn body(&self, id: ActorId, speed: f64, tractor_yaw: f64) -> Body {
        let way = Vector2::new(self.yaw.cos(), self.yaw.sin());
        let centre = self.kingpin + way * (self.nose_m - 0.5 * self.size.length_m);
        let articulation = self.articulation(tractor_yaw);
        let yaw_rate = speed * articulation.sin() / self.wheelbase_m;
        let across =
            Vector2::new(-way.y, way.x) * (yaw_rate * (self.wheelbase_m + self.nose_m - 0.5 * self.size.length_m));
        Body {
            id,
            kind: Kind::Truck,
            size: self.size,
            position: Vector3::new(centre.x, centre.y, 0.0),
            yaw: self.yaw,
            velocity: way * (speed * articulation.cos()) + across,
            yaw_rate,
        }
    }
}

/// Usual trailer: kingpin to axles and nose before the kingpin, as shares of its length (7.6 m and 1.6 m of 13.6 m).
const SHARES: (f64, f64) = (0.559, 0.118);
/// Free space between the tractor's box and the trailer's, metres.
const SPACE_M: f64 = 0.6;

/// A trailer behind a vehicle of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Towed {
    /// Who tows it.
    pub by: ActorId,
    trailer: Trailer,
    /// Kingpin behind the middle of the tractor, metres.
    hitch_m: f64,
    speed_mps: f64,
    tractor_yaw: f64,
}

impl Towed {
    /// A trailer of this size that stands straight behind `tractor`.
    #[must_use]
    pub fn behind(tractor: &Body, size: Size) -> Self {
        let (wheelbase_m, nose_m) = (SHARES.0 * size.length_m, SHARES.1 * size.length_m);
        let hitch_m = 0.5 * tractor.size.length_m + SPACE_M + nose_m;
        let trailer = Trailer::new(kingpin(tractor, hitch_m), tractor.yaw, wheelbase_m, nose_m, size);
        Self { by: tractor.id, trailer, hitch_m, speed_mps: 0.0, tractor_yaw: tractor.yaw }
    }

    /// Length that a trailer adds behind its tractor, metres.
    #[must_use]
    pub fn adds_m(size: Size) -> f64 {
        size.length_m + SPACE_M
    }

    /// The tractor has moved.
    pub fn follow(&mut self, tractor: &Body) {
        self.trailer.pull(kingpin(tractor, self.hitch_m));
        self.speed_mps = tractor.velocity.norm();
        self.tractor_yaw = tractor.yaw;
    }

    /// The true state; its number is that of the tractor and [`TRAILER`].
    #[must_use]
    pub fn body(&self) -> Body {
        self.trailer.body(self.by | TRAILER, self.speed_mps, self.tractor_yaw)
    }
}

fn kingpin(tractor: &Body, hitch_m: f64) -> Point2<f64> {
    tractor.place() - Vector2::new(tractor.yaw.cos(), tractor.yaw.sin()) * hitch_m
}

fn wrap(angle: f64) -> f64 {
    angle.sin().atan2(angle.cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semi() -> Trailer {
        let size = Size { length_m: 13.6, width_m: 2.55, height_m: 4.0 };
        Trailer::new(Point2::origin(), 0.0, 7.6, 1.6, size)
    }

    #[test]
    fn on_a_circle_the_axles_run_inside_by_the_known_radius() {
        // Steady state: the axles run on the circle of radius sqrt(R² − l²).
        let (radius, mut trailer) = (12.5f64, semi());
        for i in 1..=20_000 {
            let a = f64::from(i) * 0.005;
            trailer.pull(Point2::new(radius * a.sin(), radius * (1.0 - a.cos())));
        }
        let inside = (trailer.axle() - Point2::new(0.0, radius)).norm();
        assert!((inside - (radius * radius - 7.6f64 * 7.6).sqrt()).abs() < 0.01, "{inside}");
    }

    #[test]
    fn one_long_step_is_as_good_as_many_short_ones() {
        let (mut short, mut long) = (semi(), semi());
        let goal = Point2::new(9.0, 15.0);
        (1..=1000).for_each(|i| short.pull(Point2::origin() + (goal - Point2::origin()) * (f64::from(i) / 1000.0)));
        long.pull(goal);
        assert!(wrap(short.yaw - long.yaw).abs() < 1e-9);
    }

    #[test]
    fn after_a_bend_the_trailer_straightens_and_never_swings_over() {
        let mut trailer = semi();
        let mut bend = 0.0;
        for i in 1..=200 {
            let a = std::f64::consts::FRAC_PI_2 * f64::from(i) / 200.0;
            trailer.pull(Point2::new(9.0 * a.sin(), 9.0 * (1.0 - a.cos())));
            bend = trailer.articulation(a);
            assert!(bend > 0.0 && !trailer.is_jackknifed(a), "{bend}");
        }
        assert!(bend > 0.5);
        for i in 1..=400 {
            trailer.pull(Point2::new(9.0, 9.0 + 0.1 * f64::from(i)));
            let now = trailer.articulation(std::f64::consts::FRAC_PI_2);
            assert!(now > 0.0 && now < bend, "{now} after {bend}");
            bend = now;
        }
        assert!(bend < 0.01);
    }

    #[test]
    fn pushed_back_the_angle_grows_until_it_jackknifes() {
        let mut trailer = semi();
        trailer.yaw = -0.05;
        let mut steps = 0;
        while !trailer.is_jackknifed(0.0) {
            trailer.pull(Point2::new(-0.1 * f64::from(steps), 0.0));
            steps += 1;
            assert!(steps < 1000);
        }
        assert!(trailer.articulation(0.0) > 0.0 && (200..500).contains(&steps), "{steps}");
    }

    #[test]
    fn the_box_hangs_on_the_kingpin_and_does_not_touch_a_tractor_ahead() {
        let trailer = semi();
        let body = trailer.body(2, 10.0, 0.0);
        assert!((body.position.x - (1.6 - 6.8)).abs() < 1e-12 && (body.velocity.x - 10.0).abs() < 1e-12);
        let mut cab = crate::actor::tests::body(1, Kind::Truck, 0.0, 0.0, 0.0);
        cab.size.length_m = 3.0;
        cab.position.x = 1.6 + 1.55;
        assert!(!cab.touches(&body));
    }

    #[test]
    fn behind_a_tractor_the_boxes_are_apart_and_turn_one_after_the_other() {
        let mut tractor = crate::actor::tests::body(7, Kind::Truck, 0.0, 0.0, 0.0);
        tractor.size.length_m = 4.0;
        let size = Size { length_m: 13.6, width_m: 2.55, height_m: 4.0 };
        let mut towed = Towed::behind(&tractor, size);
        assert!(!tractor.touches(&towed.body()) && towed.body().id == 7 | TRAILER);
        let front = towed.body().position.x + 6.8;
        assert!((front + 2.6).abs() < 1e-9, "{front}");
        // A quarter of a circle of 10 m to the left.
        for i in 1..=100 {
            let a = std::f64::consts::FRAC_PI_2 * f64::from(i) / 100.0;
            tractor.position = Vector3::new(10.0 * a.sin(), 10.0 * (1.0 - a.cos()), 0.0);
            tractor.yaw = a;
            towed.follow(&tractor);
        }
        let yaw = towed.body().yaw;
        assert!((0.4..1.4).contains(&yaw), "it follows later: {yaw}");
    }
}
