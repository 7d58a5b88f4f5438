//! The survey file: one point a line, comma, semicolon or tab between the columns, which are named in the first line.
//! Lines that are empty or begin with `#` are skipped. Every complaint names line and column.

use std::collections::BTreeMap;

use calibration::geodesy::{EnuFrame, Wgs84};
use calibration::solve::survey_points::{MAX_POINTS, SurveyPoint};
use nalgebra::{Vector2, Vector3};

use crate::config::Complaint;

/// How well a point is picked when the survey does not say, pixels.
const SIGMA_PX: f64 = 1.0;
/// How well a point is surveyed when the survey does not say, metres.
const SIGMA_M: f64 = 0.03;
/// Complaints after which the rest of the file is not looked at.
const MAX_COMPLAINTS: usize = 20;

const ENU: [&str; 3] = ["east_m", "north_m", "up_m"];
const EARTH: [&str; 3] = ["lat_deg", "lon_deg", "alt_m"];
const OTHERS: [&str; 5] = ["id", "u_px", "v_px", "sigma_m", "sigma_px"];

/// One cell, with its place in the file.
#[derive(Copy, Clone)]
struct Cell<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Reads the points of a survey. Points given as latitude and longitude need the `frame`.
///
/// # Errors
/// Everything that is wrong, in file order.
pub fn parse(text: &str, file: &str, frame: Option<&EnuFrame>) -> Result<Vec<SurveyPoint>, Vec<Complaint>> {
    let wrong = |title: String, cell: Cell, help: &str| {
        Complaint::error("calibrate::survey", title, file).mark(text, cell.start, cell.end).help(help)
    };
    let mut lines = lines(text);
    let Some(first) = lines.next() else {
        let help = "write id,u_px,v_px,east_m,north_m,up_m in the first line and one point in each further line";
        return Err(vec![Complaint::error("calibrate::survey", "the survey is empty", file).help(help)]);
    };
    let separator = [';', '\t'].into_iter().find(|c| first.text.contains(*c)).unwrap_or(',');
    let names = cells(first, separator);
    let columns =
        columns(&names, frame).map_err(|(title, cell, help)| vec![wrong(title, cell.unwrap_or(first), &help)])?;
    let (mut points, mut complaints) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        let row = cells(line, separator);
        if row.len() != names.len() {
            let title = format!("this line has {} columns, the first line has {}", row.len(), names.len());
            complaints.push(wrong(title, line, "give one value for each column; a decimal point, not a comma"));
        } else {
            match columns.point(&row, frame) {
                Ok(point) if seen.insert(point.id.clone(), points.len()).is_some() => {
                    let title = format!("the point `{}` is there twice", point.id);
                    complaints.push(wrong(title, row[columns.id], "give every point its own id"));
                }
                Ok(point) => points.push(point),
                Err((title, cell, help)) => complaints.push(wrong(title, cell, help)),
            }
        }
        if complaints.len() >= MAX_COMPLAINTS || points.len() > MAX_POINTS {
            break;
        }
    }
    if complaints.is_empty() { Ok(points) } else { Err(complaints) }
}

/// Lines that say something, with their places.
fn lines(text: &str) -> impl Iterator<Item = Cell<'_>> {
    let mut next = 0;
    let all = text.split_inclusive('\n').map(move |line| {
        let start = next;
        next += line.len();
        let text = line.trim_end_matches(['\n', '\r']);
        let mark = if start == 0 { text.len() - text.trim_start_matches('\u{feff}').len() } else { 0 };
        Cell { text: &text[mark..], start: start + mark, end: start + text.len() }
    });
    all.filter(|line| !line.text.trim().is_empty() && !line.text.trim_start().starts_with('#'))
}

