//! All roads of a file.

use std::path::Path;

use super::{LaneKind, LanePosition, OpenDriveError, Pose, RoadIndex, RoadPosition};

/// The roads of one OpenDRIVE file.
#[derive(Clone, Debug, Default)]
pub struct Network {}

impl Network {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or is not OpenDRIVE; names file, line, element and remedy.
    pub fn read(path: &Path) -> Result<Self, OpenDriveError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| OpenDriveError {
            file: name.clone(),
            line: 0,
            element: String::new(),
            problem: error.to_string(),
            remedy: "check the path".into(),
        })?;
        Self::parse(&text, &name)
    }

    /// Reads a text; `name` stands in complaints.
    ///
    /// # Errors
    /// As [`Network::read`].
    pub fn parse(_text: &str, _name: &str) -> Result<Self, OpenDriveError> {
        Ok(Self {})
    }

    /// Number of a road by its id in the file.
    #[must_use]
    pub fn road_index(&self, _id: &str) -> Option<RoadIndex> {
        None
    }

    /// Id of a road in the file.
    #[must_use]
    pub fn road_id(&self, _road: RoadIndex) -> Option<&str> {
        None
    }

    /// Length of a road's reference line, metres.
    #[must_use]
    pub fn road_length(&self, _road: RoadIndex) -> Option<f64> {
        None
    }

    /// The world pose of a place in road coordinates, oriented as the road (along `s`); `None`: no such road.
    #[must_use]
    pub fn pose_at_road(&self, _at: &RoadPosition) -> Option<Pose> {
        None
    }

    /// The world pose of a place in lane coordinates, oriented as the lane there (along `s`, lanes that widen or shift turn
    /// against the road); `None`: no such road or lane.
    #[must_use]
    pub fn pose_at_lane(&self, _at: &LanePosition) -> Option<Pose> {
        None
    }

    /// Lane to road coordinates; `None`: no such road or lane.
    #[must_use]
    pub fn road_position(&self, _at: &LanePosition) -> Option<RoadPosition> {
        None
    }

    /// The lane at `t` and the offset from its middle; the outermost when beside the road; `None`: no such road, or no lanes.
    #[must_use]
    pub fn lane_at(&self, _road: RoadIndex, _s: f64, _t: f64) -> Option<(i32, f64)> {
        None
    }

    /// Lanes at `s` from left to right, the centre lane 0 left out.
    #[must_use]
    pub fn lanes(&self, _road: RoadIndex, _s: f64) -> Vec<i32> {
        Vec::new()
    }

    /// Width of a lane, metres.
    #[must_use]
    pub fn lane_width(&self, _road: RoadIndex, _lane: i32, _s: f64) -> Option<f64> {
        None
    }

    /// What a lane is for.
    #[must_use]
    pub fn lane_kind(&self, _road: RoadIndex, _lane: i32, _s: f64) -> Option<LaneKind> {
        None
    }

    /// Traffic on this lane runs in direction of `s`: right lanes where traffic keeps right, left lanes where it keeps left.
    #[must_use]
    pub fn runs_forward(&self, _road: RoadIndex, _lane: i32) -> bool {
        true
    }

    /// Speed limit of the lane, else of the road, m/s; `None`: the file has none there.
    #[must_use]
    pub fn speed_limit(&self, _road: RoadIndex, _lane: i32, _s: f64) -> Option<f64> {
        None
    }
}
