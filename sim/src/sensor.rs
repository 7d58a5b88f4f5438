//! Oracle sensors: they see the true bodies as a camera or lidar with a good detector would, with its occlusions, noise,
//! misses, false detections and latency. Each stands where the unit's calibration file says.

pub mod camera;
pub mod lidar;
pub mod occlusion;

use calibration::Timestamp;
use calibration::rig::Mounted;
use perception::{Class, Detection, Detections, SensorId};

use crate::actor::{ActorId, Body};
use crate::random::Luck;
use crate::scenario::Sensing;

/// What makes a sensor.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Name, as in the unit's configuration.
    pub id: SensorId,
    /// Where it stands; a camera has its lens in here.
    pub mounted: Mounted,
    /// How good it is.
    pub sensing: Sensing,
    /// Frames a second.
    pub rate_hz: f64,
}

/// One simulated sensor.
#[derive(Clone, Debug)]
pub struct Sensor {
    spec: Spec,
    luck: Luck,
    next_tov: Timestamp,
}

/// One frame on its way to the station.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// When the station gets it.
    pub arrives: Timestamp,
    /// What the detector says.
    pub detections: Detections,
    /// Who could be seen at all, noise and misses aside.
    pub visible: Vec<ActorId>,
}

impl Sensor {
    /// A sensor whose first frame comes within one period after `start`.
    #[must_use]
    pub fn new(spec: Spec, mut luck: Luck, start: Timestamp) -> Self {
        let next_tov = start.offset_secs(luck.between(0.0, 1.0 / spec.rate_hz));
        Self { spec, luck, next_tov }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &SensorId {
        &self.spec.id
    }

    /// Frames with a time of validity before `to`. `bodies` are the true states at `at`, in the unit's `enu`.
    pub fn look(&mut self, bodies: &[Body], at: Timestamp, to: Timestamp) -> Vec<Frame> {
        let mut frames = Vec::new();
        while self.next_tov < to {
            let tov = self.next_tov;
            self.next_tov = tov.offset_secs(1.0 / self.spec.rate_hz);
            let now: Vec<_> = bodies.iter().map(|b| b.after(tov.seconds_since(at))).collect();
            frames.push(self.frame(&now, tov));
        }
        frames
    }

    /// Lets frames pass unseen, as a dead sensor does.
    pub fn skip(&mut self, to: Timestamp) {
        while self.next_tov < to {
            self.next_tov = self.next_tov.offset_secs(1.0 / self.spec.rate_hz);
        }
    }

    fn frame(&mut self, bodies: &[Body], tov: Timestamp) -> Frame {
        let spec = &self.spec;
        let in_view = match &spec.mounted.camera {
            Some(camera) => camera::see(&spec.mounted, camera, &spec.sensing, bodies, &mut self.luck),
            None => lidar::see(&spec.mounted, &spec.sensing, bodies, &mut self.luck),
        };
        let mut list = Vec::new();
        let mut visible = Vec::new();
        for seen in in_view {
            visible.push(seen.actor);
            if self.luck.chance(spec.sensing.miss + (1.0 - spec.sensing.miss) * seen.harder) {
                continue;
            }
            let class = confused(seen.class, spec.sensing.confuse, &mut self.luck);
            let score = (0.92 - 0.3 * seen.harder + self.luck.normal(0.04)).clamp(0.3, 0.99) as f32;
            list.push(Detection { class, score, shape: seen.shape });
        }
        for _ in 0..self.luck.count(spec.sensing.clutter) {
            let shape = match &spec.mounted.camera {
                Some(camera) => camera::clutter(camera, &mut self.luck),
                None => lidar::clutter(&spec.mounted, &spec.sensing, &mut self.luck),
            };
            let class = Class::ALL[1 + self.luck.pick(&[1.0; 6])];
            list.push(Detection { class, score: self.luck.between(0.3, 0.5) as f32, shape });
        }
        let [low, high] = spec.sensing.latency_ms;
        let late_ms = if self.luck.chance(spec.sensing.late) { 100.0 } else { 0.0 };
        let arrives = tov.offset_secs((self.luck.between(low, high) + late_ms) * 1e-3);
        let free = spec.mounted.camera.is_none().then(|| lidar::free_space(&spec.mounted, &spec.sensing, bodies));
        Frame { arrives, detections: Detections { sensor: spec.id.clone(), tov, list, free }, visible }
    }
}

/// One body as a sensor sees it, before misses.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Who.
    pub actor: ActorId,
    /// True class.
    pub class: Class,
    /// Noisy geometry.
    pub shape: perception::Shape,
    /// How hard it is to detect, beyond the usual: 0 in plain view, 1 hopeless.
    pub harder: f64,
}

