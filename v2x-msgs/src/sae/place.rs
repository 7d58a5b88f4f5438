//! Positions: absolute in degrees in the model; on this wire absolute, or offsets in metres on the plane that touches the
//! ellipsoid at an anchor (a reference point, the vehicle). WGS-84.

use crate::csae::confidence::{POSITION_M, from_step, to_step_or_unavailable};
use crate::csae::quantity::{
    AXIS, ELEVATION, LATITUDE, LONGITUDE, NO_ELEVATION, NO_LATITUDE, NO_LONGITUDE, ORIENTATION, finite,
};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Position, PositionAccuracy, PositionConfidence};
use crate::wire::j2735 as wire;

/// WGS-84: semi-major axis, metres, and square of the first eccentricity.
const AXIS_M: f64 = 6_378_137.0;
const ECCENTRICITY_2: f64 = 6.694_379_990_141_316e-3;

/// The plane at an anchor: metres a degree of latitude and longitude there. The scale is the anchor's everywhere, so that
/// an offset of whole centimetres comes back as the same centimetres.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Plane {
    north_m: f64,
    east_m: f64,
}

impl Plane {
    /// The plane at a latitude.
    pub(crate) fn at(lat_deg: f64) -> Plane {
        let (sin, cos) = lat_deg.to_radians().sin_cos();
        let w = 1.0 - ECCENTRICITY_2 * sin * sin;
        let meridian = AXIS_M * (1.0 - ECCENTRICITY_2) / (w * w.sqrt());
        let normal = AXIS_M / w.sqrt();
        // At a pole there is no east; a millimetre a degree keeps the numbers finite.
        Plane { north_m: meridian.to_radians(), east_m: (normal * cos).to_radians().max(1e-3) }
    }

    /// Metres east and north from one place to another, the short way round the earth.
    pub(crate) fn offset(self, from: &Position, to: &Position) -> [f64; 2] {
        let east = (to.lon_deg - from.lon_deg + 180.0).rem_euclid(360.0) - 180.0;
        [east * self.east_m, (to.lat_deg - from.lat_deg) * self.north_m]
    }

    /// The place so many metres east and north of another, at the same height. A nanodegree is a tenth of a millimetre:
    /// rounding to it keeps short decimals and loses no centimetre.
    pub(crate) fn moved(self, from: &Position, [east, north]: [f64; 2]) -> Position {
        let nano = |deg: f64| (deg * 1e9).round() / 1e9;
        let lon_deg = 180.0 - (180.0 - (from.lon_deg + east / self.east_m)).rem_euclid(360.0);
        Position { lat_deg: nano(from.lat_deg + north / self.north_m), lon_deg: nano(lon_deg), ..*from }
    }
}

/// Farthest from the equator that east and west still mean something, degrees.
const NEAR_POLE_DEG: f64 = 89.9;

/// Whether offsets in metres can be taken from a place.
pub(super) fn has_plane(at: &Position) -> bool {
    at.lat_deg.abs() <= NEAR_POLE_DEG
}

/// A reference position that others are offsets from.
pub(super) fn from_anchor(field: &str, position: &wire::Position3D) -> Result<Position, DecodeError> {
    from_position3d(position).filter(has_plane).ok_or_else(|| DecodeError::Implausible {
        field: field.to_owned(),
        what: "no reference position, or one at a pole, from which nothing can be placed".to_owned(),
    })
}

/// As [`from_anchor`], on the way to the wire.
pub(super) fn to_anchor(position: Option<&Position>) -> Result<&Position, EncodeError> {
    let allowed = "a position, not at a pole, that others are offsets from";
    position.filter(|at| has_plane(at)).ok_or_else(|| EncodeError::missing("ref_pos", allowed))
}

/// Raw latitude, longitude and elevation; each "not available" when there is no place, or the place has no height.
pub(super) fn raw(place: Option<&Position>) -> Result<(i32, i32, i32), EncodeError> {
    let Some(place) = place else { return Ok((NO_LATITUDE, NO_LONGITUDE, NO_ELEVATION)) };
    let lon_deg = if place.lon_deg == -180.0 { 180.0 } else { place.lon_deg };
    let lat = LATITUDE.strict("lat_deg", place.lat_deg)?;
    let lon = LONGITUDE.strict("lon_deg", lon_deg)?;
    let elevation = place.elevation_m.map(|m| ELEVATION.saturate("elevation_m", m)).transpose()?;
    Ok((lat as i32, lon as i32, elevation.map_or(NO_ELEVATION, |steps| steps as i32)))
}

/// The place of raw numbers; `None` when latitude or longitude is not available.
pub(super) fn place(lat: i32, lon: i32, elevation: Option<i32>) -> Option<Position> {
    Some(Position {
        lat_deg: LATITUDE.known(i64::from(lat))?,
        lon_deg: LONGITUDE.known(i64::from(lon))?,
        elevation_m: elevation.and_then(|steps| ELEVATION.known(i64::from(steps))),
    })
}

pub(super) fn to_position3d(position: Option<&Position>) -> Result<wire::Position3D, EncodeError> {
    let (lat, long, elevation) = raw(position)?;
    let elevation = (elevation != NO_ELEVATION).then_some(wire::Elevation(elevation));
    Ok(wire::Position3D { lat: wire::Latitude(lat), long: wire::Longitude(long), elevation, regional: None })
}

