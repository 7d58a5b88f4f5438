//! Road users, lanes and the site in Foxglove's words.

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use foxglove::messages::{
    ArrowPrimitive, Color, CubePrimitive, GeoJson, KeyValuePair, LocationFix, Pose, Quaternion, SceneEntity,
    SceneUpdate, TextPrimitive, Vector3,
};
use nalgebra as na;
use perception::{Class, Track};
use serde_json::json;

use crate::site_map::{SiteMap, Waypoint};
use crate::world::World;

/// A track not renewed for this long is gone.
const LIFETIME_MS: u32 = 400;

/// The world's tracks: a box, an arrow as long as a second of travel, and the name.
pub fn tracks(world: &World) -> SceneUpdate {
    SceneUpdate { deletions: Vec::new(), entities: world.tracks.iter().map(|track| entity(world.at, track)).collect() }
}

fn entity(at: Timestamp, track: &Track) -> SceneEntity {
    let size = track.size;
    let up = na::Vector3::new(0.0, 0.0, size.height_m);
    let course = if track.speed_mps() > 0.5 { track.velocity.y.atan2(track.velocity.x) } else { track.yaw };
    let metadata = [
        ("class", track.class.name().to_owned()),
        ("existence", format!("{:.2}", track.existence)),
        ("speed_mps", format!("{:.2}", track.speed_mps())),
        ("covariance", format!("{:?}", track.covariance.as_slice())),
        ("sensing", format!("{:?}", track.sensing).to_lowercase()),
    ];
    SceneEntity {
        timestamp: Some(stamp(at)),
        frame_id: "enu".to_owned(),
        id: track.key.to_string(),
        lifetime: Some(foxglove::messages::Duration::new(0, LIFETIME_MS * 1_000_000)),
        metadata: metadata.map(|(key, value)| KeyValuePair { key: key.to_owned(), value }).to_vec(),
        cubes: vec![CubePrimitive {
            pose: Some(pose(track.position + up / 2.0, track.yaw)),
            size: Some(Vector3 { x: size.length_m, y: size.width_m, z: size.height_m }),
            color: Some(colour(track.class)),
        }],
        arrows: vec![ArrowPrimitive {
            pose: Some(pose(track.position + up / 2.0, course)),
            shaft_length: track.speed_mps(),
            shaft_diameter: 0.15,
            head_length: 0.4,
            head_diameter: 0.4,
            color: Some(colour(track.class)),
        }],
        texts: vec![TextPrimitive {
            pose: Some(pose(track.position + up + na::Vector3::new(0.0, 0.0, 0.5), 0.0)),
            billboard: true,
            font_size: 0.8,
            scale_invariant: false,
            color: Some(Color { r: 1.0, g: 1.0, b: 1.0, a: 1.0 }),
            text: format!("{} {}", track.key, track.class.name()),
        }],
        ..SceneEntity::default()
    }
}

fn pose(position: na::Vector3<f64>, yaw: f64) -> Pose {
    let (z, w) = (yaw / 2.0).sin_cos();
    Pose {
        position: Some(Vector3 { x: position.x, y: position.y, z: position.z }),
        orientation: Some(Quaternion { x: 0.0, y: 0.0, z, w }),
    }
}

/// The page's colours.
fn colour(class: Class) -> Color {
    let rgb: u32 = match class {
        Class::Car => 0x4c_9b_e8,
        Class::Truck | Class::Bus => 0x8a_7f_f0,
        Class::Motorcycle | Class::Bicycle => 0x2f_b6_7c,
        Class::Pedestrian => 0xf2_a3_3a,
        Class::Unknown => 0x9a_a4_ad,
    };
    let channel = |shift: u32| f64::from((rgb >> shift) & 0xff) / 255.0;
    Color { r: channel(16), g: channel(8), b: channel(0), a: 0.9 }
}

/// A moment in Foxglove's form; before 1970 and after 2106 it stops.
pub fn stamp(at: Timestamp) -> foxglove::messages::Timestamp {
    let nanos = at.as_nanos().max(0);
    let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX);
    foxglove::messages::Timestamp::new(seconds, (nanos % 1_000_000_000) as u32)
}

/// Where the unit stands.
pub fn site(at: Timestamp, frame: &EnuFrame) -> LocationFix {
    let origin = frame.origin();
    LocationFix {
        timestamp: Some(stamp(at)),
        frame_id: "enu".to_owned(),
        latitude: origin.lat_deg,
        longitude: origin.lon_deg,
        altitude: origin.alt_m,
        ..LocationFix::default()
    }
}

/// Lanes and crosswalks for the map panel.
pub fn lanes(map: &SiteMap, frame: &EnuFrame) -> GeoJson {
    let line = |points: &[Waypoint]| -> Vec<[f64; 2]> { points.iter().filter_map(|p| lon_lat(p, frame)).collect() };
    let feature = |points: &[Waypoint], properties: serde_json::Value| {
        json!({ "type": "Feature", "properties": properties,
                "geometry": { "type": "LineString", "coordinates": line(points) } })
    };
    let mut features = Vec::new();
    for link in &map.links {
        for lane in &link.lanes {
            let name = format!("{}/{}", link.name, lane.id);
            features.push(feature(&lane.centreline, json!({ "name": name, "kind": lane.kind })));
        }
    }
    for crosswalk in &map.crosswalks {
        features.push(feature(&crosswalk.centreline, json!({ "name": crosswalk.name, "kind": "crosswalk" })));
    }
    GeoJson { geojson: json!({ "type": "FeatureCollection", "features": features }).to_string() }
}

fn lon_lat(point: &Waypoint, frame: &EnuFrame) -> Option<[f64; 2]> {
    let up = point.get(2).copied().unwrap_or(0.0);
    let wgs84 = frame.wgs84_from_enu(na::Vector3::new(*point.first()?, *point.get(1)?, up));
    Some([wgs84.lon_deg, wgs84.lat_deg])
}