/// The class that a detector says: now and then one that looks alike.
fn confused(class: Class, chance: f64, luck: &mut Luck) -> Class {
    if !luck.chance(chance) {
        return class;
    }
    match class {
        Class::Car | Class::Bus => Class::Truck,
        Class::Truck => Class::Bus,
        Class::Bicycle => Class::Pedestrian,
        Class::Motorcycle | Class::Pedestrian => Class::Bicycle,
        Class::Unknown => Class::Unknown,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use calibration::camera::{Camera, Lens};
    use calibration::geodesy::Heading;
    use calibration::rig::{enu_from_camera_looking, enu_from_lidar_looking};
    use nalgebra::{Matrix6, Vector3};

    use super::*;
    use crate::actor::Kind;
    use crate::actor::tests::body;

    pub(crate) fn mast(camera: bool) -> Mounted {
        let place = Vector3::new(0.0, 0.0, 7.0);
        let north = Heading::from_deg(0.0);
        let lens = || Camera::new((1920, 1080), (1100.0, 1100.0), (959.5, 539.5), Lens::Pinhole).unwrap();
        Mounted {
            enu_from_sensor: if camera {
                enu_from_camera_looking(place, north, 0.2)
            } else {
                enu_from_lidar_looking(place, north, 0.0)
            },
            covariance: Matrix6::identity() * 1e-6,
            camera: camera.then(lens),
        }
    }

    fn sensor(camera: bool, seed: u64) -> Sensor {
        let mut sensing = if camera { Sensing::camera() } else { Sensing::lidar() };
        sensing.clutter = 0.0;
        let spec = Spec { id: SensorId("eye".into()), mounted: mast(camera), sensing, rate_hz: 10.0 };
        Sensor::new(spec, Luck::new(seed, "eye"), Timestamp::from_millis(0))
    }

    #[test]
    fn a_child_behind_a_van_is_hidden_and_seen_again_when_it_steps_out() {
        let north = std::f64::consts::FRAC_PI_2;
        let van = body(1, Kind::Van, 0.0, 30.0, 0.0);
        for camera in [true, false] {
            let mut sensor = sensor(camera, 1);
            let mut sees = |child: Body| {
                let frames =
                    sensor.look(&[van.clone(), child], Timestamp::from_millis(0), sensor.next_tov.offset_secs(0.05));
                frames[0].visible.contains(&2)
            };
            assert!(!sees(body(2, Kind::Child, 0.5, 31.6, north)), "camera {camera}: behind the van");
            assert!(sees(body(2, Kind::Child, 4.5, 31.6, north)), "camera {camera}: beside the van");
            assert!(sees(body(2, Kind::Child, 0.5, 28.0, north)), "camera {camera}: in front of the van");
        }
    }

    #[test]
    fn frames_come_at_their_rate_late_and_sometimes_out_of_order() {
        let mut sensor = sensor(false, 3);
        sensor.spec.sensing.late = 0.2;
        let frames = sensor.look(&[], Timestamp::from_millis(0), Timestamp::from_millis(10_000));
        assert!((99..=101).contains(&frames.len()));
        let ages: Vec<_> = frames.iter().map(|f| f.arrives.millis_since(f.detections.tov)).collect();
        assert!(ages.iter().all(|a| (40.0..=165.1).contains(a)), "{ages:?}");
        assert!(frames.windows(2).any(|w| w[1].arrives < w[0].arrives));
    }

    #[test]
    fn misses_and_noise_are_as_asked() {
        let car = body(1, Kind::Car, 3.0, 40.0, 0.0);
        for camera in [true, false] {
            let mut sensor = sensor(camera, 9);
            sensor.spec.sensing.miss = 0.25;
            let frames =
                sensor.look(std::slice::from_ref(&car), Timestamp::from_millis(0), Timestamp::from_millis(100_000));
            let hits = frames.iter().filter(|f| !f.detections.list.is_empty()).count();
            assert!((700..800).contains(&hits), "camera {camera}: {hits} of {}", frames.len());
        }
    }
}