/// Cells of a line without blanks and quotes around them.
fn cells(line: Cell<'_>, separator: char) -> Vec<Cell<'_>> {
    let mut next = line.start;
    let cut = |raw| {
        let raw: &str = raw;
        let start = next;
        next += raw.len() + separator.len_utf8();
        let text = raw.trim().trim_matches('"').trim();
        let skipped = raw.find(text).unwrap_or(0);
        Cell { text, start: start + skipped, end: start + skipped + text.len() }
    };
    line.text.split(separator).map(cut).collect()
}

/// Which column holds what.
struct Columns {
    id: usize,
    pixel: [usize; 2],
    place: [usize; 3],
    on_earth: bool,
    sigma_m: Option<usize>,
    sigma_px: Option<usize>,
}

type HeaderError<'a> = (String, Option<Cell<'a>>, String);

fn columns<'a>(names: &[Cell<'a>], frame: Option<&EnuFrame>) -> Result<Columns, HeaderError<'a>> {
    let known = || OTHERS.iter().chain(&ENU).chain(&EARTH);
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, cell) in names.iter().enumerate() {
        if !known().any(|name| *name == cell.text) {
            let all = known().copied().collect::<Vec<_>>().join(", ");
            return Err((format!("unknown column `{}`", cell.text), Some(*cell), format!("the columns are {all}")));
        }
        if at.insert(cell.text, index).is_some() {
            return Err((format!("the column `{}` is there twice", cell.text), Some(*cell), "remove one".into()));
        }
    }
    let need = |name: &str| {
        let help =
            "the first line names the columns: id, u_px, v_px, and east_m, north_m, up_m or lat_deg, lon_deg, alt_m";
        at.get(name).copied().ok_or_else(|| (format!("no column `{name}`"), None, help.to_owned()))
    };
    let on_earth = at.contains_key(EARTH[0]) || at.contains_key(EARTH[1]);
    if on_earth && let Some(both) = ENU.iter().find_map(|name| at.get(name)) {
        let help = "give places either in metres (east_m, north_m, up_m) or on earth (lat_deg, lon_deg, alt_m)";
        return Err(("places are given in two ways".into(), Some(names[*both]), help.into()));
    }
    if on_earth && frame.is_none() {
        let help = "give --origin LAT,LON,ALT, or name the unit's configuration with -c rsu.toml";
        return Err((
            "places on earth need the origin of the site".into(),
            names.get(at[EARTH[0]]).copied(),
            help.into(),
        ));
    }
    let place = if on_earth { EARTH } else { ENU };
    Ok(Columns {
        id: need("id")?,
        pixel: [need("u_px")?, need("v_px")?],
        place: [need(place[0])?, need(place[1])?, need(place[2])?],
        on_earth,
        sigma_m: at.get("sigma_m").copied(),
        sigma_px: at.get("sigma_px").copied(),
    })
}

type CellError<'a> = (String, Cell<'a>, &'static str);

