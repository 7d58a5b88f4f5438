//! Positions: absolute in the model; on the wire absolute, or offsets from the message's reference position in the
//! smallest form that holds them.

use super::wire;
use crate::csae::confidence::{POSITION_M, from_step, to_step, to_step_or_unavailable};
use crate::csae::quantity::{
    AXIS, ELEVATION, FULL_TURN, LATITUDE, LONGITUDE, NO_ELEVATION, NO_LATITUDE, NO_LONGITUDE, ORIENTATION,
};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Position, PositionAccuracy, PositionConfidence};

/// A place in the wire's steps.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    lat: i64,
    lon: i64,
    elevation: Option<i64>,
}

impl Place {
    pub(crate) fn of(position: &Position) -> Result<Place, EncodeError> {
        let lon = if position.lon_deg == -180.0 { 180.0 } else { position.lon_deg };
        Ok(Place {
            lat: LATITUDE.strict("lat_deg", position.lat_deg)?,
            lon: LONGITUDE.strict("lon_deg", lon)?,
            elevation: position.elevation_m.map(|m| ELEVATION.saturate("elevation_m", m)).transpose()?,
        })
    }

    fn position(self) -> Position {
        Position {
            lat_deg: LATITUDE.value(self.lat),
            lon_deg: LONGITUDE.value(self.lon),
            elevation_m: self.elevation.map(|steps| ELEVATION.value(steps)),
        }
    }

    fn absolute(place: Option<Place>) -> (wire::Latitude, wire::Longitude) {
        let lat = place.map_or(NO_LATITUDE, |p| p.lat as i32);
        let lon = place.map_or(NO_LONGITUDE, |p| p.lon as i32);
        (wire::Latitude(lat), wire::Longitude(lon))
    }
}

/// Splits what a participant or a BSM has, where latitude and longitude must come together.
pub(crate) fn paired(
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    elevation_m: Option<f64>,
) -> Result<Option<Place>, EncodeError> {
    match (lat_deg, lon_deg) {
        (Some(lat_deg), Some(lon_deg)) => Place::of(&Position { lat_deg, lon_deg, elevation_m }).map(Some),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half("lon_deg")),
        (None, Some(_)) => Err(half("lat_deg")),
    }
}

fn half(missing: &str) -> EncodeError {
    EncodeError::OutOfRange {
        field: missing.to_owned(),
        value: "nothing".to_owned(),
        allowed: "latitude and longitude together, or neither".to_owned(),
    }
}

pub(crate) fn to_position3d(place: Option<Place>) -> wire::Position3D {
    let (lat, long) = Place::absolute(place);
    let elevation = place.and_then(|p| p.elevation).map(|steps| wire::Elevation(steps as i32));
    wire::Position3D { lat, long, elevation }
}

pub(crate) fn from_position3d(position: &wire::Position3D) -> Option<Place> {
    let lat = LATITUDE.known(i64::from(position.lat.0)).map(|_| i64::from(position.lat.0))?;
    let lon = LONGITUDE.known(i64::from(position.long.0)).map(|_| i64::from(position.long.0))?;
    let elevation = position.elevation.as_ref().map(|e| e.0).filter(|e| *e != NO_ELEVATION).map(i64::from);
    Some(Place { lat, lon, elevation })
}

/// The position of a place.
pub(crate) fn position(place: Option<Place>) -> Option<Position> {
    place.map(Place::position)
}

/// The reference position of a message.
pub(crate) fn reference(position: Option<&Position>) -> Result<Option<Place>, EncodeError> {
    position.map(Place::of).transpose().map_err(|e| e.under("ref_pos"))
}

/// A place as seen from a reference position, in the smallest form that holds it; without the one or the other, absolute.
pub(crate) fn to_offset(place: Option<Place>, from: Option<Place>) -> wire::PositionOffsetLlv {
    let offset_ll = match (place, from) {
        (Some(place), Some(from)) => offset_ll(place, from),
        _ => absolute_ll(place),
    };
    let offset_v = place.and_then(|place| Some(offset_v(place.elevation?, from.and_then(|from| from.elevation))));
    wire::PositionOffsetLlv { offset_ll, offset_v }
}

