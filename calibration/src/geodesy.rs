//! The earth: WGS-84 ⇄ ECEF ⇄ ENU, and heading ⇄ yaw.
//!
//! Degrees live only in [`Wgs84`] and [`Heading`]; everything else is metres and radians. An [`EnuFrame`] is the plane
//! that touches the ellipsoid's normal at its origin: `enu` z is height above that plane, not above the ellipsoid (they
//! differ by 0.8 mm at 100 m and 8 cm at 1 km).

use std::f64::consts::{PI, TAU};

use nalgebra::{Isometry3, Matrix3, Rotation3, Translation3, UnitQuaternion, Vector3};
use serde::{Deserialize, Serialize};

/// Semi-major axis of the WGS-84 ellipsoid, metres (NGA.STND.0036, table 3.1).
const A: f64 = 6_378_137.0;
/// Flattening of the WGS-84 ellipsoid (same table).
const F: f64 = 1.0 / 298.257_223_563;
/// First eccentricity squared.
const E2: f64 = F * (2.0 - F);

/// A point on or above the WGS-84 ellipsoid.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wgs84 {
    /// Latitude, degrees north, −90..90.
    pub lat_deg: f64,
    /// Longitude, degrees east, −180..180.
    pub lon_deg: f64,
    /// Height above the ellipsoid, metres (not above sea level).
    #[serde(default)]
    pub alt_m: f64,
}

/// Earth-centred, earth-fixed coordinates, metres.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ecef {
    /// Towards latitude 0, longitude 0.
    pub x: f64,
    /// Towards latitude 0, longitude 90 east.
    pub y: f64,
    /// Towards the north pole.
    pub z: f64,
}

/// The numbers are no place on earth.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlaceError {
    /// Latitude out of range or not a number.
    #[error("latitude {0} is not between -90 and 90 degrees; are latitude and longitude swapped?")]
    Latitude(f64),
    /// Longitude out of range or not a number.
    #[error("longitude {0} is not between -180 and 180 degrees")]
    Longitude(f64),
    /// Height out of range or not a number.
    #[error("height {0} m is not between -1000 and 10000 m; give metres above the WGS-84 ellipsoid")]
    Height(f64),
}

impl Wgs84 {
    /// Refuses what is no place on a road: NaN, swapped or out-of-range numbers.
    ///
    /// # Errors
    /// Which number is wrong.
    pub fn check(&self) -> Result<(), PlaceError> {
        if !(-90.0..=90.0).contains(&self.lat_deg) {
            return Err(PlaceError::Latitude(self.lat_deg));
        }
        if !(-180.0..=180.0).contains(&self.lon_deg) {
            return Err(PlaceError::Longitude(self.lon_deg));
        }
        if !(-1000.0..=10_000.0).contains(&self.alt_m) {
            return Err(PlaceError::Height(self.alt_m));
        }
        Ok(())
    }
}

impl From<Wgs84> for Ecef {
    fn from(p: Wgs84) -> Self {
        let (sin_lat, cos_lat) = p.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = p.lon_deg.to_radians().sin_cos();
        let n = A / (1.0 - E2 * sin_lat * sin_lat).sqrt();
        Self {
            x: (n + p.alt_m) * cos_lat * cos_lon,
            y: (n + p.alt_m) * cos_lat * sin_lon,
            z: (n * (1.0 - E2) + p.alt_m) * sin_lat,
        }
    }
}

impl From<Ecef> for Wgs84 {
    /// Bowring's latitude (Survey Review 28, 1985), repeated until it stands still: three rounds reach the last bit
    /// anywhere within thousands of kilometres of the ellipsoid.
    fn from(p: Ecef) -> Self {
        let across = p.x.hypot(p.y);
        let b = A * (1.0 - F);
        let second_e2 = E2 / (1.0 - E2);
        let mut reduced = (p.z * A).atan2(across * b);
        let mut lat = 0.0;
        for _ in 0..3 {
            let (s, c) = reduced.sin_cos();
            lat = f64::atan2(p.z + second_e2 * b * s.powi(3), across - E2 * A * c.powi(3));
            reduced = f64::atan2((1.0 - F) * lat.sin(), lat.cos());
        }
        let (sin_lat, cos_lat) = lat.sin_cos();
        let height = across * cos_lat + p.z * sin_lat - A * (1.0 - E2 * sin_lat * sin_lat).sqrt();
        Self { lat_deg: lat.to_degrees(), lon_deg: p.y.atan2(p.x).to_degrees(), alt_m: height }
    }
}

/// The site frame `enu`: x east, y north, z up, metres, at a WGS-84 origin.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct EnuFrame {
    origin: Wgs84,
    origin_ecef: Vector3<f64>,
    enu_from_ecef: Rotation3<f64>,
}

