//! `geoReference`: where on earth the coordinates of an OpenDRIVE file are. Read are PROJ strings of the transverse Mercator
//! projection, UTM included; that is what the files of map makers have.

use std::collections::BTreeMap;

use calibration::geodesy::{EnuFrame, Wgs84};
use roxmltree::Node;

use super::road::{children, number};

/// Semi-major axis and flattening of WGS-84, metres. GRS80 differs from it by a tenth of a millimetre.
const AXIS_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Third flattening.
const N: f64 = FLATTENING / (2.0 - FLATTENING);
/// Radius of the sphere with the same meridian (Krüger 1912, to the fourth order).
const RADIUS_M: f64 = AXIS_M / (1.0 + N) * (1.0 + N * N / 4.0 + N * N * N * N / 64.0);
/// Coefficients of Krüger's series, by order: conformal sphere to plane, plane to conformal sphere, and conformal to
/// geographic latitude.
const FORTH: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N * N + 5.0 / 16.0 * N * N * N + 41.0 / 180.0 * N * N * N * N,
    13.0 / 48.0 * N * N - 3.0 / 5.0 * N * N * N + 557.0 / 1440.0 * N * N * N * N,
    61.0 / 240.0 * N * N * N - 103.0 / 140.0 * N * N * N * N,
    49_561.0 / 161_280.0 * N * N * N * N,
];
const BACK: [f64; 4] = [
    N / 2.0 - 2.0 / 3.0 * N * N + 37.0 / 96.0 * N * N * N - N * N * N * N / 360.0,
    N * N / 48.0 + N * N * N / 15.0 - 437.0 / 1440.0 * N * N * N * N,
    17.0 / 480.0 * N * N * N - 37.0 / 840.0 * N * N * N * N,
    4_397.0 / 161_280.0 * N * N * N * N,
];
const LATITUDE: [f64; 4] = [
    2.0 * N - 2.0 / 3.0 * N * N - 2.0 * N * N * N + 116.0 / 45.0 * N * N * N * N,
    7.0 / 3.0 * N * N - 8.0 / 5.0 * N * N * N - 227.0 / 45.0 * N * N * N * N,
    56.0 / 15.0 * N * N * N - 136.0 / 35.0 * N * N * N * N,
    4_279.0 / 630.0 * N * N * N * N,
];

/// A transverse Mercator projection.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Projection {
    lon_0_deg: f64,
    scale: f64,
    x_0: f64,
    y_0: f64,
    /// Northing of the parallel of origin on the sphere, radians.
    xi_0: f64,
}

/// The text that a file has for a plane that touches the earth at `origin`.
#[must_use]
pub fn at(origin: Wgs84) -> String {
    let Wgs84 { lat_deg, lon_deg, .. } = origin;
    format!("+proj=tmerc +lat_0={lat_deg} +lon_0={lon_deg} +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs")
}

