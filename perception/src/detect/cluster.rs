//! Road users in lidar sweeps without a network: take away the background and the ground, group what is left, fit boxes.
//!
//! A sensor that has watched its place for a while knows the background; until then, and for a single sweep, walls and
//! vegetation are told apart by their size, height and roughness, which is good for cars in the open and poor under trees.
//! All of it is linear in the number of points.

use calibration::Timestamp;

use super::background::Background;
use super::components::Grid;
use super::ground::{GroundModel, REACH_M};
use super::road_user::{Raised, RoadUser, Scene, judge};
use super::{DetectError, Detector};
use crate::frame::{Frame, Payload, Point, PointCloud};
use crate::free_space::FreeSpace;
use crate::limits;
use crate::object::{Detection, Detections, Shape};

/// Nearer than this is the mast; a missing return lies there too.
const NEAREST_M: f32 = 1.0;
/// Lower than this is ground.
const LOWEST_M: f32 = 0.25;
/// Higher than this is no vehicle.
const HIGHEST_M: f32 = 4.6;
/// The ground of a known background is looked at again after so many sweeps.
const GROUND_AGAIN: u64 = 100;
/// Cells of the map of what stands higher than vehicles, metres.
const TALL_CELL_M: f32 = 0.5;
const TALL_SIDE: usize = (2.0 * REACH_M / TALL_CELL_M) as usize;

/// Clustering for one lidar.
pub struct ClusterDetector {
    background: Background,
    ground: Option<GroundModel>,
    grid: Grid,
    origin: Option<[f32; 3]>,
    sweeps: u64,
    /// Points of the sweep that may be measured.
    points: Vec<Point>,
    foreground: Vec<bool>,
    raised: Vec<Raised>,
    flat: Vec<[f32; 2]>,
    tall: Vec<bool>,
}

impl Default for ClusterDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl ClusterDetector {
    /// A detector that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            background: Background::new(),
            ground: None,
            grid: Grid::new(),
            origin: None,
            sweeps: 0,
            points: Vec::new(),
            foreground: Vec::new(),
            raised: Vec::new(),
            flat: Vec::new(),
            tall: vec![false; TALL_SIDE * TALL_SIDE],
        }
    }

    fn cluster(&mut self, cloud: &PointCloud) -> Vec<Detection> {
        let origin = self.take(cloud);
        let scene = if self.background.is_learned() { Scene::Foreground } else { Scene::Everything };
        if self.ground.is_none() || scene == Scene::Everything || self.sweeps.is_multiple_of(GROUND_AGAIN) {
            // A sweep without ground, such as one full of fog, does not take away the ground that is known.
            self.ground = GroundModel::find(&self.points).or(self.ground.take());
        }
        self.background.look(&self.points, origin, &mut self.foreground);
        self.sweeps += 1;
        self.raise(scene);
        let mut found = Vec::new();
        for group in self.grid.groups(&self.flat) {
            let members: Vec<Raised> = group.iter().map(|i| self.raised[*i as usize]).collect();
            let tall = self.share_under_tall(&members);
            if let Some(user) = judge(&members, tall, scene) {
                found.push((members, user));
            }
        }
        let mut list: Vec<Detection> = join(found, scene)
            .into_iter()
            .map(|(_, user)| Detection { class: user.class, score: user.score, shape: Shape::Space(user.shape) })
            .collect();
        list.sort_by(|a, b| b.score.total_cmp(&a.score));
        list.truncate(limits::DETECTIONS_A_FRAME);
        list
    }

    /// Keeps the points that may be measured; gives the place where the rays start.
    fn take(&mut self, cloud: &PointCloud) -> [f32; 3] {
        self.points.clear();
        let (mut near, mut sum) = (0usize, [0.0f64; 3]);
        for p in &cloud.points {
            let level = p.x.hypot(p.y);
            if level < NEAREST_M && p.z.abs() < 20.0 {
                near += 1;
                for (s, v) in sum.iter_mut().zip([p.x, p.y, p.z]) {
                    *s += f64::from(v);
                }
            } else if level < REACH_M && p.z.abs() < 100.0 {
                self.points.push(*p);
            }
        }
        // Files keep missing returns at range 0: there is the sensor, wherever the file's origin is.
        if self.origin.is_none() && !cloud.points.is_empty() {
            let many = near > 50 && near * 50 > cloud.points.len();
            self.origin = Some(if many { sum.map(|s| (s / near as f64) as f32) } else { [0.0; 3] });
        }
        self.origin.unwrap_or_default()
    }

    /// Collects what stands on the ground, and marks what stands higher than any vehicle.
    fn raise(&mut self, scene: Scene) {
        self.raised.clear();
        self.flat.clear();
        self.tall.fill(false);
        let Some(ground) = &self.ground else { return };
        for (p, foreground) in self.points.iter().zip(&self.foreground) {
            let height = p.z - ground.height(p.x, p.y);
            if height > HIGHEST_M {
                if let Some(i) = tall_cell(p.x, p.y) {
                    self.tall[i] = true;
                }
            } else if height > LOWEST_M && (*foreground || scene == Scene::Everything) {
                self.raised.push(Raised { at: [p.x, p.y, p.z], height });
                self.flat.push([p.x, p.y]);
            }
        }
    }

    /// Where the sweep shows bare ground, background or not: a wall that stands there always takes its place too.
    fn free_space(&self) -> Option<FreeSpace> {
        let ground = self.ground.as_ref()?;
        let mut free = FreeSpace::default();
        for p in &self.points {
            let height = p.z - ground.height(p.x, p.y);
            let (x, y) = (f64::from(p.x), f64::from(p.y));
            if height > LOWEST_M {
                free.see_raised(x, y);
            } else if height > -LOWEST_M {
                free.see_ground(x, y);
            }
        }
        Some(free)
    }

    fn share_under_tall(&self, members: &[Raised]) -> f32 {
        let under = members.iter().filter(|m| tall_cell(m.at[0], m.at[1]).is_some_and(|i| self.tall[i])).count();
        under as f32 / members.len().max(1) as f32
    }
}