impl EnuFrame {
    /// The frame that stands upright at `origin`.
    ///
    /// ```
    /// use calibration::geodesy::{EnuFrame, Wgs84};
    /// let frame = EnuFrame::new(Wgs84 { lat_deg: 31.284156, lon_deg: 121.503210, alt_m: 4.2 });
    /// let north = frame.enu_from_wgs84(Wgs84 { lat_deg: 31.285156, lon_deg: 121.503210, alt_m: 4.2 });
    /// assert!((north.y - 110.87).abs() < 0.01 && north.x.abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn new(origin: Wgs84) -> Self {
        let ecef = Ecef::from(origin);
        let (sin_lat, cos_lat) = origin.lat_deg.to_radians().sin_cos();
        let (sin_lon, cos_lon) = origin.lon_deg.to_radians().sin_cos();
        #[rustfmt::skip]
        let rows = Matrix3::new(
            -sin_lon,            cos_lon,            0.0,
            -sin_lat * cos_lon, -sin_lat * sin_lon,  cos_lat,
             cos_lat * cos_lon,  cos_lat * sin_lon,  sin_lat,
        );
        Self {
            origin,
            origin_ecef: Vector3::new(ecef.x, ecef.y, ecef.z),
            enu_from_ecef: Rotation3::from_matrix_unchecked(rows),
        }
    }

    /// Where the frame's zero is.
    #[must_use]
    pub fn origin(&self) -> Wgs84 {
        self.origin
    }

    /// A point on earth in this frame, metres.
    #[must_use]
    pub fn enu_from_wgs84(&self, point: Wgs84) -> Vector3<f64> {
        self.enu_from_ecef(point.into())
    }

    /// An earth-centred point in this frame, metres.
    #[must_use]
    pub fn enu_from_ecef(&self, point: Ecef) -> Vector3<f64> {
        self.enu_from_ecef * (Vector3::new(point.x, point.y, point.z) - self.origin_ecef)
    }

    /// A point of this frame (metres) on earth.
    #[must_use]
    pub fn wgs84_from_enu(&self, point: Vector3<f64>) -> Wgs84 {
        let ecef = self.enu_from_ecef.inverse() * point + self.origin_ecef;
        Ecef { x: ecef.x, y: ecef.y, z: ecef.z }.into()
    }

    /// Takes a point of another site's frame into this one; exact, for units of one corridor.
    #[must_use]
    pub fn self_from(&self, other: &EnuFrame) -> Isometry3<f64> {
        let rotation = self.enu_from_ecef * other.enu_from_ecef.inverse();
        let shift = self.enu_from_ecef * (other.origin_ecef - self.origin_ecef);
        Isometry3::from_parts(Translation3::from(shift), UnitQuaternion::from_rotation_matrix(&rotation))
    }
}

/// Direction as vehicles say it (SAE, CSAE): degrees clockwise from north, 0..360.
#[derive(Copy, Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Heading(f64);

/// Direction as mathematics says it (REP-103): radians counter-clockwise from east, −π..π.
#[derive(Copy, Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Yaw(f64);

impl Heading {
    /// From degrees clockwise from north; any turn count.
    #[must_use]
    pub fn from_deg(deg: f64) -> Self {
        let wrapped = deg.rem_euclid(360.0);
        Self(if wrapped >= 360.0 { 0.0 } else { wrapped })
    }

    /// Degrees clockwise from north, 0 ≤ value < 360.
    #[must_use]
    pub fn deg(self) -> f64 {
        self.0
    }
}

impl Yaw {
    /// From radians counter-clockwise from east; any turn count.
    #[must_use]
    pub fn from_rad(rad: f64) -> Self {
        let wrapped = (rad + PI).rem_euclid(TAU) - PI;
        Self(if wrapped >= PI { -PI } else { wrapped })
    }

    /// Radians counter-clockwise from east, −π ≤ value < π.
    #[must_use]
    pub fn rad(self) -> f64 {
        self.0
    }
}

impl From<Yaw> for Heading {
    fn from(yaw: Yaw) -> Self {
        Self::from_deg(90.0 - yaw.0.to_degrees())
    }
}