impl Columns {
    fn point<'a>(&self, row: &[Cell<'a>], frame: Option<&EnuFrame>) -> Result<SurveyPoint, CellError<'a>> {
        let number = |column: usize| match row[column].text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err((format!("`{}` is not a number", row[column].text), row[column], "write it as 12.345")),
        };
        let sigma = |column: Option<usize>, default: f64| match column {
            Some(column) if !row[column].text.is_empty() => match number(column)? {
                value if value > 0.0 && value < 1e3 => Ok(value),
                value => Err((
                    format!("a standard deviation of {value}"),
                    row[column],
                    "give a positive number, or leave it empty",
                )),
            },
            _ => Ok(default),
        };
        if row[self.id].text.is_empty() || row[self.id].text.chars().count() > 64 {
            return Err((
                "a point without a usable name".into(),
                row[self.id],
                "give every point an id of 1 to 64 characters",
            ));
        }
        let place = [number(self.place[0])?, number(self.place[1])?, number(self.place[2])?];
        let enu = match frame.filter(|_| self.on_earth) {
            None => Vector3::from(place),
            Some(frame) => {
                let point = Wgs84 { lat_deg: place[0], lon_deg: place[1], alt_m: place[2] };
                let at = row[self.place[0]];
                point
                    .check()
                    .map_err(|e| (e.to_string(), at, "latitude first, then longitude, degrees with decimals"))?;
                let enu = frame.enu_from_wgs84(point);
                if enu.norm() > 5000.0 {
                    let far = format!("this place is {:.0} km from the origin", enu.norm() / 1e3);
                    return Err((far, at, "check the origin, and that latitude and longitude are not swapped"));
                }
                enu
            }
        };
        Ok(SurveyPoint {
            id: row[self.id].text.to_owned(),
            pixel: Vector2::new(number(self.pixel[0])?, number(self.pixel[1])?),
            enu,
            sigma_px: sigma(self.sigma_px, SIGMA_PX)?,
            sigma_m: sigma(self.sigma_m, SIGMA_M)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> EnuFrame {
        EnuFrame::new(Wgs84 { lat_deg: 31.284156, lon_deg: 121.50321, alt_m: 4.2 })
    }

    #[test]
    fn points_in_metres_and_on_earth_are_the_same() {
        let metres =
            "id,u_px,v_px,east_m,north_m,up_m,sigma_m\n# near kerb\na,10,20.5,9.522,11.087,0,0.05\n\nb, 1,2, 3,4,5,\n";
        let points = parse(metres, "s.csv", None).unwrap();
        assert_eq!(points.len(), 2);
        assert_eq!((points[0].sigma_m, points[1].sigma_m, points[1].sigma_px), (0.05, SIGMA_M, SIGMA_PX));
        let earth = "\u{feff}u_px;v_px;id;lat_deg;lon_deg;alt_m\r\n10;20.5;\"a\";31.284256;121.50331;4.2\r\n";
        let same = parse(earth, "s.csv", Some(&frame())).unwrap();
        assert_eq!((same[0].id.as_str(), same[0].pixel), ("a", points[0].pixel));
        assert!((same[0].enu - points[0].enu).norm() < 2e-3, "{}", same[0].enu);
    }

    #[test]
    fn every_wrong_cell_is_named_by_line_and_column() {
        let text =
            "id,u_px,v_px,east_m,north_m,up_m\na,1,2,3,4,5\nb,1,x7,3,4,5\nc,1,2,3,4\na,1,2,3,4,5\nd,1,2,nan,4,5\n";
        let found = parse(text, "s.csv", None).unwrap_err();
        let places: Vec<(usize, usize)> = found.iter().map(|c| (c.line, c.column)).collect();
        assert_eq!(places, [(3, 5), (4, 1), (5, 1), (6, 7)], "{found:#?}");
        assert!(found[0].title.contains("x7") && found.iter().all(|c| !c.help.is_empty()));
        let drawn = found[0].render();
        assert!(drawn.contains("s.csv:3:5"), "{drawn}");
    }

    #[test]
    fn wrong_headers_are_named() {
        let said = |text: &str, frame: Option<&EnuFrame>| {
            let found = parse(text, "s.csv", frame).unwrap_err();
            format!("{}:{} {} | {}", found[0].line, found[0].column, found[0].title, found[0].help)
        };
        assert!(said("", None).contains("empty"));
        assert!(said("id,u,v_px\n", None).starts_with("1:4 unknown column `u`"));
        assert!(said("id,u_px,v_px,east_m,north_m\n", None).contains("no column `up_m`"));
        assert!(said("id,id\n", None).contains("twice"));
        assert!(said("id,u_px,v_px,lat_deg,lon_deg,alt_m\n", None).contains("--origin"));
        assert!(said("id,u_px,v_px,lat_deg,lon_deg,alt_m,east_m\n", Some(&frame())).contains("two ways"));
        let swapped = "id,u_px,v_px,lat_deg,lon_deg,alt_m\na,1,2,121.5,31.2,4\n";
        assert!(said(swapped, Some(&frame())).contains("swapped"));
        let far = "id,u_px,v_px,lat_deg,lon_deg,alt_m\na,1,2,32.5,121.5,4\n";
        assert!(said(far, Some(&frame())).contains("km from the origin"));
    }

    #[test]
    fn rubbish_never_panics() {
        for text in [
            "\u{feff}",
            ",,,\n,,",
            "id;u_px\n\u{1F600};;;",
            "id,u_px,v_px,east_m,north_m,up_m\n\u{1F600},1e999,,-,+,.\n",
        ] {
            assert!(parse(text, "s.csv", None).is_err(), "{text:?}");
        }
    }
}
