//! From the earth to the road network: the transverse Mercator projections that OpenDRIVE files name in `geoReference`.

use crate::opendrive::Network;

/// Semi-major axis of WGS 84 and GRS 80, metres.
const A: f64 = 6_378_137.0;
/// Flattening of WGS 84; that of GRS 80 differs in the tenth digit.
const F: f64 = 1.0 / 298.257_223_563;

/// Where a road network is on the earth.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Earth {
    projection: Projection,
    /// What its coordinates lack to those of the projection: x, y, z, heading.
    offset: [f64; 4],
}

impl Earth {
    /// By the header of an OpenDRIVE file.
    ///
    /// # Errors
    /// When it does not say where it is, or in a way that is not known.
    pub fn of(network: &Network) -> Result<Self, String> {
        let header = &network.header;
        let text = header.geo_reference.as_deref().ok_or("it has no geoReference")?;
        Ok(Self { projection: Projection::parse(text)?, offset: header.offset })
    }

    /// A place in the coordinates of the road network; degrees in, metres out.
    #[must_use]
    pub fn place(&self, latitude: f64, longitude: f64) -> [f64; 2] {
        let [x, y] = self.projection.project(latitude, longitude);
        let (x, y) = (x - self.offset[0], y - self.offset[1]);
        let (sin, cos) = self.offset[3].sin_cos();
        [cos * x + sin * y, cos * y - sin * x]
    }
}

/// A transverse Mercator projection.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Projection {
    lat_0: f64,
    lon_0: f64,
    scale: f64,
    false_x: f64,
    false_y: f64,
}

impl Projection {
    /// Reads a PROJ text: `+proj=utm` or `+proj=tmerc` on WGS 84 or GRS 80.
    ///
    /// # Errors
    /// What it has that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = |key: &str| {
            let found =
                text.split_whitespace().find_map(|word| word.strip_prefix('+')?.strip_prefix(key)?.strip_prefix('='));
            found.map(str::to_owned)
        };
        let number = |key: &str, otherwise: f64| match value(key) {
            None => Ok(otherwise),
            Some(text) => text.parse::<f64>().map_err(|_| format!("+{key}={text} is no number")),
        };
        let ellipsoid = value("ellps").or_else(|| value("datum")).unwrap_or_else(|| "WGS84".into());
        if !["WGS84", "GRS80"].contains(&ellipsoid.as_str()) {
            return Err(format!("the ellipsoid {ellipsoid} is not known"));
        }
        match value("proj").as_deref() {
            Some("utm") => {
                let zone = number("zone", 0.0)?;
                if !(1.0..=60.0).contains(&zone) {
                    return Err("+proj=utm needs +zone=1 to 60".into());
                }
                let south = text.split_whitespace().any(|word| word == "+south");
                Ok(Self {
                    lat_0: 0.0,
                    lon_0: (6.0 * zone - 183.0).to_radians(),
                    scale: 0.9996,
                    false_x: 500_000.0,
                    false_y: if south { 10_000_000.0 } else { 0.0 },
                })
            }
            Some("tmerc") => Ok(Self {
                lat_0: number("lat_0", 0.0)?.to_radians(),
                lon_0: number("lon_0", 0.0)?.to_radians(),
                scale: number("k", number("k_0", 1.0)?)?,
                false_x: number("x_0", 0.0)?,
                false_y: number("y_0", 0.0)?,
            }),
            other => Err(format!("the projection {} is not known", other.unwrap_or("none"))),
        }
    }

    /// Easting and northing of a place, metres; degrees in.
    #[must_use]
    pub fn project(&self, latitude: f64, longitude: f64) -> [f64; 2] {
        let [x, y] = self.unit(latitude.to_radians(), longitude.to_radians() - self.lon_0);
        let [_, y0] = self.unit(self.lat_0, 0.0);
        [self.false_x + self.scale * x, self.false_y + self.scale * (y - y0)]
    }

    /// Krüger's series in the third flattening, to the fourth order: below a millimetre within 3000 km of the meridian
    /// (Karney, "Transverse Mercator with an accuracy of a few nanometers", 2011, equations 7 to 11 and 35).
    fn unit(&self, latitude: f64, longitude: f64) -> [f64; 2] {
        let n = F / (2.0 - F);
        let radius = A / (1.0 + n) * (1.0 + n.powi(2) / 4.0 + n.powi(4) / 64.0);
        let alpha = [
            n / 2.0 - 2.0 / 3.0 * n.powi(2) + 5.0 / 16.0 * n.powi(3) + 41.0 / 180.0 * n.powi(4),
            13.0 / 48.0 * n.powi(2) - 3.0 / 5.0 * n.powi(3) + 557.0 / 1440.0 * n.powi(4),
            61.0 / 240.0 * n.powi(3) - 103.0 / 140.0 * n.powi(4),
            49_561.0 / 161_280.0 * n.powi(4),
        ];
        let e = (F * (2.0 - F)).sqrt();
        let tau = latitude.tan();
        let sigma = (e * (e * tau / (1.0 + tau * tau).sqrt()).atanh()).sinh();
        let conformal = tau * (1.0 + sigma * sigma).sqrt() - sigma * (1.0 + tau * tau).sqrt();
        let xi = conformal.atan2(longitude.cos());
        let eta = (longitude.sin() / conformal.hypot(longitude.cos())).asinh();
        let (mut x, mut y) = (eta, xi);
        for (j, a) in alpha.iter().enumerate() {
            let k = 2.0 * (j + 1) as f64;
            x += a * (k * xi).cos() * (k * eta).sinh();
            y += a * (k * xi).sin() * (k * eta).cosh();
        }
        [radius * x, radius * y]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utm_gives_the_known_coordinates_of_known_places() {
        // The CN Tower in textbooks: 43°38'33.24"N 79°23'13.7"W is 17T 630084 4833438.
        let zone = Projection::parse("+proj=utm +zone=17 +datum=WGS84 +units=m +no_defs").unwrap();
        let [x, y] = zone.project(43.642_566_7, -79.387_139);
        assert!((x - 630_084.0).abs() < 1.0 && (y - 4_833_438.0).abs() < 1.0, "{x} {y}");
    }

    #[test]
    fn a_local_projection_is_a_plane_about_its_origin() {
        let here = Projection::parse("+proj=tmerc +lat_0=30.88 +lon_0=121.93 +k=1 +x_0=0 +y_0=0 +ellps=GRS80").unwrap();
        let [x, y] = here.project(30.88, 121.93);
        assert!(x.abs() < 1e-6 && y.abs() < 1e-6);
        // A thousandth of a degree north is the radius of the meridian there times the angle.
        let [x, y] = here.project(30.881, 121.93);
        let meridian =
            A * (1.0 - F * (2.0 - F)) / (1.0 - F * (2.0 - F) * 30.8805_f64.to_radians().sin().powi(2)).powf(1.5);
        assert!(x.abs() < 1e-6 && (y - meridian * 0.001_f64.to_radians()).abs() < 1e-5, "{y}");
        // The same to the east is that of the parallel.
        let [x, _] = here.project(30.88, 121.931);
        let prime = A / (1.0 - F * (2.0 - F) * 30.88_f64.to_radians().sin().powi(2)).sqrt();
        assert!((x - prime * 30.88_f64.to_radians().cos() * 0.001_f64.to_radians()).abs() < 1e-5, "{x}");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in ["", "+proj=merc", "+proj=utm", "+proj=utm +zone=x", "+proj=tmerc +ellps=bessel"] {
            assert!(Projection::parse(bad).is_err(), "{bad}");
        }
    }
}
