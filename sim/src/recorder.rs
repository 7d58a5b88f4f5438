//! The record of a run: one moment after the other goes to the metrics, to the film of the worst moment, to the traces of
//! those with a name and to every file that was asked for. It takes plain bodies, so any engine may feed it: the roadside
//! scenarios and OpenSCENARIO alike.

pub mod film;
pub mod traces;

use std::collections::BTreeMap;
use std::io;

use crate::actor::{ActorId, Body, Kind};
use crate::metrics::{Metrics, follow::STANDS_MPS};
pub use film::Film;
pub use traces::Traces;

/// One road user at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its true body.
    pub body: Body,
    /// Its name.
    pub name: String,
    /// Speed along its direction, m/s; negative: it goes backwards.
    pub speed_mps: f64,
    /// Change of that speed since the last moment, m/s²; 0 at the first.
    pub acceleration_mps2: f64,
}

/// A file that takes the record.
pub trait Sink {
    /// Takes one moment, `t_s` seconds after the start.
    ///
    /// # Errors
    /// When it cannot be written.
    fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()>;

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Takes the moments of one run.
#[derive(Default)]
pub struct Recorder {
    metrics: Metrics,
    film: Film,
    traces: Traces,
    sinks: Vec<Box<dyn Sink>>,
    last: BTreeMap<ActorId, (f64, f64)>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("moments", &self.metrics.moments).field("sinks", &self.sinks.len()).finish()
    }
}

/// What a record leaves behind.
#[derive(Debug)]
pub struct Recorded {
    /// Figures over everybody.
    pub metrics: Metrics,
    /// The worst moment in pictures.
    pub film: Film,
    /// Where those with a name went.
    pub traces: Traces,
}

/// Who somebody is: the name, and whether the scenario itself gives it.
pub type NameOf<'a> = &'a dyn Fn(ActorId) -> (String, bool);

impl Recorder {
    /// One more file.
    pub fn add(&mut self, sink: Box<dyn Sink>) {
        self.sinks.push(sink);
    }

    /// Takes the true states at `t_s` seconds after the start; `name_of` is asked once for each road user.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn moment(&mut self, t_s: f64, bodies: &[Body], name_of: NameOf<'_>) -> io::Result<()> {
        for body in bodies.iter().filter(|b| self.metrics.is_new(b.id)).map(|b| b.id).collect::<Vec<_>>() {
            let (name, cast) = name_of(body);
            self.metrics.call(body, &name, cast);
        }
        if self.metrics.step(t_s, bodies) {
            self.film.moment(t_s, bodies, &self.metrics);
            self.traces.moment(t_s, bodies, &self.metrics);
        }
        if self.sinks.is_empty() {
            return Ok(());
        }
        let states = self.states(t_s, bodies);
        for sink in &mut self.sinks {
            sink.moment(t_s, &states)?;
        }
        Ok(())
    }

    fn states(&mut self, t_s: f64, bodies: &[Body]) -> Vec<State> {
        let mut now = BTreeMap::new();
        let states = bodies.iter().map(|body| {
            let speed_mps = speed(body);
            let acceleration_mps2 = match self.last.get(&body.id) {
                Some((at_s, before)) if t_s > *at_s => (speed_mps - before) / (t_s - at_s),
                _ => 0.0,
            };
            now.insert(body.id, (t_s, speed_mps));
            State { body: body.clone(), name: self.metrics.name(body.id), speed_mps, acceleration_mps2 }
        });
        let states = states.collect();
        self.last = now;
        states
    }

    /// Ends every file.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn finish(self) -> io::Result<Recorded> {
        for sink in self.sinks {
            sink.finish()?;
        }
        Ok(Recorded { metrics: self.metrics, film: self.film, traces: self.traces })
    }
}

/// Speed along the body's direction, m/s.
#[must_use]
pub fn speed(body: &Body) -> f64 {
    let (sin, cos) = body.yaw.sin_cos();
    let along = body.velocity.x * cos + body.velocity.y * sin;
    let speed = body.velocity.norm();
    // People step aside: their speed is what they walk, not what is left of it in the direction they look.
    if along < -STANDS_MPS && !body.kind.walks() { -speed } else { speed }
}

/// What files call a kind.
#[must_use]
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Car => "car",
        Kind::Van => "van",
        Kind::Truck => "truck",
        Kind::Bus => "bus",
        Kind::Motorcycle => "motorcycle",
        Kind::Bicycle => "bicycle",
        Kind::Pedestrian => "pedestrian",
        Kind::Child => "child",
        Kind::Agv => "agv",
        Kind::Crane => "crane",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use nalgebra::Vector2;

    use super::*;
    use crate::actor::tests::body;

    #[derive(Clone, Default)]
    pub(crate) struct Kept(Rc<RefCell<Vec<Moment>>>);

    type Moment = (f64, Vec<State>);

    impl Sink for Kept {
        fn moment(&mut self, t_s: f64, states: &[State]) -> io::Result<()> {
            self.0.borrow_mut().push((t_s, states.to_vec()));
            Ok(())
        }

        fn finish(self: Box<Self>) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_sink_gets_speeds_and_their_changes() {
        let kept = Kept::default();
        let mut recorder = Recorder::default();
        recorder.add(Box::new(kept.clone()));
        for (t, v) in [(0.0, 10.0), (0.5, 9.0), (1.0, 9.5)] {
            let mut car = body(4, Kind::Car, 0.0, 0.0, 0.0);
            car.velocity = Vector2::new(v, 0.0);
            recorder.moment(t, &[car], &|id| (format!("car {id}"), false)).unwrap();
        }
        recorder.moment(1.5, &[], &|_| panic!("nobody is new")).unwrap();
        let recorded = recorder.finish().unwrap();
        let kept = kept.0.borrow();
        let changes: Vec<_> = kept.iter().flat_map(|(_, s)| s.iter().map(|s| s.acceleration_mps2)).collect();
        assert_eq!(changes, [0.0, -2.0, 1.0]);
        assert_eq!((kept[0].1[0].name.as_str(), kept[3].1.len()), ("car 4", 0));
        assert_eq!(recorded.metrics.trips.arrived, 1);
    }

    #[test]
    fn backwards_is_negative_but_not_for_people_on_foot() {
        let mut truck = body(1, Kind::Truck, 0.0, 0.0, 0.0);
        truck.velocity = Vector2::new(-1.5, 0.0);
        assert_eq!(speed(&truck), -1.5);
        let mut child = body(1, Kind::Child, 0.0, 0.0, 0.0);
        child.velocity = Vector2::new(0.0, 1.5);
        assert_eq!(speed(&child), 1.5);
    }
}