impl Projection {
    /// Reads a PROJ string.
    ///
    /// # Errors
    /// What is not understood, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        let words = text.split_whitespace().map(|word| word.trim_start_matches('+'));
        let words: BTreeMap<&str, &str> = words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect();
        let number = |key: &str, default: f64| match words.get(key) {
            None => Ok(default),
            Some(text) => {
                let value = text.parse().ok().filter(|value: &f64| value.is_finite());
                value.ok_or_else(|| format!("`{key}` is `{text}`, expected a number"))
            }
        };
        for (key, good) in [("ellps", ["WGS84", "GRS80"]), ("datum", ["WGS84", "WGS84"]), ("units", ["m", "m"])] {
            if let Some(found) = words.get(key).filter(|found| !good.contains(found)) {
                return Err(format!("`{key}` is `{found}`, expected `{}`", good[0]));
            }
        }
        match words.get("proj") {
            Some(&"utm") => {
                let zone = number("zone", 0.0)?;
                if zone.fract() != 0.0 || !(1.0..=60.0).contains(&zone) {
                    return Err(format!("the UTM zone is {zone}, expected 1 to 60"));
                }
                let y_0 = if words.contains_key("south") { 10_000_000.0 } else { 0.0 };
                Self::new(0.0, zone * 6.0 - 183.0, 0.9996, [500_000.0, y_0])
            }
            // Some writers give the origin and take the projection for granted.
            None if words.contains_key("lat_0") && words.contains_key("lon_0") => Self::tmerc(number),
            Some(&"tmerc") => Self::tmerc(number),
            Some(other) => Err(format!("the projection is `{other}`, expected `tmerc` or `utm`")),
            None => Err("it is no PROJ string with `+proj=tmerc` or `+proj=utm`".to_owned()),
        }
    }

    fn tmerc(number: impl Fn(&str, f64) -> Result<f64, String>) -> Result<Self, String> {
        let scale = number("k_0", number("k", 1.0)?)?;
        Self::new(number("lat_0", 0.0)?, number("lon_0", 0.0)?, scale, [number("x_0", 0.0)?, number("y_0", 0.0)?])
    }

    fn new(lat_0_deg: f64, lon_0_deg: f64, scale: f64, [x_0, y_0]: [f64; 2]) -> Result<Self, String> {
        if lat_0_deg.abs() > 90.0 || lon_0_deg.abs() > 180.0 || !(0.5..=2.0).contains(&scale) {
            return Err(format!("{lat_0_deg}° north, {lon_0_deg}° east with scale {scale} is no origin on earth"));
        }
        let latitude = lat_0_deg.to_radians();
        let e = (FLATTENING * (2.0 - FLATTENING)).sqrt();
        let conformal = (latitude.tan().asinh() - e * (e * latitude.sin()).atanh()).sinh().atan();
        let xi_0 = conformal + series(&FORTH, |angle| (angle * conformal).sin());
        Ok(Self { lon_0_deg, scale, x_0, y_0, xi_0 })
    }

    /// Where on the ellipsoid a point of the plane is (metres). None: too far from the central meridian.
    #[must_use]
    pub fn place(&self, [x, y]: [f64; 2]) -> Option<Wgs84> {
        let radius = RADIUS_M * self.scale;
        let (xi, eta) = ((y - self.y_0) / radius + self.xi_0, (x - self.x_0) / radius);
        if xi.abs() > std::f64::consts::FRAC_PI_2 || eta.abs() > 0.6 || !(xi + eta).is_finite() {
            return None;
        }
        let north = xi - series(&BACK, |angle| (angle * xi).sin() * (angle * eta).cosh());
        let east = eta - series(&BACK, |angle| (angle * xi).cos() * (angle * eta).sinh());
        let conformal = (north.sin() / east.cosh()).asin();
        let latitude = conformal + series(&LATITUDE, |angle| (angle * conformal).sin());
        let lon_deg = self.lon_0_deg + east.sinh().atan2(north.cos()).to_degrees();
        let lon_deg = (lon_deg + 180.0).rem_euclid(360.0) - 180.0;
        Some(Wgs84 { lat_deg: latitude.to_degrees(), lon_deg, alt_m: 0.0 })
    }
}

/// The sum of a series over the angles 2, 4, 6, 8.
fn series(coefficients: &[f64; 4], term: impl Fn(f64) -> f64) -> f64 {
    coefficients.iter().zip([2.0, 4.0, 6.0, 8.0]).map(|(coefficient, angle)| coefficient * term(angle)).sum()
}

/// The file's plane, and where it is on earth.
pub(super) struct Ground {
    origin: [f64; 2],
    /// `offset` of the header: shift and turn between the file's numbers and the projection's.
    shift: [f64; 3],
    frame: Option<(Projection, EnuFrame)>,
}

impl Ground {
    pub(super) fn of(root: Node, origin: [f64; 2], notes: &mut Vec<String>) -> Self {
        let header = children(root, "header").next();
        let offset = header.and_then(|h| children(h, "offset").next());
        let value = |name| offset.and_then(|o| number(o, name).ok()).unwrap_or(0.0);
        let mut ground = Self { origin, shift: [value("x"), value("y"), value("hdg")], frame: None };
        let text = header.and_then(|h| children(h, "geoReference").next()).and_then(|g| g.text()).map(str::trim);
        let Some(text) = text.filter(|text| !text.is_empty()) else { return ground };
        match Projection::read(text).and_then(|projection| {
            let place = projection.place(ground.projected(origin));
            let place = place.ok_or("the crossing is too far from the projection's meridian")?;
            Ok((projection, EnuFrame::new(place)))
        }) {
            Ok(frame) => ground.frame = Some(frame),
            Err(why) => notes.push(format!("geoReference: {why}; the place of the map is not known")),
        }
        ground
    }

