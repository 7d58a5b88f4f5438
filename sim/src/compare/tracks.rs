//! Two runs step by step: where each road user was in the one and in the other.
//!
//! Steps of Parquet files and trajectories of CSV files are compared alike, also with each other. A trajectory of an
//! OpenSCENARIO file gives the place of the origin (the rear axle of most cars), every other file the middle of the box. A CSV
//! file has four decimals.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fields;
use crate::output::parquet::{Column, Table};

/// Places nearer than this are the same in any case: the last digit of a CSV file, metres.
const SAME_M: f64 = 1e-9;
/// Moments nearer than this are one, seconds.
const SAME_S: f64 = 1e-4;

/// Somebody at one moment.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Sample {
    t_s: f64,
    place: [f64; 3],
    speed_mps: f64,
}

/// Everybody of one run, by name; samples in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracks(BTreeMap<String, Vec<Sample>>);

/// One road user in both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// Name.
    pub name: String,
    /// Moments that are in both.
    pub moments: usize,
    /// Root mean square of the distances, metres.
    pub rms_m: f64,
    /// The largest distance, metres, and when.
    pub largest_m: (f64, f64),
    /// The largest difference of the speeds, m/s.
    pub speed_mps: f64,
    /// When they are farther apart than allowed for the first time, seconds; none: never.
    pub apart_s: Option<f64>,
    /// Spans in which it is there in the first and in the second run, when they differ, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spans_s: Option<[(f64, f64); 2]>,
}

/// Two runs compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ways {
    /// Road users in both, the one that is farthest off first.
    pub both: Vec<Way>,
    /// Only in the first run.
    pub only_before: Vec<String>,
    /// Only in the second.
    pub only_after: Vec<String>,
    /// Where the runs first differ: moment and name.
    pub first: Option<(f64, String)>,
}

impl Ways {
    /// Nobody moved beyond the tolerance.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.first.is_none() && self.only_before.is_empty() && self.only_after.is_empty()
    }
}

impl Tracks {
    /// The steps of a Parquet file.
    ///
    /// # Errors
    /// In words, when a column is missing.
    pub fn of_table(table: &Table) -> Result<Self, String> {
        let floats = |name: &str| match table.column(name) {
            Some(Column::Float(values)) => Ok(values),
            _ => Err(format!("has no column of numbers `{name}`")),
        };
        let Some(Column::Text(names)) = table.column("name") else {
            return Err("has no column of text `name`".to_owned());
        };
        let [t, x, y, z, v] = ["t_s", "x_m", "y_m", "z_m", "speed_mps"].map(floats);
        let (t, x, y, z, v) = (t?, x?, y?, z?, v?);
        let mut tracks = Self::default();
        for (i, name) in names.iter().enumerate() {
            let of = |column: &[Option<f64>]| column.get(i).copied().flatten().unwrap_or(f64::NAN);
            tracks.add(name, Sample { t_s: of(t), place: [of(x), of(y), of(z)], speed_mps: of(v) });
        }
        tracks.checked()
    }

