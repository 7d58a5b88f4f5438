//! One sensor's raw output at one time of validity.

use calibration::Timestamp;

use crate::object::SensorId;

/// One sensor's raw output.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Which sensor.
    pub sensor: SensorId,
    /// Time of validity: when light hit the sensor.
    pub tov: Timestamp,
    /// Running number of the frame in its source, from 0.
    pub seq: u64,
    /// What was seen.
    pub payload: Payload,
}

/// What a frame holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A picture.
    Image(Image),
    /// One sweep of a lidar.
    Cloud(PointCloud),
}

/// A picture, 8 bit BGR, rows from the top, `data.len() == width * height * 3`.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// BGR, row by row.
    pub data: Vec<u8>,
}

/// One sweep of a lidar in the sensor frame (x forward, y left, z up), metres.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PointCloud {
    /// The points, in the order in which they were measured.
    pub points: Vec<Point>,
    /// Number of beams when the order is regular (beam index fastest), else `None`.
    pub beams: Option<usize>,
}

/// One lidar return.
#[derive(Copy, Clone, Debug, PartialEq, Default)]
pub struct Point {
    /// Forward, metres.
    pub x: f32,
    /// Left, metres.
    pub y: f32,
    /// Up, metres.
    pub z: f32,
    /// Reflected intensity, 0..255.
    pub intensity: f32,
    /// Laser (ring) number, 0 when unknown.
    pub beam: u16,
    /// Seconds after the frame's `tov`.
    pub dt_s: f32,
}