    /// Where the origin is on earth, when that is known.
    pub(super) fn place(&self) -> Option<Wgs84> {
        self.frame.as_ref().map(|(_, frame)| frame.origin())
    }

    fn projected(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [east, north, turn] = self.shift;
        [x * turn.cos() - y * turn.sin() + east, x * turn.sin() + y * turn.cos() + north]
    }

    /// A point of the file in the site frame.
    pub(super) fn enu(&self, point: [f64; 2]) -> [f64; 2] {
        let placed = |(projection, frame): &(Projection, EnuFrame)| {
            let at = frame.enu_from_wgs84(projection.place(self.projected(point))?);
            Some([at.x, at.y])
        };
        let plain = [point[0] - self.origin[0], point[1] - self.origin[1]];
        self.frame.as_ref().and_then(placed).unwrap_or(plain)
    }
}

#[cfg(test)]
mod tests {
    use geodesy::prelude::*;

    use super::*;

    #[test]
    fn places_agree_with_the_geodesy_crate_to_a_tenth_of_a_millimetre() {
        let cases = [
            ("+proj=utm +zone=51 +ellps=WGS84", "utm zone=51 ellps=WGS84"),
            ("+proj=utm +zone=32 +datum=WGS84 +units=m +no_defs", "utm zone=32 ellps=WGS84"),
            (
                "+proj=tmerc +lat_0=31.25 +lon_0=121.5 +k=0.9999 +x_0=1000 +y_0=-2000",
                "tmerc lat_0=31.25 lon_0=121.5 k_0=0.9999 x_0=1000 y_0=-2000 ellps=WGS84",
            ),
            ("+lat_0=-37.5 +lon_0=145.25", "tmerc lat_0=-37.5 lon_0=145.25 ellps=WGS84"),
        ];
        let mut context = Minimal::new();
        for (ours, theirs) in cases {
            let projection = Projection::read(ours).unwrap();
            let operation = context.op(theirs).unwrap();
            for (north, east) in [(0.0, 0.0), (0.01, -0.02), (1.5, 2.5), (-20.0, 1.0)] {
                let (lat, lon) = (31.2 + north, projection.lon_0_deg + east);
                let mut point = [Coor4D::geo(lat, lon, 0.0, 0.0)];
                context.apply(operation, Fwd, &mut point).unwrap();
                let place = projection.place([point[0][0], point[0][1]]).unwrap();
                let off = EnuFrame::new(Wgs84 { lat_deg: lat, lon_deg: lon, alt_m: 0.0 }).enu_from_wgs84(place);
                assert!(off.norm() < 1e-4, "{ours}: {lat} {lon}: {} m off", off.norm());
            }
        }
    }

    #[test]
    fn the_plane_at_an_origin_is_the_site_frame_within_a_millimetre() {
        let origin = Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 0.0 };
        let projection = Projection::read(&at(origin)).unwrap();
        let frame = EnuFrame::new(origin);
        for (x, y) in [(0.0, 0.0), (300.0, 0.0), (0.0, -300.0), (-212.0, 212.0)] {
            let enu = frame.enu_from_wgs84(projection.place([x, y]).unwrap());
            assert!((enu.x - x).hypot(enu.y - y) < 1e-3, "{x} {y}: {enu}");
        }
    }

    #[test]
    fn what_is_no_transverse_mercator_is_refused_in_words() {
        let cases = [
            ("+proj=merc +lon_0=8", "`merc`"),
            ("+proj=utm +zone=61", "zone is 61"),
            ("+proj=utm", "zone is 0"),
            ("+proj=tmerc +lat_0=x", "`lat_0` is `x`"),
            ("+proj=tmerc +lat_0=91 +lon_0=0", "no origin on earth"),
            ("+proj=tmerc +ellps=bessel", "`ellps` is `bessel`"),
            ("+proj=tmerc +units=us-ft", "`units` is `us-ft`"),
            ("PROJCS[\"WGS 84 / UTM zone 32N\"]", "no PROJ string"),
            ("", "no PROJ string"),
        ];
        for (text, said) in cases {
            let error = Projection::read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        let utm = Projection::read("+proj=utm +zone=32").unwrap();
        assert_eq!(utm.place([1e9, 0.0]), None);
        assert_eq!(utm.place([f64::NAN, 0.0]), None);
    }
}