pub(super) fn from_position3d(position: &wire::Position3D) -> Option<Position> {
    place(position.lat.0, position.long.0, position.elevation.as_ref().map(|e| e.0))
}

/// Moves a place up or down; without a known height nothing is known above it either.
pub(super) fn raised(place: Position, up_m: f64) -> Position {
    Position { elevation_m: place.elevation_m.map(|m| ((m + up_m) * 10.0).round() / 10.0), ..place }
}

/// A place that must lie on the earth.
pub(super) fn on_earth(field: &str, place: Position) -> Result<Position, DecodeError> {
    if (-90.0..=90.0).contains(&place.lat_deg) {
        return Ok(place);
    }
    let what = "the offset leads beyond a pole".to_owned();
    Err(DecodeError::Implausible { field: field.to_owned(), what })
}

pub(super) fn to_accuracy(accuracy: Option<&PositionAccuracy>) -> Result<wire::PositionalAccuracy, EncodeError> {
    let accuracy = accuracy.copied().unwrap_or_default();
    let axis = |field, m: Option<f64>| m.map_or(Ok(255), |m| AXIS.saturate_above(field, m));
    let turn = accuracy.orientation_deg.map_or(Ok(65_535), |deg| ORIENTATION.around("orientation_deg", deg))?;
    Ok(wire::PositionalAccuracy {
        semi_major: wire::SemiMajorAxisAccuracy(axis("semi_major_m", accuracy.semi_major_m)? as u8),
        semi_minor: wire::SemiMinorAxisAccuracy(axis("semi_minor_m", accuracy.semi_minor_m)? as u8),
        orientation: wire::SemiMajorAxisOrientation(turn as u16),
    })
}

/// `None` when nothing of it is known: the wire must say something.
pub(super) fn from_accuracy(accuracy: &wire::PositionalAccuracy) -> Option<PositionAccuracy> {
    let found = PositionAccuracy {
        semi_major_m: AXIS.known(i64::from(accuracy.semi_major.0)),
        semi_minor_m: AXIS.known(i64::from(accuracy.semi_minor.0)),
        orientation_deg: ORIENTATION.known(i64::from(accuracy.orientation.0)).map(|deg| (deg * 1e6).round() / 1e6),
    };
    (found != PositionAccuracy::default()).then_some(found)
}

pub(super) fn to_confidence(confidence: &PositionConfidence) -> Result<wire::PositionConfidenceSet, EncodeError> {
    Ok(wire::PositionConfidenceSet {
        pos: to_step_or_unavailable("pos_m", &POSITION_M, confidence.pos_m)?,
        elevation: to_step_or_unavailable("elevation_m", &POSITION_M, confidence.elevation_m)?,
    })
}

pub(super) fn from_confidence(confidence: &wire::PositionConfidenceSet) -> PositionConfidence {
    PositionConfidence {
        pos_m: from_step(&POSITION_M, &confidence.pos),
        elevation_m: from_step(&POSITION_M, &confidence.elevation),
    }
}

/// Latitude and longitude come together or not at all.
pub(super) fn paired(lat: Option<f64>, lon: Option<f64>, up: Option<f64>) -> Result<Option<Position>, EncodeError> {
    match (lat, lon) {
        (Some(lat_deg), Some(lon_deg)) => {
            let (lat_deg, lon_deg) = (finite("lat_deg", lat_deg)?, finite("lon_deg", lon_deg)?);
            Ok(Some(Position { lat_deg, lon_deg, elevation_m: up }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(EncodeError::missing("lon_deg", "latitude and longitude together, or neither")),
        (None, Some(_)) => Err(EncodeError::missing("lat_deg", "latitude and longitude together, or neither")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_has_the_length_that_geodesy_gives_it() {
        // Radii of curvature at 0° and 90° are 6335439.327 m and 6399593.626 m (NIMA TR8350.2, WGS-84); π/180 of them.
        for (lat, north, east) in
            [(0.0, 110_574.28, 111_319.49), (45.0, 111_131.78, 78_846.81), (90.0, 111_693.98, 0.0)]
        {
            let plane = Plane::at(lat);
            assert!((plane.north_m - north).abs() < 0.05 && (plane.east_m - east).abs() < 0.05, "{plane:?}");
        }
    }

    #[test]
    fn every_centimetre_of_an_offset_comes_back() {
        for lat in [-89.9, -45.0, 0.0, 31.284_156, 60.0, 85.0] {
            let (from, plane) = (Position::new(lat, 121.503_21), Plane::at(lat));
            for cm in (-32_768..=32_767).step_by(1_011) {
                let metres = [f64::from(cm) / 100.0, f64::from(-cm) / 100.0];
                let back = plane.offset(&from, &plane.moved(&from, metres));
                assert_eq!([(back[0] * 100.0).round(), (back[1] * 100.0).round()], [f64::from(cm), f64::from(-cm)]);
            }
        }
    }

    #[test]
    fn the_date_line_is_crossed_the_short_way() {
        let (west, plane) = (Position::new(10.0, 179.999_99), Plane::at(10.0));
        let east = plane.moved(&west, [5.0, 0.0]);
        assert!(east.lon_deg < -179.9, "{east:?}");
        assert!((plane.offset(&west, &east)[0] - 5.0).abs() < 1e-3);
    }
}