    /// The trajectories of a CSV file.
    ///
    /// # Errors
    /// In words with its line, when it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let header = fields(lines.next().unwrap_or_default());
        let column = |name: &str| {
            header.iter().position(|h| h == name).ok_or_else(|| format!("has no column `{name}` in its first line"))
        };
        let (name, numbers) = (column("entity")?, ["t", "x", "y", "z", "speed"].map(column));
        let [t, x, y, z, v] = numbers;
        let (t, x, y, z, v) = (t?, x?, y?, z?, v?);
        let mut tracks = Self::default();
        for (number, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
            let cells = fields(line);
            let of = |column: usize| {
                let cell = cells.get(column).and_then(|c| c.parse::<f64>().ok()).filter(|v| v.is_finite());
                cell.ok_or_else(|| format!("has no number in line {}, column {}", number + 2, header[column]))
            };
            let who = cells.get(name).ok_or_else(|| format!("has no name in line {}", number + 2))?;
            tracks.add(who, Sample { t_s: of(t)?, place: [of(x)?, of(y)?, of(z)?], speed_mps: of(v)? });
        }
        tracks.checked()
    }

    fn add(&mut self, name: &str, sample: Sample) {
        match self.0.get_mut(name) {
            Some(track) => track.push(sample),
            None => drop(self.0.insert(name.to_owned(), vec![sample])),
        }
    }

    fn checked(self) -> Result<Self, String> {
        let mixed = |(name, track): (&String, &Vec<Sample>)| {
            let backwards =
                track.windows(2).find(|two| two[0].t_s.partial_cmp(&two[1].t_s) != Some(std::cmp::Ordering::Less));
            backwards.map(|two| format!("has {name} twice at {} s, or its times are out of order", two[1].t_s))
        };
        match self.0.iter().find_map(mixed) {
            Some(why) => Err(why),
            None => Ok(self),
        }
    }

    /// Compares two runs; places may differ by `allowed_m`, speeds by as many m/s.
    #[must_use]
    pub fn compare(&self, after: &Self, allowed_m: f64) -> Ways {
        let allowed = allowed_m.max(SAME_M);
        let missing = |a: &Self, b: &Self| a.0.keys().filter(|k| !b.0.contains_key(*k)).cloned().collect();
        let mut ways = Ways { only_before: missing(self, after), only_after: missing(after, self), ..Ways::default() };
        for (name, a) in &self.0 {
            let Some(b) = after.0.get(name) else { continue };
            let way = compare(name, a, b, allowed);
            let first = way.apart_s.filter(|at_s| ways.first.as_ref().is_none_or(|(first, _)| at_s < first));
            if let Some(at_s) = first {
                ways.first = Some((at_s, name.clone()));
            }
            ways.both.push(way);
        }
        ways.both.sort_by(|a, b| b.largest_m.0.total_cmp(&a.largest_m.0).then_with(|| a.name.cmp(&b.name)));
        ways
    }
}

fn compare(name: &str, a: &[Sample], b: &[Sample], allowed: f64) -> Way {
    let mut way = Way {
        name: name.to_owned(),
        moments: 0,
        rms_m: 0.0,
        largest_m: (0.0, 0.0),
        speed_mps: 0.0,
        apart_s: None,
        spans_s: None,
    };
    let mut squares = 0.0;
    for sample in a {
        let Some(other) = at(b, sample.t_s) else { continue };
        let off = sample.place.iter().zip(other.place).map(|(p, q)| (p - q) * (p - q)).sum::<f64>().sqrt();
        let faster = (sample.speed_mps - other.speed_mps).abs();
        way.moments += 1;
        squares += off * off;
        way.speed_mps = way.speed_mps.max(faster);
        if off > way.largest_m.0 {
            way.largest_m = (off, sample.t_s);
        }
        if (off > allowed || faster > allowed) && way.apart_s.is_none() {
            way.apart_s = Some(sample.t_s);
        }
    }
    way.rms_m = (squares / way.moments.max(1) as f64).sqrt();
    let span = |track: &[Sample]| Some((track.first()?.t_s, track.last()?.t_s));
    if let Some(spans) = span(a).zip(span(b)) {
        // It may be there one step longer when the steps differ.
        let step = |track: &[Sample]| track.windows(2).next().map_or(0.0, |two| two[1].t_s - two[0].t_s);
        let (one, other) = (step(a), step(b));
        let slack = if (one - other).abs() < SAME_S { SAME_S } else { one.max(other) + SAME_S };
        let (begins, ends) = (spans.0.0 - spans.1.0, spans.0.1 - spans.1.1);
        if begins.abs() > slack || ends.abs() > slack {
            way.spans_s = Some([spans.0, spans.1]);
            let from = if begins.abs() > slack { spans.0.0.min(spans.1.0) } else { spans.0.1.min(spans.1.1) };
            way.apart_s = Some(way.apart_s.map_or(from, |at| at.min(from)));
        }
    }
    way
}