fn absolute_ll(place: Option<Place>) -> wire::PositionOffsetLl {
    let (lat, lon) = Place::absolute(place);
    wire::PositionOffsetLl::PositionLatLon(wire::PositionLLmD64b { lon, lat })
}

fn offset_ll(place: Place, from: Place) -> wire::PositionOffsetLl {
    use wire::PositionOffsetLl as Ll;
    let lat = place.lat - from.lat;
    // The short way round the earth.
    let lon = (place.lon - from.lon + FULL_TURN / 2).rem_euclid(FULL_TURN) - FULL_TURN / 2;
    match bits(lat).max(bits(lon)) {
        ..=12 => Ll::PositionLl1(wire::PositionLl24B {
            lon: wire::OffsetLlB12(lon as i16),
            lat: wire::OffsetLlB12(lat as i16),
        }),
        13..=14 => Ll::PositionLl2(wire::PositionLl28B {
            lon: wire::OffsetLlB14(lon as i16),
            lat: wire::OffsetLlB14(lat as i16),
        }),
        15..=16 => Ll::PositionLl3(wire::PositionLl32B {
            lon: wire::OffsetLlB16(lon as i16),
            lat: wire::OffsetLlB16(lat as i16),
        }),
        17..=18 => Ll::PositionLl4(wire::PositionLl36B {
            lon: wire::OffsetLlB18(lon as i32),
            lat: wire::OffsetLlB18(lat as i32),
        }),
        19..=22 => Ll::PositionLl5(wire::PositionLl44B {
            lon: wire::OffsetLlB22(lon as i32),
            lat: wire::OffsetLlB22(lat as i32),
        }),
        23..=24 => Ll::PositionLl6(wire::PositionLl48B {
            lon: wire::OffsetLlB24(lon as i32),
            lat: wire::OffsetLlB24(lat as i32),
        }),
        _ => absolute_ll(Some(place)),
    }
}

fn offset_v(elevation: i64, from: Option<i64>) -> wire::VerticalOffset {
    use wire::VerticalOffset as V;
    let Some(up) = from.map(|from| elevation - from) else { return V::Elevation(wire::Elevation(elevation as i32)) };
    match bits(up) {
        ..=7 => V::Offset1(wire::VertOffsetB07(up as i8)),
        8 => V::Offset2(wire::VertOffsetB08(up as i8)),
        9 => V::Offset3(wire::VertOffsetB09(up as i16)),
        10 => V::Offset4(wire::VertOffsetB10(up as i16)),
        11 => V::Offset5(wire::VertOffsetB11(up as i16)),
        12 => V::Offset6(wire::VertOffsetB12(up as i16)),
        _ => V::Elevation(wire::Elevation(elevation as i32)),
    }
}

/// Bits of a number in two's complement.
fn bits(value: i64) -> u32 {
    65 - if value < 0 { value.leading_ones() } else { value.leading_zeros() }
}