impl From<Heading> for Yaw {
    fn from(heading: Heading) -> Self {
        Self::from_rad((90.0 - heading.0).to_radians())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geodesy::prelude::*;
    use proptest::prelude::*;

    fn place(lat_deg: f64, lon_deg: f64, alt_m: f64) -> Wgs84 {
        Wgs84 { lat_deg, lon_deg, alt_m }
    }

    #[test]
    fn ecef_agrees_with_the_geodesy_crate() {
        let mut context = Minimal::new();
        let cart = context.op("cart ellps=WGS84").unwrap();
        for lat in [-90.0, -89.999, -45.0, -1e-9, 0.0, 12.5, 31.284156, 60.0, 89.999, 90.0] {
            for (lon, alt) in [(0.0, 0.0), (121.50321, 4.2), (-179.9, 8848.0), (180.0, -430.0)] {
                let mut theirs = [Coor4D::geo(lat, lon, alt, 0.0)];
                context.apply(cart, Fwd, &mut theirs).unwrap();
                let ours = Ecef::from(place(lat, lon, alt));
                let apart = (ours.x - theirs[0][0]).hypot(ours.y - theirs[0][1]).hypot(ours.z - theirs[0][2]);
                assert!(apart < 1e-8, "{lat} {lon} {alt}: {apart} m apart");
                let back = Wgs84::from(ours);
                context.apply(cart, Inv, &mut theirs).unwrap();
                let (their_lon, their_lat, their_alt) = theirs[0].xyz_to_degrees();
                assert!((back.lat_deg - their_lat).abs() < 1e-10, "{lat}: {} {their_lat}", back.lat_deg);
                assert!((back.alt_m - their_alt).abs() < 1e-6, "{lat} {alt}: {} {their_alt}", back.alt_m);
                let turn = (back.lon_deg - their_lon).rem_euclid(360.0);
                assert!(lat.abs() > 89.9999 || turn.min(360.0 - turn) < 1e-10, "{lon}: {} {their_lon}", back.lon_deg);
            }
        }
    }

    #[test]
    fn east_north_and_up_point_there() {
        let here = place(31.284156, 121.50321, 4.2);
        let frame = EnuFrame::new(here);
        let (east, north, up) = (
            frame.enu_from_wgs84(place(31.284156, 121.50331, 4.2)),
            frame.enu_from_wgs84(place(31.284256, 121.50321, 4.2)),
            frame.enu_from_wgs84(place(31.284156, 121.50321, 14.2)),
        );
        assert!((east.x - 9.522).abs() < 1e-3 && east.yz().norm() < 1e-4, "{east}");
        assert!((north.y - 11.087).abs() < 1e-3 && north.xz().norm() < 1e-4, "{north}");
        assert!((up - Vector3::new(0.0, 0.0, 10.0)).norm() < 1e-8, "{up}");
    }

    #[test]
    fn swapped_latitude_and_longitude_are_noticed() {
        let error = place(121.50321, 31.284156, 4.2).check().unwrap_err();
        assert!(error.to_string().contains("swapped"), "{error}");
        assert!(place(f64::NAN, 0.0, 0.0).check().is_err());
        assert!(place(0.0, f64::INFINITY, 0.0).check().is_err());
        assert!(place(0.0, 0.0, 1e9).check().is_err());
    }

    #[test]
    fn headings_and_yaws_agree_at_the_four_winds() {
        for (heading, yaw) in [(0.0, PI / 2.0), (90.0, 0.0), (180.0, -PI / 2.0), (270.0, -PI)] {
            assert!((Yaw::from(Heading::from_deg(heading)).rad() - yaw).abs() < 1e-12, "{heading}");
            assert!((Heading::from(Yaw::from_rad(yaw)).deg() - heading).abs() < 1e-9, "{heading}");
        }
        assert_eq!(Heading::from_deg(-1e-18).deg(), 0.0);
        assert_eq!(Heading::from_deg(720.0).deg(), 0.0);
    }

    proptest! {
        #[test]
        fn earth_and_site_are_there_and_back(
            lat in -89.0..89.0f64, lon in -180.0..180.0f64, alt in -400.0..5000.0f64,
            enu in prop::array::uniform3(-5000.0..5000.0f64),
        ) {
            let frame = EnuFrame::new(place(lat, lon, alt));
            let there = frame.wgs84_from_enu(enu.into());
            prop_assert!((frame.enu_from_wgs84(there) - Vector3::from(enu)).norm() < 1e-6);
        }

        #[test]
        fn a_neighbours_frame_carries_over_exactly(
            lat in -80.0..80.0f64, lon in -180.0..180.0f64, enu in prop::array::uniform3(-500.0..500.0f64),
        ) {
            let here = EnuFrame::new(place(lat, lon, 10.0));
            let there = EnuFrame::new(place(lat + 0.004, lon + 0.003, 25.0));
            let carried = here.self_from(&there) * nalgebra::Point3::from(enu);
            let through_earth = here.enu_from_wgs84(there.wgs84_from_enu(enu.into()));
            prop_assert!((carried.coords - through_earth).norm() < 1e-6);
        }

        #[test]
        fn heading_and_yaw_are_there_and_back(deg in -1000.0..1000.0f64) {
            let heading = Heading::from_deg(deg);
            prop_assert!((0.0..360.0).contains(&heading.deg()));
            let apart = (Heading::from(Yaw::from(heading)).deg() - heading.deg()).abs();
            prop_assert!(apart < 1e-9 || (apart - 360.0).abs() < 1e-9);
        }
    }
}