/// Where somebody was at a moment, half-way between two samples when there is none at it.
fn at(track: &[Sample], t_s: f64) -> Option<Sample> {
    let next = track.partition_point(|s| s.t_s < t_s - SAME_S);
    let after = track.get(next)?;
    if (after.t_s - t_s).abs() <= SAME_S {
        return Some(*after);
    }
    let before = track.get(next.checked_sub(1)?)?;
    let part = (t_s - before.t_s) / (after.t_s - before.t_s);
    let mix = |a: f64, b: f64| a + (b - a) * part;
    let place = [0, 1, 2].map(|axis| mix(before.place[axis], after.place[axis]));
    Some(Sample { t_s, place, speed_mps: mix(before.speed_mps, after.speed_mps) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Ego` goes east at 10 m/s; from 1 s on it is off by `drift` metres a second.
    fn csv(dt: f64, drift: f64, until: f64) -> String {
        let mut text = String::from("t,entity,x,y,z,speed\n");
        for i in 0..=(until / dt).round() as u32 {
            let t = f64::from(i) * dt;
            text += &format!("{t:.3},Ego,{:.4},{:.4},0,10\n", 10.0 * t, drift * (t - 1.0).max(0.0));
        }
        text
    }

    fn compared(a: &str, b: &str, allowed: f64) -> Ways {
        Tracks::parse(a).unwrap().compare(&Tracks::parse(b).unwrap(), allowed)
    }

    #[test]
    fn the_first_difference_the_largest_and_the_mean_are_found() {
        let same = compared(&csv(0.05, 0.0, 3.0), &csv(0.05, 0.0, 3.0), 0.0);
        assert!(same.is_same() && same.both[0].moments == 61, "{same:?}");
        let off = compared(&csv(0.05, 0.0, 3.0), &csv(0.05, 0.5, 3.0), 0.0);
        assert_eq!(off.first, Some((1.05, "Ego".into())));
        assert_eq!(off.both[0].largest_m, (1.0, 3.0));
        // 21 samples without, 40 with 0.025 … 1 m: squares sum to 0.025² · 22140.
        assert!((off.both[0].rms_m - (0.025_f64.powi(2) * 22140.0 / 61.0).sqrt()).abs() < 1e-4, "{off:?}");
        assert_eq!(compared(&csv(0.05, 0.0, 3.0), &csv(0.05, 0.5, 3.0), 0.4).first, Some((1.85, "Ego".into())));
        assert!(compared(&csv(0.05, 0.0, 3.0), &csv(0.05, 0.5, 3.0), 1.01).is_same());
    }

    #[test]
    fn runs_of_different_steps_are_compared_at_the_moments_of_the_first() {
        let ways = compared(&csv(0.05, 0.0, 3.0), &csv(0.02, 0.0, 3.0), 1e-6);
        assert!(ways.is_same() && ways.both[0].moments == 61, "{ways:?}");
    }

    #[test]
    fn who_is_missing_or_leaves_early_is_a_difference() {
        let ways = compared(&csv(0.05, 0.0, 3.0), &csv(0.05, 0.0, 2.0), 1.0);
        assert_eq!(ways.both[0].spans_s, Some([(0.0, 3.0), (0.0, 2.0)]));
        assert_eq!(ways.first, Some((2.0, "Ego".into())));
        let other = csv(0.05, 0.0, 3.0).replace("Ego", "Other");
        let ways = compared(&csv(0.05, 0.0, 3.0), &other, 1.0);
        assert_eq!((ways.only_before, ways.only_after), (vec!["Ego".to_owned()], vec!["Other".to_owned()]));
    }

    #[test]
    fn broken_trajectories_are_refused_with_their_line() {
        let bad = |text: &str| Tracks::parse(text).unwrap_err();
        assert!(bad("t,entity,x,y,speed\n").contains("`z`"));
        assert!(bad("t,entity,x,y,z,speed\n0,Ego,1,2,nan,4\n").contains("line 2, column z"));
        assert!(bad("t,entity,x,y,z,speed\n0,Ego,1,2,3,4\n0,Ego,1,2,3,4\n").contains("twice"));
    }
}