/// Joins parts of one vehicle: far away, the rear and the next line on the roof lie metres apart. Two groups that fit into
/// one car together are one, for two cars never do. What else stands inside a vehicle goes.
fn join(mut found: Vec<(Vec<Raised>, RoadUser)>, scene: Scene) -> Vec<(Vec<Raised>, RoadUser)> {
    found.truncate(limits::DETECTIONS_A_FRAME);
    found.sort_by_key(|(points, _)| std::cmp::Reverse(points.len()));
    let mut whole: Vec<(Vec<Raised>, RoadUser)> = Vec::new();
    'parts: for (points, user) in found {
        for (host_points, host) in whole.iter_mut().filter(|(_, w)| w.is_vehicle() && w.is_near(&user)) {
            let together: Vec<Raised> = host_points.iter().chain(&points).copied().collect();
            let joined = judge(&together, 0.0, scene);
            if let Some(joined) = joined.filter(|j| j.is_one_car() || (host.holds(&user) && j.is_vehicle())) {
                (*host_points, *host) = (together, joined);
                continue 'parts;
            }
            if host.holds(&user) {
                continue 'parts;
            }
        }
        whole.push((points, user));
    }
    whole
}

fn tall_cell(x: f32, y: f32) -> Option<usize> {
    let (column, row) = ((x + REACH_M) / TALL_CELL_M, (y + REACH_M) / TALL_CELL_M);
    let inside = 0.0..TALL_SIDE as f32;
    (inside.contains(&column) && inside.contains(&row)).then(|| row as usize * TALL_SIDE + column as usize)
}

/// Middle of the sweep: the moment that is right for most of it.
fn middle(frame: &Frame, cloud: &PointCloud) -> Timestamp {
    let late = cloud.points.iter().map(|p| p.dt_s).filter(|dt| (0.0..1.0).contains(dt)).fold(0.0, f32::max);
    frame.tov.offset_secs(f64::from(late) / 2.0)
}

impl Detector for ClusterDetector {
    fn detect(&mut self, frame: &Frame) -> Result<Detections, DetectError> {
        let Payload::Cloud(cloud) = &frame.payload else {
            return Err(DetectError::Frame { why: "clustering needs point clouds, this is a picture".to_owned() });
        };
        if cloud.points.len() > limits::SWEEP_POINTS {
            return Err(DetectError::Frame {
                why: format!(
                    "{} points are more than the {} that are clustered",
                    cloud.points.len(),
                    limits::SWEEP_POINTS
                ),
            });
        }
        let list = self.cluster(cloud);
        Ok(Detections { sensor: frame.sensor.clone(), tov: middle(frame, cloud), list, free: self.free_space() })
    }

    fn provider(&self) -> &'static str {
        "cluster"
    }
}
