//! All simulated sensors of one unit: they stand where its calibration files say, and see the world from its own frame.

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use nalgebra::{Isometry3, Point3, Vector3};
use perception::SensorId;
use rsu::station::Setup;

use crate::actor::Body;
use crate::random::Luck;
use crate::scenario::{self, Sensing};
use crate::sensor::{Frame, Sensor, Spec};

/// The sensors of one unit.
#[derive(Clone, Debug)]
pub struct Eyes {
    sensors: Vec<Sensor>,
    /// From the scenario's frame to the unit's own.
    unit_from_world: Isometry3<f64>,
    /// Seen and not yet delivered, in the order of arrival.
    on_the_way: Vec<Frame>,
}

/// Frames that wait at once; more than a second of every sensor.
const ON_THE_WAY: usize = 1024;

impl Eyes {
    /// The sensors of `setup` that have a calibration, as good as `plan` says. The first frames come right after `start`.
    #[must_use]
    pub fn new(setup: &Setup, plan: &scenario::Unit, world: &EnuFrame, seed: u64, start: Timestamp) -> Self {
        let unit = &setup.config.site.id;
        let cameras = setup.config.camera.iter().map(|c| (&c.id, c.rate_hz, plan.camera.than(Sensing::camera())));
        let lidars = setup.config.lidar.iter().map(|l| (&l.id, l.rate_hz, plan.lidar.than(Sensing::lidar())));
        let sensors = cameras.chain(lidars).filter_map(|(id, rate_hz, sensing)| {
            let mounted = setup.rig.sensors.get(&id.0)?.clone();
            let spec = Spec { id: id.clone(), mounted, sensing, rate_hz };
            Some(Sensor::new(spec, Luck::new(seed, &format!("{unit}/{id}")), start))
        });
        Self { sensors: sensors.collect(), unit_from_world: setup.rig.frame.self_from(world), on_the_way: Vec::new() }
    }

    /// Looks at the world. `bodies` are the true states at `at`, in the scenario's frame, `ghosts` what one sensor sees and
    /// is not there; frames are taken up to `to`, except by sensors that are `blind`.
    pub fn look(
        &mut self,
        bodies: &[Body],
        ghosts: &[(String, Body)],
        at: Timestamp,
        to: Timestamp,
        blind: impl Fn(&SensorId) -> bool,
    ) {
        let mine: Vec<_> = bodies.iter().map(|b| seen_from(&self.unit_from_world, b)).collect();
        for sensor in &mut self.sensors {
            if blind(sensor.id()) {
                sensor.skip(to);
            } else {
                let own = ghosts.iter().filter(|(id, _)| *id == sensor.id().0);
                let own: Vec<_> = own.map(|(_, body)| seen_from(&self.unit_from_world, body)).collect();
                let frames = if own.is_empty() {
                    sensor.look(&mine, at, to)
                } else {
                    sensor.look(&[mine.as_slice(), &own].concat(), at, to)
                };
                self.on_the_way.extend(frames);
            }
        }
        self.on_the_way.sort_by_key(|frame| frame.arrives);
        let excess = self.on_the_way.len().saturating_sub(ON_THE_WAY);
        self.on_the_way.drain(..excess);
    }

    /// Frames that arrive before `to`, in the order of arrival.
    pub fn arrived(&mut self, to: Timestamp) -> Vec<Frame> {
        let count = self.on_the_way.partition_point(|frame| frame.arrives < to);
        self.on_the_way.drain(..count).collect()
    }

    /// Frames on their way.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.on_the_way.len()
    }
}

/// A body in another frame (both upright to within a corridor's length).
#[must_use]
pub fn seen_from(other_from_mine: &Isometry3<f64>, body: &Body) -> Body {
    let mut seen = body.clone();
    seen.position = (other_from_mine * Point3::from(body.position)).coords;
    let turned = |x: f64, y: f64| other_from_mine.rotation * Vector3::new(x, y, 0.0);
    let axis = turned(body.yaw.cos(), body.yaw.sin());
    seen.yaw = axis.y.atan2(axis.x);
    seen.velocity = turned(body.velocity.x, body.velocity.y).xy();
    seen
}
