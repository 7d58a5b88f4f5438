//! The calibration file: one TOML file a sensor, `schema = "rsu.calibration/1"`.
//!
//! ```
//! use calibration::file::CalibrationFile;
//! let file = CalibrationFile::parse(r#"
//! schema = "rsu.calibration/1"
//! parent = "enu"
//! child  = "mast"
//! [pose]
//! translation_m = [0.0, 0.0, 4.7]
//! rotation_wxyz = [1.0, 0.0, 0.0, 0.0]
//! sigma = { position_m = 0.02, rotation_deg = 0.1 }
//! "#).unwrap();
//! assert!(file.camera.is_none());
//! ```

mod pose;

use std::fmt::Write as _;
use std::path::Path;

use nalgebra::Matrix6;
use serde::{Deserialize, Serialize};

use crate::camera::{Camera, CameraError, Lens};
use crate::geodesy::{EnuFrame, PlaceError, Wgs84};
use crate::rig::Mounted;

pub use pose::{Pose, Sigma};

/// The value of `schema` in every file of this form.
pub const SCHEMA: &str = "rsu.calibration/1";
/// A calibration file larger than this is refused, bytes.
pub const MAX_BYTES: u64 = 1 << 20;
/// Parent of every sensor: the site frame.
pub const ENU: &str = "enu";

/// What is wrong with a calibration file, where, and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{what}; {help}")]
pub struct CalibrationError {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub help: String,
    /// The key that is wrong, such as `rotation_wxyz`, when one can be named.
    pub key: Option<&'static str>,
    /// Line of the file, from 1, when it is known.
    pub line: Option<usize>,
    /// Column of the file, from 1, when it is known.
    pub column: Option<usize>,
}

/// A calibration file as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationFile {
    /// [`SCHEMA`].
    pub schema: String,
    /// Frame the pose leads to: [`ENU`].
    pub parent: String,
    /// Name of the sensor in the configuration. Its frame is `camera_optical` when there is a `[camera]`, else x forward,
    /// y left, z up.
    pub child: String,
    /// How it was made: `survey-points`, `hand`, `simulated`, ….
    #[serde(default)]
    pub method: String,
    /// When it was made, RFC 3339 UTC.
    #[serde(default)]
    pub date: String,
    /// Hash of what it was made from, such as `sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_hash: Option<String>,
    /// Origin of the `enu` frame it was made in; without one it is that of the site that uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Wgs84>,
    /// Where the sensor is.
    pub pose: Pose,
    /// The lens, for a camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<CameraTable>,
    /// How well the result fits what it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residuals: Option<Residuals>,
}

/// A lens, in pixels of pictures `width` × `height`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraTable {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Focal length across.
    pub fx: f64,
    /// Focal length down.
    pub fy: f64,
    /// Principal point across; the first pixel's centre is 0.
    pub cx: f64,
    /// Principal point down.
    pub cy: f64,
    /// `pinhole`, `brown-conrady` or `kannala-brandt`.
    #[serde(default = "pinhole")]
    pub lens: String,
    /// `[k1, k2, p1, p2, k3]` or `[k1, k2, p1, p2, k3, k4, k5, k6]` for `brown-conrady`, `[k1, k2, k3, k4]` for
    /// `kannala-brandt` (OpenCV's order).
    #[serde(default)]
    pub coefficients: Vec<f64>,
}

fn pinhole() -> String {
    "pinhole".into()
}

/// How well a result fits what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residuals {
    /// Points given.
    pub points: u32,
    /// Points that were not set aside as blunders.
    pub used: u32,
    /// Root mean square over the used points, pixels.
    pub rms_px: f64,
    /// Root mean square error of each used point in a fit without it, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_one_out_px: Option<f64>,
    /// Largest error among the used points, pixels.
    pub max_px: f64,
}

impl CalibrationError {
    fn new(key: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into(), key: Some(key), line: None, column: None }
    }

    pub(crate) fn other_sensor(wanted: &str, found: &str) -> Self {
        let what = format!("this file calibrates the sensor `{found}`, not `{wanted}`");
        Self::new("child", what, format!("point to the file of `{wanted}`, or write child = \"{wanted}\" in it"))
    }

    /// With the line and column at which `key` stands in the text.
    fn located(mut self, text: &str) -> Self {
        let Some(key) = self.key.filter(|_| self.line.is_none()) else { return self };
        let stands = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
                || line.trim_end() == format!("[{key}]")
                || line.contains(&format!("{{ {key} ="))
                || line.contains(&format!(", {key} ="))
        };
        if let Some((index, line)) = text.lines().enumerate().find(|(_, line)| stands(line)) {
            self.line = Some(index + 1);
            self.column = line.find(key).map(|byte| line[..byte].chars().count() + 1);
        }
        self
    }

    fn of_toml(error: &toml::de::Error, text: &str) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        Self {
            what: error.message().trim().replace('\n', "; "),
            help: "see docs/calibration.md for every key of a calibration file".into(),
            key: None,
            line: before.map(|before| before.matches('\n').count() + 1),
            column: before.map(|before| before.rsplit('\n').next().map_or(1, |last| last.chars().count() + 1)),
        }
    }
}

