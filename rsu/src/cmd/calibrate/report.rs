//! What `rsu calibrate extrinsics` says about its result.

use std::fmt::Write as _;
use std::path::Path;

use calibration::geodesy::{Heading, Yaw};
use calibration::ground::Ground;
use calibration::solve::accuracy::{best_next_point, ground_error_95};
use calibration::solve::survey_points::{Solution, SurveyPoint};
use nalgebra::Vector3;
use serde::Serialize;

/// Ranges for which the ground accuracy is told, metres.
const RANGES_M: [f64; 2] = [30.0, 60.0];
/// Errors that are this many times larger than stated are worth a warning.
const EXCESS: f64 = 2.5;
/// A further point is worth telling when it makes the ground error at least this much smaller.
const WORTH: f64 = 0.9;

/// `rsu.calibrate/1`.
#[derive(Serialize)]
pub struct Report {
    schema: &'static str,
    camera: String,
    output: String,
    kept: Option<String>,
    points: Vec<Row>,
    used: usize,
    rms_px: f64,
    leave_one_out_px: Option<f64>,
    max_px: f64,
    excess: f64,
    place: Place,
    ground: Vec<Accuracy>,
    next_point: Option<Next>,
    /// What the user should look at.
    pub warnings: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    id: String,
    used: bool,
    error_px: Option<[f64; 2]>,
    length_px: Option<f64>,
    sigmas: f64,
    left_out_px: Option<f64>,
}

#[derive(Serialize)]
struct Place {
    east_m: f64,
    north_m: f64,
    up_m: f64,
    heading_deg: f64,
    down_deg: f64,
    sigma_position_m: f64,
    sigma_rotation_deg: f64,
}

#[derive(Serialize)]
struct Accuracy {
    range_m: f64,
    error_95_m: Option<f64>,
}

#[derive(Serialize)]
struct Next {
    u_px: f64,
    v_px: f64,
    range_m: f64,
    error_95_m: f64,
    at_range_m: f64,
}