/// The place that an offset means. `None`: not available, or seen from a reference position that is not.
///
/// # Errors
/// When the place would lie beyond a pole, or above or below what the wire can say.
pub(crate) fn from_offset(
    field: &'static str,
    offset: &wire::PositionOffsetLlv,
    from: Option<Place>,
) -> Result<Option<Place>, DecodeError> {
    use wire::PositionOffsetLl as Ll;
    let (lon, lat) = match &offset.offset_ll {
        Ll::PositionLl1(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLl2(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLl3(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLl4(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLl5(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLl6(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
        Ll::PositionLatLon(p) => {
            let absolute = wire::Position3D { lat: p.lat.clone(), long: p.lon.clone(), elevation: None };
            let place = from_position3d(&absolute);
            let elevation = height(field, offset, from)?;
            return Ok(place.map(|p| Place { elevation, ..p }));
        }
    };
    let Some(from) = from else { return Ok(None) };
    let lat = from.lat + lat;
    if LATITUDE.known(lat).is_none() {
        return Err(implausible(field, "the offset leads beyond a pole"));
    }
    // −180° (excluded) to 180°.
    let lon = FULL_TURN / 2 - (FULL_TURN / 2 - (from.lon + lon)).rem_euclid(FULL_TURN);
    Ok(Some(Place { lat, lon, elevation: height(field, offset, Some(from))? }))
}

fn height(
    field: &'static str,
    offset: &wire::PositionOffsetLlv,
    from: Option<Place>,
) -> Result<Option<i64>, DecodeError> {
    use wire::VerticalOffset as V;
    let up = match &offset.offset_v {
        None => return Ok(None),
        Some(V::Elevation(e)) => return Ok((e.0 != NO_ELEVATION).then_some(i64::from(e.0))),
        Some(V::Offset1(up)) => i64::from(up.0),
        Some(V::Offset2(up)) => i64::from(up.0),
        Some(V::Offset3(up)) => i64::from(up.0),
        Some(V::Offset4(up)) => i64::from(up.0),
        Some(V::Offset5(up)) => i64::from(up.0),
        Some(V::Offset6(up)) => i64::from(up.0),
    };
    let Some(from) = from.and_then(|from| from.elevation) else { return Ok(None) };
    match ELEVATION.known(from + up) {
        Some(_) => Ok(Some(from + up)),
        None => Err(implausible(field, "the height is beyond what the standard holds")),
    }
}

fn implausible(field: &'static str, what: &str) -> DecodeError {
    DecodeError::Implausible { field: field.to_owned(), what: what.to_owned() }
}

/// A point of a line: it must be a place.
pub(crate) fn from_point(
    field: &'static str,
    offset: &wire::PositionOffsetLlv,
    from: Option<Place>,
) -> Result<Position, DecodeError> {
    position(from_offset(field, offset, from)?)
        .ok_or_else(|| implausible(field, "a point without position, or an offset from an unknown reference position"))
}

/// A point of a line.
pub(crate) fn to_point(point: &Position, from: Option<Place>) -> Result<wire::PositionOffsetLlv, EncodeError> {
    Ok(to_offset(Some(Place::of(point)?), from))
}

pub(crate) fn to_confidence(confidence: &PositionConfidence) -> Result<wire::PositionConfidenceSet, EncodeError> {
    Ok(wire::PositionConfidenceSet {
        pos: to_step_or_unavailable("pos_m", &POSITION_M, confidence.pos_m)?,
        elevation: to_step("elevation_m", &POSITION_M, confidence.elevation_m)?,
    })
}

pub(crate) fn from_confidence(confidence: &wire::PositionConfidenceSet) -> PositionConfidence {
    PositionConfidence {
        pos_m: from_step(&POSITION_M, &confidence.pos),
        elevation_m: confidence.elevation.as_ref().and_then(|step| from_step(&POSITION_M, step)),
    }
}

pub(crate) fn to_accuracy(accuracy: &PositionAccuracy) -> Result<wire::PositionalAccuracy, EncodeError> {
    let axis = |field, m: Option<f64>| m.map_or(Ok(255), |m| AXIS.saturate_above(field, m));
    let turn = accuracy.orientation_deg.map_or(Ok(65_535), |deg| ORIENTATION.around("orientation_deg", deg))?;
    Ok(wire::PositionalAccuracy {
        semi_major: wire::SemiMajorAxisAccuracy(axis("semi_major_m", accuracy.semi_major_m)? as u8),
        semi_minor: wire::SemiMinorAxisAccuracy(axis("semi_minor_m", accuracy.semi_minor_m)? as u8),
        orientation: wire::SemiMajorAxisOrientation(turn as u16),
    })
}

pub(crate) fn from_accuracy(accuracy: &wire::PositionalAccuracy) -> PositionAccuracy {
    PositionAccuracy {
        semi_major_m: AXIS.known(i64::from(accuracy.semi_major.0)),
        semi_minor_m: AXIS.known(i64::from(accuracy.semi_minor.0)),
        // A step is no short decimal: a millionth of a degree tells it well enough.
        orientation_deg: ORIENTATION.known(i64::from(accuracy.orientation.0)).map(|deg| (deg * 1e6).round() / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(place: Place, from: Place) -> wire::PositionOffsetLl {
        let offset = to_offset(Some(place), Some(from));
        assert_eq!(from_offset("pos", &offset, Some(from)), Ok(Some(place)), "{place:?} from {from:?}");
        offset.offset_ll
    }

    #[test]
    fn the_smallest_form_that_holds_an_offset_is_sent() {
        let from = Place { lat: 312_841_560, lon: 1_215_032_100, elevation: Some(42) };
        for (east, form) in [
            (0_i64, 1),
            (2_047, 1),
            (-2_048, 1),
            (2_048, 2),
            (8_191, 2),
            (-8_193, 3),
            (32_768, 4),
            (131_072, 5),
            (2_097_152, 6),
            (8_388_607, 6),
            (8_388_608, 7),
        ] {
            let place = Place { lon: from.lon + east, ..from };
            use wire::PositionOffsetLl as Ll;
            let found = match there_and_back(place, from) {
                Ll::PositionLl1(_) => 1,
                Ll::PositionLl2(_) => 2,
                Ll::PositionLl3(_) => 3,
                Ll::PositionLl4(_) => 4,
                Ll::PositionLl5(_) => 5,
                Ll::PositionLl6(_) => 6,
                Ll::PositionLatLon(_) => 7,
            };
            assert_eq!(found, form, "{east}");
        }
    }

    #[test]
    fn heights_come_back_in_every_form() {
        for up in [0, 63, 64, -64, -65, 127, 255, -512, 1_023, -2_048, 2_047, 2_048, 40_000, -4_000] {
            let from = Place { lat: 0, lon: 0, elevation: Some(0) };
            there_and_back(Place { elevation: Some(up), ..from }, from);
            there_and_back(Place { elevation: Some(up), ..from }, Place { elevation: None, ..from });
        }
    }

    #[test]
    fn the_date_line_is_crossed_the_short_way() {
        let west = Place { lat: 0, lon: 1_799_999_900, elevation: None };
        let east = Place { lat: 0, lon: -1_799_999_900, elevation: None };
        for (place, from) in [(east, west), (west, east), (Place { lon: 1_800_000_000, ..west }, east)] {
            assert!(matches!(there_and_back(place, from), wire::PositionOffsetLl::PositionLl1(_)));
        }
    }

    #[test]
    fn a_place_that_is_none_is_refused() {
        assert!(Place::of(&Position::new(90.1, 0.0)).is_err());
        assert!(Place::of(&Position::new(0.0, 180.1)).is_err());
        assert!(Place::of(&Position::new(f64::NAN, 0.0)).is_err());
        assert_eq!(Place::of(&Position::new(0.0, -180.0)).map(|p| p.lon), Ok(1_800_000_000));
        assert!(paired(Some(1.0), None, None).is_err());
        let pole = Place { lat: 900_000_000, lon: 0, elevation: None };
        let beyond = wire::PositionOffsetLlv {
            offset_ll: wire::PositionOffsetLl::PositionLl1(wire::PositionLl24B {
                lon: wire::OffsetLlB12(0),
                lat: wire::OffsetLlB12(1),
            }),
            offset_v: None,
        };
        assert!(from_offset("pos", &beyond, Some(pole)).is_err());
        assert_eq!(from_offset("pos", &beyond, None), Ok(None));
    }
}