impl CalibrationFile {
    /// A calibration of `child` in `enu` with the facts that every use needs; the rest is empty.
    #[must_use]
    pub fn new(child: &str, method: &str, mounted: &Mounted) -> Self {
        Self {
            schema: SCHEMA.into(),
            parent: ENU.into(),
            child: child.into(),
            method: method.into(),
            date: String::new(),
            input_hash: None,
            origin: None,
            pose: Pose::of(&mounted.enu_from_sensor, &mounted.covariance),
            camera: mounted.camera.as_ref().map(CameraTable::from),
            residuals: None,
        }
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// The file cannot be read, is too large, or see [`CalibrationFile::parse`].
    pub fn read(path: &Path) -> Result<Self, CalibrationError> {
        let unreadable = |what: String| CalibrationError {
            what,
            help: "make it with `rsu calibrate extrinsics`, or correct the path".into(),
            key: None,
            line: None,
            column: None,
        };
        let size = std::fs::metadata(path).map_err(|e| unreadable(format!("cannot be read: {e}")))?.len();
        if size > MAX_BYTES {
            return Err(unreadable(format!("has {size} bytes, a calibration file has at most {MAX_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(format!("cannot be read: {e}")))?;
        Self::parse(&text)
    }

    /// Reads and checks the text of a file: every number is usable when this returns.
    ///
    /// # Errors
    /// What is wrong, at which line, and what to do: no TOML, unknown or missing keys, NaN, a quaternion that is not of unit
    /// length, a covariance that is none, an impossible camera.
    pub fn parse(text: &str) -> Result<Self, CalibrationError> {
        let file: Self = toml::from_str(text).map_err(|error| CalibrationError::of_toml(&error, text))?;
        file.check().map_err(|error| error.located(text))?;
        Ok(file)
    }

    /// Refuses numbers that describe no sensor.
    ///
    /// # Errors
    /// See [`CalibrationFile::parse`].
    pub fn check(&self) -> Result<(), CalibrationError> {
        if self.schema != SCHEMA {
            let what = format!("schema is `{}`, this version reads `{SCHEMA}`", self.schema);
            return Err(CalibrationError::new("schema", what, "make the file again with `rsu calibrate extrinsics`"));
        }
        if self.parent != ENU {
            let what = format!("parent is `{}`", self.parent);
            return Err(CalibrationError::new(
                "parent",
                what,
                "every sensor is placed in the site frame: parent = \"enu\"",
            ));
        }
        if let Some(origin) = &self.origin {
            origin.check().map_err(|error| {
                let key = match error {
                    PlaceError::Latitude(_) => "lat_deg",
                    PlaceError::Longitude(_) => "lon_deg",
                    PlaceError::Height(_) => "alt_m",
                };
                CalibrationError::new(key, error.to_string(), "give the WGS-84 origin of the site, degrees and metres")
            })?;
        }
        self.pose.isometry()?;
        self.pose.covariance_matrix()?;
        if let Some(table) = &self.camera {
            table.camera()?;
        }
        Ok(())
    }

    /// The sensor in its place in `frame`. A file made for another ENU origin is carried over exactly; one that names no
    /// origin was made for this one.
    ///
    /// # Errors
    /// See [`CalibrationFile::parse`].
    pub fn mounted(&self, frame: &EnuFrame) -> Result<Mounted, CalibrationError> {
        self.check()?;
        let (mut pose, mut covariance) = (self.pose.isometry()?, self.pose.covariance_matrix()?);
        if let Some(origin) = self.origin.filter(|origin| *origin != frame.origin()) {
            let carry = frame.self_from(&EnuFrame::new(origin));
            let turn = carry.rotation.to_rotation_matrix();
            let mut both = Matrix6::zeros();
            both.fixed_view_mut::<3, 3>(0, 0).copy_from(turn.matrix());
            both.fixed_view_mut::<3, 3>(3, 3).copy_from(turn.matrix());
            pose = carry * pose;
            covariance = both * covariance * both.transpose();
        }
        let camera = self.camera.as_ref().map(CameraTable::camera).transpose()?;
        Ok(Mounted { enu_from_sensor: pose, covariance, camera })
    }

    /// The file's text, for people and for [`CalibrationFile::parse`].
    #[must_use]
    pub fn to_toml(&self) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let mut out = String::from("# Where a sensor stands and how well that is known: docs/calibration.md\n");
        let mut line = |key: &str, value: String| {
            let _ = writeln!(out, "{key:<13} = {value}");
        };
        line("schema", text(&self.schema));
        line("parent", text(&self.parent));
        line("child", text(&self.child));
        line("method", text(&self.method));
        line("date", text(&self.date));
        if let Some(hash) = &self.input_hash {
            line("input_hash", text(hash));
        }
        if let Some(o) = &self.origin {
            let _ = writeln!(
                out,
                "\n[origin]  # WGS-84 zero of the enu frame\nlat_deg = {:?}\nlon_deg = {:?}\nalt_m   = {:?}",
                o.lat_deg, o.lon_deg, o.alt_m
            );
        }
        out.push_str(&self.pose.to_toml());
        if let Some(camera) = &self.camera {
            out.push_str(&camera.to_toml());
        }
        if let Some(r) = &self.residuals {
            let _ = writeln!(out, "\n[residuals]\npoints = {}\nused   = {}\nrms_px = {:?}", r.points, r.used, r.rms_px);
            if let Some(loo) = r.leave_one_out_px {
                let _ = writeln!(out, "leave_one_out_px = {loo:?}");
            }
            let _ = writeln!(out, "max_px = {:?}", r.max_px);
        }
        out
    }
}

/// Numbers as TOML writes them (`nan`, not `NaN`).
fn numbers(values: &[f64]) -> String {
    toml::Value::from(values.to_vec()).to_string()
}

impl From<&Camera> for CameraTable {
    fn from(camera: &Camera) -> Self {
        Self {
            width: camera.width(),
            height: camera.height(),
            fx: camera.focal().x,
            fy: camera.focal().y,
            cx: camera.centre().x,
            cy: camera.centre().y,
            lens: camera.lens().name().into(),
            coefficients: camera.lens().coefficients().to_vec(),
        }
    }
}

impl CameraTable {
    /// The camera that the table describes.
    ///
    /// # Errors
    /// An unknown lens, a wrong number of coefficients, or an impossible camera.
    pub fn camera(&self) -> Result<Camera, CalibrationError> {
        let lens = match (self.lens.as_str(), self.coefficients.as_slice()) {
            ("pinhole", []) => Lens::Pinhole,
            ("brown-conrady", &[k1, k2, p1, p2, k3]) => Lens::BrownConrady([k1, k2, p1, p2, k3]),
            ("brown-conrady", &[k1, k2, p1, p2, k3, k4, k5, k6]) => Lens::Rational([k1, k2, p1, p2, k3, k4, k5, k6]),
            ("kannala-brandt", &[k1, k2, k3, k4]) => Lens::KannalaBrandt([k1, k2, k3, k4]),
            ("pinhole" | "brown-conrady" | "kannala-brandt", found) => {
                let what = format!("the lens `{}` has {} coefficients", self.lens, found.len());
                let help =
                    "pinhole has 0, brown-conrady 5 or 8 (k1 k2 p1 p2 k3 [k4 k5 k6]), kannala-brandt 4 (k1 k2 k3 k4)";
                return Err(CalibrationError::new("coefficients", what, help));
            }
            (other, _) => {
                let what = format!("the lens `{other}` is not known");
                return Err(CalibrationError::new("lens", what, "use pinhole, brown-conrady or kannala-brandt"));
            }
        };
        Camera::new((self.width, self.height), (self.fx, self.fy), (self.cx, self.cy), lens).map_err(|error| {
            let key = match error {
                CameraError::Size(..) => "width",
                CameraError::FocalLength { name, .. } | CameraError::PrincipalPoint { name, .. } => name,
                CameraError::Coefficient(_) => "coefficients",
            };
            CalibrationError::new(key, error.to_string(), "calibrate the lens again, or correct the number")
        })
    }

    fn to_toml(&self) -> String {
        format!(
            "\n[camera]  # pixels; the centre of the first pixel is (0, 0)\nwidth  = {}\nheight = {}\nfx = {:?}\nfy = {:?}\ncx = {:?}\ncy = {:?}\nlens = {:?}\ncoefficients = {:?}\n",
            self.width, self.height, self.fx, self.fy, self.cx, self.cy, self.lens, self.coefficients
        )
    }
}

#[cfg(test)]
mod tests;
