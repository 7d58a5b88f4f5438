//! A car that parks: along its drawn path until it is told of a free bay, then to where the manoeuvre begins, then into it.

use std::collections::BTreeSet;
use std::sync::Arc;

use nalgebra::{Point2, Vector2};
use perception::Size;

use super::pace::Stop;
use super::parking::{self, Car, Manoeuvre, Parking, Pose, Side};
use super::{ActorId, Body, Kind, Script};
use crate::road::{Line, wrap};
use crate::scene::Scene;

/// Name of the gate at which it waits until it knows a bay; no gate of a scenario can have it.
const ASKS: &str = "\u{0}bay";
/// Forward at the end of a manoeuvre along the kerb, metres.
const FORWARD_M: f64 = 0.7;
/// Speed of the manoeuvre, m/s.
const MANOEUVRE_MPS: f64 = 1.0;
/// A bay looks along or across the way within this, radians.
const ASKEW: f64 = 0.05;

/// A bay and the way into it from a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Bay {
    /// Its name.
    pub id: Arc<str>,
    /// Where the middle of the car stops before the manoeuvre, metres along the path.
    pub at_m: f64,
    /// The manoeuvre.
    pub manoeuvre: Manoeuvre,
}

impl Bay {
    /// The way of `car` from `line` into the bay whose middle is `place` and which looks to `yaw`.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn beside(id: &str, line: &Line, place: Point2<f64>, yaw: f64, car: &Car) -> Result<Self, String> {
        let to_axle = 0.5 * car.size.length_m - car.overhang_m;
        let goal = Pose { place: place - Vector2::new(yaw.cos(), yaw.sin()) * to_axle, yaw };
        let beside = line.beside_all(goal.place);
        let side = if beside.left_m < 0.0 { Side::Right } else { Side::Left };
        let off = wrap(yaw - line.at(beside.along_m).yaw);
        let away_m = beside.left_m.abs();
        let out = if side == Side::Right { 1.0 } else { -1.0 };
        let manoeuvre = if off.abs() < ASKEW {
            if !(0.5..1.9 * car.radius_m).contains(&away_m) {
                return Err(format!(
                    "it is {away_m:.1} m beside the path; a car parks along the kerb from 0.5 to 8.5 m"
                ));
            }
            parking::parallel(car, goal, side, away_m, FORWARD_M)
        } else if (off - out * std::f64::consts::FRAC_PI_2).abs() < ASKEW {
            let straight_m = away_m - car.radius_m;
            if straight_m < 0.0 {
                return Err(format!(
                    "its rear axle is {away_m:.1} m from the path; to turn into it takes at least {:.1} m",
                    car.radius_m
                ));
            }
            parking::perpendicular(car, goal, side, straight_m)
        } else {
            return Err("it looks neither along the path nor straight out of a bay beside it".into());
        };
        let start = manoeuvre.start;
        let middle = start.place + Vector2::new(start.yaw.cos(), start.yaw.sin()) * to_axle;
        Ok(Self { id: id.into(), at_m: line.beside_all(middle).along_m, manoeuvre })
    }
}

/// A car on its way to a bay.
#[derive(Clone, Debug)]
pub struct Parker {
    script: Script,
    car: Car,
    /// Bays that it would take, best first.
    bays: Vec<Bay>,
    /// Who tells it which are free.
    pub unit: Arc<str>,
    chosen: Option<usize>,
    parking: Option<Parking>,
}

impl Parker {
    /// Along the path of `script`; from `ask_m` on it must know a bay.
    #[must_use]
    pub fn new(mut script: Script, size: Size, bays: Vec<Bay>, unit: Arc<str>, ask_m: f64) -> Self {
        script.add_stop(Stop { gate: Some(ASKS.into()), ..Stop::at(ask_m, 0.0) });
        let car = Car { size, ..Car::default() };
        Self { script, car, bays, unit, chosen: None, parking: None }
    }

    /// The unit says which bays are free.
    pub fn told(&mut self, free: &BTreeSet<Arc<str>>) {
        // Who has chosen does not think again: the others go by what this one's choice leaves.
        if self.chosen.is_some() || !self.asks() {
            return;
        }
        let here_m = self.script.at_m();
        self.chosen = self.bays.iter().position(|bay| free.contains(&bay.id) && bay.at_m > here_m + 1.0);
        if let Some(bay) = self.chosen {
            self.script.add_stop(Stop::at(self.bays[bay].at_m, 0.1));
            self.script.let_through(ASKS);
        }
    }

    /// The bay that it goes to.
    #[must_use]
    pub fn bay(&self) -> Option<&Arc<str>> {
        Some(&self.bays.get(self.chosen?)?.id)
    }

    fn asks(&self) -> bool {
        self.script.stands_at().is_some_and(|s| s.gate.as_deref() == Some(ASKS))
    }

    /// The path before the manoeuvre.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// The true state.
    #[must_use]
    pub fn body(&self, id: ActorId, kind: Kind) -> Body {
        match &self.parking {
            Some(parking) => Body { kind, ..parking.body(id) },
            None => self.script.body(id, kind),
        }
    }

    /// Moves on by `dt` seconds.
    pub fn advance(&mut self, me: ActorId, kind: Kind, scene: &Scene<'_>, dt: f64) {
        if let Some(parking) = &mut self.parking {
            parking.step(dt);
            return;
        }
        self.script.advance(me, kind, scene, dt);
        let bay = self.chosen.and_then(|i| self.bays.get(i));
        if let Some(bay) = bay.filter(|_| self.script.stands_at().is_some_and(|s| s.gate.is_none())) {
            self.parking = Some(Parking::new(self.car, bay.manoeuvre.clone(), MANOEUVRE_MPS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::FRAC_PI_2;

    use super::*;

    fn lane() -> Line {
        Line::new([Point2::new(0.0, 0.0), Point2::new(100.0, 0.0)]).unwrap()
    }

    fn bay(east: f64, north: f64, yaw: f64) -> Result<Bay, String> {
        Bay::beside("b", &lane(), Point2::new(east, north), yaw, &Car::default())
    }

    #[test]
    fn a_manoeuvre_begins_on_the_path_and_along_it() {
        for (north, yaw) in [(-8.0, FRAC_PI_2), (8.0, -FRAC_PI_2), (-2.6, 0.0), (2.6, 0.0)] {
            let bay = bay(50.0, north, yaw).unwrap();
            let start = bay.manoeuvre.start;
            assert!(start.place.y.abs() < 1e-9 && start.yaw.sin().abs() < 1e-9 && start.yaw.cos() > 0.0, "{start:?}");
            assert!((bay.at_m - start.place.x - 1.4).abs() < 1e-9 && bay.at_m > 50.0, "{}", bay.at_m);
        }
    }

    #[test]
    fn bays_that_cannot_be_reached_are_refused_with_the_reason() {
        for (east, north, yaw, word) in [
            (50.0, -2.5, FRAC_PI_2, "to turn into it"),
            (50.0, -8.0, -FRAC_PI_2, "neither"),
            (50.0, -8.0, 0.7, "neither"),
            (50.0, -12.0, 0.0, "along the kerb"),
        ] {
            let why = bay(east, north, yaw).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
