//! Regions of SAE J2945/4 between model and wire.

use super::geography::{from_circle, to_circle};
use super::place::{from_position3d, to_position3d};
use super::wire;
use crate::csae::named::{from_enumerated, to_optional};
use crate::csae::quantity::at_most;
use crate::csae::{each, list, part};
use crate::error::{DecodeError, EncodeError};
use crate::model::{RegionArea, RegionCircle, RegionOffset, RegionPath, RegionPoint, RegionPolygon, RoadRegion};

pub(super) fn to_region(region: &RoadRegion) -> Result<wire::RegionInfo, EncodeError> {
    let place = region.reference_point.as_ref();
    Ok(wire::RegionInfo {
        reference_point: to_position3d(place).map_err(|e| e.under("reference_point"))?,
        location_uncertainty: None,
        reference_point_type: to_optional("reference_point_type", region.reference_point_type)?,
        descriptive_name: region.name.clone().map(wire::DescriptiveName),
        scale: region.scale.map(|scale| at_most("scale", scale, 15).map(wire::Zoom)).transpose()?,
        approach_region: part("approach", region.approach.as_ref(), to_area)?,
    })
}

pub(super) fn from_region(region: &wire::RegionInfo) -> Result<RoadRegion, DecodeError> {
    let area = region.approach_region.as_ref().map(from_area).transpose();
    Ok(RoadRegion {
        reference_point: from_position3d(&region.reference_point),
        reference_point_type: region.reference_point_type.as_ref().and_then(from_enumerated),
        name: region.descriptive_name.as_ref().map(|name| name.0.clone()),
        scale: region.scale.as_ref().map(|scale| scale.0),
        approach: area.map_err(|e| e.under("approach"))?.flatten(),
    })
}

fn to_area(area: &RegionArea) -> Result<wire::AreaType, EncodeError> {
    Ok(match area {
        RegionArea::Polygon(polygon) => {
            let corners = wire::RsmPolygon(each("corners", &polygon.corners, to_point)?);
            let area = wire::BroadRegionArea::Polygon(corners);
            to_broad(polygon.heading_deg, polygon.tolerance_deg, area)?
        }
        RegionArea::Circle(circle) => {
            let area = wire::BroadRegionArea::Circle(to_circle(&circle.center, "radius_m", circle.radius_m)?);
            to_broad(circle.heading_deg, circle.tolerance_deg, area)?
        }
        RegionArea::Paths(paths) => wire::AreaType::Paths(wire::PathList(each("paths", paths, to_path)?)),
    })
}

fn to_broad(heading: u16, tolerance: u8, broad_area: wire::BroadRegionArea) -> Result<wire::AreaType, EncodeError> {
    let applicable_heading = wire::ApplicableHeading {
        heading: wire::HeadingDeg(at_most("heading_deg", heading, 359)?),
        tolerance: wire::Tolerance(at_most("tolerance_deg", tolerance, 180)?),
    };
    Ok(wire::AreaType::BroadRegion(wire::BroadRegion { applicable_heading, broad_area }))
}

/// A circle without a middle says nothing.
fn from_area(area: &wire::AreaType) -> Result<Option<RegionArea>, DecodeError> {
    let region = match area {
        wire::AreaType::Paths(paths) => return Ok(Some(RegionArea::Paths(list("paths", &paths.0, from_path)?))),
        wire::AreaType::BroadRegion(region) => region,
    };
    let heading_deg = region.applicable_heading.heading.0;
    let tolerance_deg = region.applicable_heading.tolerance.0;
    Ok(match &region.broad_area {
        wire::BroadRegionArea::Polygon(corners) => {
            let corners = list("corners", &corners.0, from_point)?;
            Some(RegionArea::Polygon(RegionPolygon { heading_deg, tolerance_deg, corners }))
        }
        wire::BroadRegionArea::Circle(circle) => from_circle(circle).map(|(center, radius_m)| {
            RegionArea::Circle(RegionCircle { heading_deg, tolerance_deg, center, radius_m })
        }),
    })
}

fn to_path(path: &RegionPath) -> Result<wire::Path, EncodeError> {
    Ok(wire::Path {
        path_width: at_most("width_steps", path.width_steps, 1_000)?,
        path_points: wire::PathPoints(each("points", &path.points, to_point)?),
    })
}

fn from_path(path: &wire::Path) -> Result<RegionPath, DecodeError> {
    Ok(RegionPath { width_steps: path.path_width, points: list("points", &path.path_points.0, from_point)? })
}

fn to_point(point: &RegionPoint) -> Result<wire::NodePointLle, EncodeError> {
    let inside = |field, steps: i16, least: i16, most: i16| match steps {
        steps if (least..=most).contains(&steps) => Ok(steps),
        steps => Err(EncodeError::out_of_range(field, steps, &format!("{least} to {most}"))),
    };
    Ok(match point {
        RegionPoint::Absolute(place) => wire::NodePointLle::Node3Dabsolute(to_position3d(Some(place))?),
        RegionPoint::Offset(offset) => {
            let up = offset.up_steps.map(|up| inside("up_steps", up, -4_096, 4_095)).transpose()?;
            wire::NodePointLle::Node3Doffset(wire::Offset3D {
                lat_offset: wire::LatOffset(inside("north_steps", offset.north_steps, -16_384, 16_383)?),
                long_offset: wire::LongOffset(inside("east_steps", offset.east_steps, -16_384, 16_383)?),
                elev_offset: up.map(wire::ElevOffset),
            })
        }
    })
}

fn from_point(point: &wire::NodePointLle) -> Result<RegionPoint, DecodeError> {
    match point {
        wire::NodePointLle::Node3Dabsolute(place) => {
            let what = "a point without position".to_owned();
            let missing = DecodeError::Implausible { field: String::new(), what };
            from_position3d(place).map(RegionPoint::Absolute).ok_or(missing)
        }
        wire::NodePointLle::Node3Doffset(offset) => Ok(RegionPoint::Offset(RegionOffset {
            north_steps: offset.lat_offset.0,
            east_steps: offset.long_offset.0,
            up_steps: offset.elev_offset.as_ref().map(|up| up.0),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_beyond_the_wire_is_refused_with_the_way_to_it() {
        let far = RegionPoint::Offset(RegionOffset { north_steps: 16_384, ..RegionOffset::default() });
        let path = RegionPath { width_steps: 3, points: vec![RegionPoint::Offset(RegionOffset::default()), far] };
        let region = RoadRegion { approach: Some(RegionArea::Paths(vec![path])), ..RoadRegion::default() };
        let error = to_region(&region).unwrap_err().to_string();
        assert!(error.starts_with("approach.paths[0].points[1].north_steps: 16384 is out of range"), "{error}");
    }

    #[test]
    fn a_heading_is_whole_degrees_below_a_full_turn() {
        let circle = RegionCircle { heading_deg: 360, ..RegionCircle::default() };
        assert!(to_area(&RegionArea::Circle(circle)).is_err());
        let circle = RegionCircle { heading_deg: 359, tolerance_deg: 180, radius_m: 12.3, ..RegionCircle::default() };
        let area = RegionArea::Circle(circle);
        assert_eq!(from_area(&to_area(&area).unwrap()), Ok(Some(area)));
    }
}
