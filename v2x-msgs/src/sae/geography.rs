//! Where traveler information holds: circles and paths. Paths are chains of nodes from an anchor.

use super::lane::from_delta;
use super::place::{Plane, from_position3d, has_plane, place, to_position3d};
use crate::csae::quantity::{LANE_WIDTH, LATITUDE, LONGITUDE, RADIUS, Steps};
use crate::csae::{each, list};
use crate::error::{DecodeError, EncodeError};
use crate::model::{Position, ReferencePath};
use crate::wire::j2735 as wire;

/// Radius-B12.
const RADIUS_STEPS: i64 = 4_095;
/// Nodes of a path.
const NODES: usize = 63;

/// Where something holds.
pub(super) struct Region {
    /// Middle and radius in metres.
    pub(super) circle: Option<(Position, f64)>,
    pub(super) paths: Vec<ReferencePath>,
}

pub(super) fn to_regions(
    at: Option<&Position>,
    radius_m: Option<f64>,
    paths: &[ReferencePath],
) -> Result<Vec<wire::GeographicalPath>, EncodeError> {
    let mut regions = Vec::new();
    if let (Some(at), Some(radius_m)) = (at, radius_m) {
        let circle = to_circle(at, "event_radius_m", radius_m).map_err(|e| e.under("event_pos"))?;
        let geometry = wire::GeometricProjection { direction: every_side(), circle, ..Default::default() };
        let description = Some(wire::GeographicalPathDescription::Geometry(geometry));
        regions.push(wire::GeographicalPath { description, ..Default::default() });
    }
    regions.extend(each("reference_paths", paths, to_path)?);
    if regions.is_empty() {
        // The wire wants a region; one that says nothing but where it is.
        regions.push(wire::GeographicalPath {
            anchor: at.map(|at| to_position3d(Some(at))).transpose()?,
            ..Default::default()
        });
    }
    Ok(regions)
}

pub(super) fn from_regions(regions: &[wire::GeographicalPath], sign: Option<&Position>) -> Result<Region, DecodeError> {
    use wire::GeographicalPathDescription as Description;
    let mut found = Region { circle: None, paths: Vec::new() };
    // A path without an anchor begins at the one of the region before.
    let mut anchor = sign.copied();
    for (i, region) in regions.iter().enumerate() {
        anchor = region.anchor.as_ref().and_then(from_position3d).or(anchor);
        let path = match &region.description {
            Some(Description::Geometry(geometry)) => {
                found.circle = found.circle.or(from_circle(&geometry.circle));
                None
            }
            Some(Description::OldRegion(region)) => match &region.area {
                wire::ValidRegionArea::Circle(circle) => {
                    found.circle = found.circle.or(from_circle(circle));
                    None
                }
                wire::ValidRegionArea::ShapePointSet(shape) => {
                    let anchor = shape.anchor.as_ref().and_then(from_position3d).or(anchor);
                    xy_points(&shape.node_list, anchor.as_ref(), 1.0)
                        .map(|points| points.map(|points| (points, shape.lane_width.as_ref())))
                        .transpose()
                }
                wire::ValidRegionArea::RegionPointSet(_) => None,
            },
            Some(Description::Path(system)) => {
                let zoom = f64::from(1_u32 << system.scale.as_ref().map_or(0, |zoom| zoom.0.min(15)));
                let points = match &system.offset {
                    wire::OffsetSystemOffset::Xy(nodes) => xy_points(nodes, anchor.as_ref(), zoom),
                    wire::OffsetSystemOffset::Ll(nodes) => ll_points(nodes, anchor.as_ref(), zoom as i64),
                };
                points.map(|points| points.map(|points| (points, region.lane_width.as_ref()))).transpose()
            }
            None => None,
        };
        let path = path.transpose().map_err(|e| e.under(&format!("regions[{i}]")))?;
        if let Some((points, width)) = path.filter(|(points, _)| points.len() >= 2) {
            let path_radius_m = width.map_or(0.0, |width| RADIUS.held(LANE_WIDTH.value(i64::from(width.0)) / 2.0));
            found.paths.push(ReferencePath { active_path: points, path_radius_m });
        }
    }
    Ok(found)
}

