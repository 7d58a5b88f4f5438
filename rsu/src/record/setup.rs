//! What a unit was made of, as three attachments of a recording, and back.

use std::collections::BTreeMap;

use calibration::camera::{Camera, CameraError, Lens};
use calibration::geodesy::{EnuFrame, Wgs84};
use calibration::ground::Ground;
use calibration::rig::{Mounted, Rig};
use nalgebra::{Isometry3, Matrix6};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::site_map::SiteMap;
use crate::station::Setup;

/// Names of the attachments.
pub const CONFIG: &str = "config.json";
/// See [`CONFIG`].
pub const MAP: &str = "map.json";
/// See [`CONFIG`].
pub const RIG: &str = "rig.json";

/// The attachments by name.
pub type Attachments = BTreeMap<String, Vec<u8>>;

/// Why a unit cannot be made from attachments.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// It is not there.
    #[error("the recording has no attachment `{0}`: it was not made by `rsu run --record`")]
    Missing(&'static str),
    /// It cannot be read.
    #[error("attachment `{name}` of the recording cannot be read: {why}")]
    Unreadable {
        /// Which.
        name: &'static str,
        /// What is wrong.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct RigText {
    origin: Wgs84,
    ground: Ground,
    sensors: BTreeMap<String, MountedText>,
}

#[derive(Serialize, Deserialize)]
struct MountedText {
    enu_from_sensor: Isometry3<f64>,
    covariance: Matrix6<f64>,
    camera: Option<CameraText>,
}

#[derive(Serialize, Deserialize)]
struct CameraText {
    size: (u32, u32),
    focal: (f64, f64),
    centre: (f64, f64),
    lens: String,
    coefficients: Vec<f64>,
}

/// A unit as attachments.
///
/// # Errors
/// When a value has no form in JSON (a number that is not finite).
pub fn to_attachments(setup: &Setup) -> Result<Attachments, serde_json::Error> {
    let mut all = Attachments::new();
    all.insert(CONFIG.to_owned(), serde_json::to_vec_pretty(&setup.config)?);
    if let Some(map) = &setup.map {
        all.insert(MAP.to_owned(), serde_json::to_vec_pretty(map)?);
    }
    all.insert(RIG.to_owned(), serde_json::to_vec_pretty(&RigText::from(&setup.rig))?);
    Ok(all)
}

/// A unit from attachments.
///
/// # Errors
/// When one is missing, or not what it should be.
pub fn from_attachments(all: &Attachments) -> Result<Setup, SetupError> {
    let config: Config = read(all, CONFIG)?.ok_or(SetupError::Missing(CONFIG))?;
    let map: Option<SiteMap> = read(all, MAP)?;
    let rig: RigText = read(all, RIG)?.ok_or(SetupError::Missing(RIG))?;
    let rig = rig.try_into().map_err(|e: CameraError| SetupError::Unreadable { name: RIG, why: e.to_string() })?;
    Ok(Setup { config, map, rig })
}

/// The unit as its recording will describe it: text does not keep the last bit of every number, so the live unit is made
/// from what is written too.
///
/// # Errors
/// As [`from_attachments`].
pub fn as_written(setup: &Setup) -> Result<Setup, SetupError> {
    let unreadable = |e: serde_json::Error| SetupError::Unreadable { name: CONFIG, why: e.to_string() };
    from_attachments(&to_attachments(setup).map_err(unreadable)?)
}

fn read<T: serde::de::DeserializeOwned>(all: &Attachments, name: &'static str) -> Result<Option<T>, SetupError> {
    let parse = |bytes: &Vec<u8>| {
        serde_json::from_slice(bytes).map_err(|e| SetupError::Unreadable { name, why: e.to_string() })
    };
    all.get(name).map(parse).transpose()
}

impl From<&Rig> for RigText {
    fn from(rig: &Rig) -> Self {
        let sensors = rig.sensors.iter().map(|(name, mounted)| (name.clone(), mounted.into())).collect();
        Self { origin: rig.frame.origin(), ground: rig.ground, sensors }
    }
}

impl From<&Mounted> for MountedText {
    fn from(mounted: &Mounted) -> Self {
        let camera = mounted.camera.as_ref().map(|camera| CameraText {
            size: (camera.width(), camera.height()),
            focal: (camera.focal().x, camera.focal().y),
            centre: (camera.centre().x, camera.centre().y),
            lens: camera.lens().name().to_owned(),
            coefficients: camera.lens().coefficients().to_vec(),
        });
        Self { enu_from_sensor: mounted.enu_from_sensor, covariance: mounted.covariance, camera }
    }
}

impl TryFrom<RigText> for Rig {
    type Error = CameraError;

    fn try_from(text: RigText) -> Result<Self, CameraError> {
        let mut rig = Rig::new(EnuFrame::new(text.origin), text.ground);
        for (name, mounted) in text.sensors {
            let camera = mounted.camera.map(Camera::try_from).transpose()?;
            let MountedText { enu_from_sensor, covariance, .. } = mounted;
            rig.sensors.insert(name, Mounted { enu_from_sensor, covariance, camera });
        }
        Ok(rig)
    }
}

impl TryFrom<CameraText> for Camera {
    type Error = CameraError;

    fn try_from(text: CameraText) -> Result<Self, CameraError> {
        let k = |i: usize| text.coefficients.get(i).copied().unwrap_or(0.0);
        let of_name = [
            Lens::Pinhole,
            Lens::BrownConrady(std::array::from_fn(k)),
            Lens::Rational(std::array::from_fn(k)),
            Lens::KannalaBrandt(std::array::from_fn(k)),
        ];
        let lens = of_name.into_iter().find(|lens| lens.name() == text.lens).unwrap_or(Lens::Pinhole);
        Camera::new(text.size, text.focal, text.centre, lens)
    }
}

#[cfg(test)]
mod tests {
    use calibration::geodesy::Heading;
    use calibration::rig::enu_from_camera_looking;
    use nalgebra::Vector3;

    use super::*;

    fn setup() -> Setup {
        let text = "[site]\nid = \"x01\"\norigin = { lat_deg = 31.284156, lon_deg = 121.50321, alt_m = 4.2 }";
        let config: Config = toml::from_str(text).expect("a configuration");
        let frame = EnuFrame::new(Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 4.2 });
        let mut rig = Rig::new(frame, Ground { slope_east: 0.012, ..Ground::default() });
        for (name, lens) in [
            ("pinhole", Lens::Pinhole),
            ("plain", Lens::BrownConrady([-0.31, 0.1, 1e-4, -2e-4, 0.01])),
            ("wide", Lens::Rational([-0.3, 0.1, 0.0, 0.0, 0.01, 0.1, 0.02, 0.003])),
            ("fish", Lens::KannalaBrandt([0.01, -0.02, 0.003, 0.0004])),
        ] {
            let camera = Camera::new((1920, 1080), (1400.0, 1401.5), (959.5, 539.5), lens).expect("a camera");
            let pose = enu_from_camera_looking(Vector3::new(-9.1, 3.3, 7.7), Heading::from_deg(101.0), 0.31);
            let mounted =
                Mounted { enu_from_sensor: pose, covariance: Matrix6::identity() * 1e-4, camera: Some(camera) };
            rig.sensors.insert(name.to_owned(), mounted);
        }
        Setup { config, map: None, rig }
    }

    #[test]
    fn a_unit_made_from_attachments_makes_the_same_attachments() {
        let written = as_written(&setup()).expect("readable");
        assert_eq!(written.config, setup().config);
        assert_eq!(written.rig.sensors.len(), 4);
        for (name, mounted) in &setup().rig.sensors {
            let (a, b) = (&written.rig.sensors[name].camera.expect("a camera"), &mounted.camera.expect("a camera"));
            assert_eq!(a.lens().name(), b.lens().name());
        }
        let again = as_written(&written).expect("readable");
        assert_eq!(to_attachments(&again).expect("JSON"), to_attachments(&written).expect("JSON"));
    }

    #[test]
    fn a_recording_of_somebody_else_is_refused_by_name() {
        let error = from_attachments(&Attachments::new()).expect_err("nothing there");
        assert!(error.to_string().contains("config.json"), "{error}");
        let mut all = to_attachments(&setup()).expect("JSON");
        all.insert(RIG.to_owned(), b"{]".to_vec());
        let error = from_attachments(&all).expect_err("no JSON");
        assert!(error.to_string().contains("rig.json"), "{error}");
    }
}