impl Report {
    /// Everything there is to say.
    pub fn new(camera: &str, solution: &Solution, survey: &[SurveyPoint], output: &Path, kept: Option<&Path>) -> Self {
        let mut points: Vec<Row> = solution
            .residuals
            .iter()
            .map(|r| Row {
                id: r.id.clone(),
                used: r.used,
                error_px: r.error_px.map(Into::into),
                length_px: r.error_px.map(|e| e.norm()),
                sigmas: r.sigmas,
                left_out_px: r.left_out_px,
            })
            .collect();
        points.sort_by(|a, b| b.sigmas.total_cmp(&a.sigmas));
        let ground = ground_under(survey);
        let accuracy = |range_m| Accuracy { range_m, error_95_m: ground_error_95(&solution.mounted, &ground, range_m) };
        let accuracies: Vec<Accuracy> = RANGES_M.map(accuracy).into();
        let seen = accuracies.iter().rev().find_map(|a| Some((a.range_m, a.error_95_m?)));
        let next_point = seen.and_then(|(range_m, now)| {
            let sigma_px = median(survey.iter().map(|p| p.sigma_px)) * solution.excess;
            let sigma_m = median(survey.iter().map(|p| p.sigma_m)) * solution.excess;
            let next = best_next_point(&solution.mounted, &ground, range_m, sigma_px, sigma_m)?;
            (next.error_with_it_m < WORTH * now).then_some(Next {
                u_px: next.pixel.x.round(),
                v_px: next.pixel.y.round(),
                range_m: next.range_m,
                error_95_m: next.error_with_it_m,
                at_range_m: range_m,
            })
        });
        Self {
            schema: "rsu.calibrate/1",
            camera: camera.into(),
            output: output.display().to_string(),
            kept: kept.map(|kept| kept.display().to_string()),
            used: points.iter().filter(|p| p.used).count(),
            warnings: warnings(&points, solution),
            points,
            rms_px: solution.rms_px,
            leave_one_out_px: solution.leave_one_out_px,
            max_px: solution.max_px,
            excess: solution.excess,
            place: Place::of(solution),
            ground: accuracies,
            next_point,
        }
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let width = self.points.iter().map(|p| p.id.chars().count()).max().unwrap_or(5).max(5);
        let _ = writeln!(out, "{:width$}    u error    v error   length   sigmas   left out", "point");
        for p in &self.points {
            let (u, v) = p.error_px.map_or(("-".into(), "-".into()), |[u, v]| (format!("{u:+.2}"), format!("{v:+.2}")));
            let left_out = p.left_out_px.map_or("-".into(), |px| format!("{px:.2}"));
            let length = p.length_px.map_or("-".into(), |px| format!("{px:.2}"));
            let aside = if p.used { "" } else { "   SET ASIDE" };
            let _ =
                writeln!(out, "{:width$} {u:>10} {v:>10} {length:>8} {:>8.1} {left_out:>10}{aside}", p.id, p.sigmas);
        }
        let left_out =
            self.leave_one_out_px.map_or(String::new(), |px| format!(", {px:.2} px with each point left out"));
        let _ = writeln!(
            out,
            "\n{} of {} points used, error {:.2} px rms{left_out}, {:.2} px at worst",
            self.used,
            self.points.len(),
            self.rms_px,
            self.max_px
        );
        let p = &self.place;
        let _ = writeln!(
            out,
            "The camera stands {:.2} m east, {:.2} m north, {:.2} m up (± {:.2} m) and looks towards {:.2}°, {:.2}° down (± {:.2}°).",
            p.east_m, p.north_m, p.up_m, p.sigma_position_m, p.heading_deg, p.down_deg, p.sigma_rotation_deg
        );
        for a in &self.ground {
            let _ = match a.error_95_m {
                Some(error) => {
                    writeln!(out, "At {:.0} m a place on the road is good to {error:.2} m (95 %).", a.range_m)
                }
                None => writeln!(out, "At {:.0} m the picture does not show the road ahead.", a.range_m),
            };
        }
        if let Some(n) = &self.next_point {
            let _ = writeln!(
                out,
                "One more point near pixel ({:.0}, {:.0}), about {:.0} m away, would make that {:.2} m at {:.0} m.",
                n.u_px, n.v_px, n.range_m, n.error_95_m, n.at_range_m
            );
        }
        for warning in &self.warnings {
            let _ = writeln!(out, "\x1b[1;33mwarning\x1b[0m: {warning}");
        }
        let kept = self.kept.as_ref().map_or(String::new(), |kept| format!(" (the old one is {kept})"));
        let _ = write!(out, "wrote {}{kept}", self.output);
        out
    }
}

impl Place {
    fn of(solution: &Solution) -> Self {
        let pose = solution.mounted.enu_from_sensor;
        let ahead = pose.rotation * Vector3::z();
        let sigma = |first: usize| {
            let block = solution.mounted.covariance.fixed_view::<3, 3>(first, first).into_owned();
            block.symmetric_eigenvalues().max().max(0.0).sqrt()
        };
        Self {
            east_m: pose.translation.x,
            north_m: pose.translation.y,
            up_m: pose.translation.z,
            heading_deg: Heading::from(Yaw::from_rad(ahead.y.atan2(ahead.x))).deg(),
            down_deg: -ahead.z.clamp(-1.0, 1.0).asin().to_degrees(),
            sigma_position_m: sigma(0),
            sigma_rotation_deg: sigma(3).to_degrees(),
        }
    }
}

fn warnings(points: &[Row], solution: &Solution) -> Vec<String> {
    let mut warnings = Vec::new();
    let aside: Vec<&str> = points.iter().filter(|p| !p.used).map(|p| p.id.as_str()).collect();
    if !aside.is_empty() {
        warnings.push(format!(
            "set aside, because they contradict the others: {}; check them in picture and survey",
            aside.join(", ")
        ));
    }
    if solution.excess > EXCESS {
        warnings.push(format!(
            "errors are {:.1} times as large as stated: check lens and survey, or give honest sigma_px and sigma_m",
            solution.excess
        ));
    }
    warnings
}

/// The road at the survey's own height.
fn ground_under(survey: &[SurveyPoint]) -> Ground {
    Ground { height_m: median(survey.iter().map(|p| p.enu.z)), ..Ground::default() }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