fn every_side() -> wire::HeadingSlice {
    let mut bits = asn1rs::prelude::BitVec::with_len(16);
    (0..16).for_each(|bit| bits.set_bit(bit));
    wire::HeadingSlice(bits)
}

/// In decimetres to 409.5 m, in metres to 4095 m, else in kilometres, rounded up.
fn in_units(decimetres: i64) -> (i64, i64, wire::DistanceUnits) {
    match decimetres {
        ..=RADIUS_STEPS => (decimetres, 1, wire::DistanceUnits::Decimeter),
        d if d <= RADIUS_STEPS * 10 => ((d + 9) / 10, 10, wire::DistanceUnits::Meter),
        d => ((d + 9_999) / 10_000, 10_000, wire::DistanceUnits::Kilometer),
    }
}

pub(super) fn to_circle(at: &Position, field: &'static str, radius_m: f64) -> Result<wire::Circle, EncodeError> {
    let (radius, _, units) = in_units(RADIUS.saturate_above(field, radius_m)?);
    let radius = wire::RadiusB12(radius.min(RADIUS_STEPS) as u16);
    Ok(wire::Circle { center: to_position3d(Some(at))?, radius, units })
}

pub(super) fn from_circle(circle: &wire::Circle) -> Option<(Position, f64)> {
    use wire::DistanceUnits as Unit;
    let unit_m = match circle.units {
        Unit::Centimeter => 0.01,
        Unit::Cm25 => 0.025,
        Unit::Decimeter => 0.1,
        Unit::Meter => 1.0,
        Unit::Kilometer => 1_000.0,
        Unit::Foot => 0.304_8,
        Unit::Yard => 0.914_4,
        Unit::Mile => 1_609.344,
    };
    // As it would be sent again.
    let decimetres = (f64::from(circle.radius.0) * unit_m * 10.0).round() as i64;
    let (radius, unit, _) = in_units(decimetres.min(RADIUS.most));
    from_position3d(&circle.center).map(|centre| (centre, RADIUS.value((radius * unit).min(RADIUS.most))))
}

/// A path as a chain of ten-millionths of a degree from its first point.
fn to_path(path: &ReferencePath) -> Result<wire::GeographicalPath, EncodeError> {
    let points = &path.active_path;
    let [first, _, ..] = points.as_slice() else {
        return Err(EncodeError::Count {
            field: "active_path".to_owned(),
            count: points.len(),
            least: 2,
            most: NODES as u64,
        });
    };
    let raw = each("active_path", points, |point| super::place::raw(Some(point)))?;
    let mut before = raw.first().map_or((0, 0), |(lat, lon, _)| (*lat, *lon));
    let mut nodes = Vec::with_capacity(raw.len());
    for (lat, lon, _) in raw {
        nodes.push(wire::NodeLl { delta: to_ll(before, (lat, lon)), attributes: None });
        before = (lat, lon);
    }
    let width = LANE_WIDTH.saturate_above("path_radius_m", path.path_radius_m * 2.0)?;
    let offset = wire::OffsetSystemOffset::Ll(wire::NodeListLl::Nodes(wire::NodeSetLl(nodes)));
    Ok(wire::GeographicalPath {
        anchor: Some(to_position3d(Some(&Position { elevation_m: None, ..*first }))?),
        lane_width: (width > 0).then_some(wire::LaneWidth(width as u16)),
        description: Some(wire::GeographicalPathDescription::Path(wire::OffsetSystem { scale: None, offset })),
        ..Default::default()
    })
}

fn to_ll(from: (i32, i32), to: (i32, i32)) -> wire::NodeOffsetPointLl {
    use wire::NodeOffsetPointLl as Ll;
    let (lat, lon) = (i64::from(to.0) - i64::from(from.0), i64::from(to.1) - i64::from(from.1));
    let bits = |value: i64| 65 - if value < 0 { value.leading_ones() } else { value.leading_zeros() };
    match bits(lat).max(bits(lon)) {
        ..=12 => {
            Ll::NodeLl1(wire::NodeLl24B { lon: wire::OffsetLlB12(lon as i16), lat: wire::OffsetLlB12(lat as i16) })
        }
        13..=14 => {
            Ll::NodeLl2(wire::NodeLl28B { lon: wire::OffsetLlB14(lon as i16), lat: wire::OffsetLlB14(lat as i16) })
        }
        15..=16 => {
            Ll::NodeLl3(wire::NodeLl32B { lon: wire::OffsetLlB16(lon as i16), lat: wire::OffsetLlB16(lat as i16) })
        }
        17..=18 => {
            Ll::NodeLl4(wire::NodeLl36B { lon: wire::OffsetLlB18(lon as i32), lat: wire::OffsetLlB18(lat as i32) })
        }
        19..=22 => {
            Ll::NodeLl5(wire::NodeLl44B { lon: wire::OffsetLlB22(lon as i32), lat: wire::OffsetLlB22(lat as i32) })
        }
        23..=24 => {
            Ll::NodeLl6(wire::NodeLl48B { lon: wire::OffsetLlB24(lon as i32), lat: wire::OffsetLlB24(lat as i32) })
        }
        _ => Ll::NodeLatLon(wire::NodeLLmD64b { lon: wire::Longitude(to.1), lat: wire::Latitude(to.0) }),
    }
}

/// Points of a chain in metres; put on ten-millionths of a degree, in which they are sent again.
fn xy_points(
    nodes: &wire::NodeListXy,
    anchor: Option<&Position>,
    zoom: f64,
) -> Result<Option<Vec<Position>>, DecodeError> {
    let (wire::NodeListXy::Nodes(nodes), Some(anchor)) = (nodes, anchor.filter(|at| has_plane(at))) else {
        return Ok(None);
    };
    let plane = Plane::at(anchor.lat_deg);
    let mut here = Position { elevation_m: None, ..*anchor };
    let mut points = Vec::with_capacity(nodes.0.len());
    for node in &nodes.0 {
        let Some(reached) = from_delta(plane, &here, &node.delta)? else { continue };
        let [east, north] = plane.offset(&here, &reached);
        let absolute = matches!(node.delta, wire::NodeOffsetPointXy::NodeLatLon(_));
        here = if absolute { reached } else { plane.moved(&here, [east * zoom, north * zoom]) };
        here = super::place::on_earth("delta", Position { elevation_m: None, ..here })?;
        points.push(Position::new(LATITUDE.held(here.lat_deg), LONGITUDE.held(here.lon_deg)));
    }
    Ok(Some(points))
}

fn ll_points(
    nodes: &wire::NodeListLl,
    anchor: Option<&Position>,
    zoom: i64,
) -> Result<Option<Vec<Position>>, DecodeError> {
    let (wire::NodeListLl::Nodes(nodes), Some(anchor)) = (nodes, anchor) else { return Ok(None) };
    let steps = |unit: Steps, deg: f64| (deg * unit.whole).round() as i64;
    let (mut lat, mut lon) = (steps(LATITUDE, anchor.lat_deg), steps(LONGITUDE, anchor.lon_deg));
    let points = list("nodes", &nodes.0, |node| Ok(&node.delta))?;
    let mut found = Vec::with_capacity(points.len());
    for delta in points {
        use wire::NodeOffsetPointLl as Ll;
        let (east, north) = match delta {
            Ll::NodeLl1(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::NodeLl2(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::NodeLl3(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::NodeLl4(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::NodeLl5(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::NodeLl6(p) => (i64::from(p.lon.0), i64::from(p.lat.0)),
            Ll::Regional(_) => continue,
            Ll::NodeLatLon(p) => {
                let Some(there) = place(p.lat.0, p.lon.0, None) else { continue };
                (lat, lon) = (i64::from(p.lat.0), i64::from(p.lon.0));
                found.push(there);
                continue;
            }
        };
        (lat, lon) = (lat + north * zoom, lon + east * zoom);
        let off =
            || DecodeError::Implausible { field: "nodes".to_owned(), what: "the path leads off the map".to_owned() };
        found.push(Position::new(LATITUDE.known(lat).ok_or_else(off)?, LONGITUDE.known(lon).ok_or_else(off)?));
    }
    Ok(Some(found))
}
