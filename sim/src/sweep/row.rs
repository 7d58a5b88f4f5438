//! One run of a sweep as a row: what was varied, whether it held, and what was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Value;

use super::plan::Point;
use crate::figures::Histogram;
use crate::judge::knowledge::nearest_rank;
use crate::metrics::{Metrics, Pair, pair::Extreme};
use crate::output::parquet::{Column, ParquetError, Table};
use crate::recital::Recited;
use crate::run::Done;
use crate::verdict::Verdict;

/// A run, judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its number in the plan, from 0.
    pub run: u64,
    /// Seed.
    pub seed: u64,
    /// Numbers that were varied, by key.
    pub numbers: BTreeMap<String, f64>,
    /// Other values that were varied, by key.
    pub words: BTreeMap<String, String>,
    /// Every expectation holds.
    pub pass: bool,
    /// Each expectation by its sentence.
    pub holds: BTreeMap<String, bool>,
    /// Why it could not be run; empty: it was.
    pub error: String,
    /// Measured figures, by name; what was not measured is not there.
    pub figures: BTreeMap<String, f64>,
    /// Hash over all messages; of a storyboard without units over its trajectory.
    pub messages_fnv1a: String,
}

/// Figures of a row: name and what it is. Percentiles are over all units.
pub const FIGURES: [(&str, &str); 24] = [
    ("collisions", "collisions"),
    ("lead_s", "smallest lead of the warnings that are expected, s; missing: one never came"),
    ("min_distance_m", "smallest distance of two road users"),
    ("min_ttc_s", "smallest time to collision behind each other"),
    ("min_ttc_2d_s", "smallest time to contact on the plane"),
    ("exposed_ttc_s", "longest time of a pair with a time to contact below 3 s"),
    ("min_pet_s", "smallest post-encroachment time"),
    ("min_thw_s", "smallest time headway"),
    ("min_time_gap_s", "smallest time gap"),
    ("max_drac_mps2", "largest deceleration needed"),
    ("max_mdrac_mps2", "largest deceleration needed after 1 s of reaction; missing: some pair was too late for any"),
    ("position_error_p95_m", "95 % of the position errors of tracks are at most this"),
    ("speed_error_p95_mps", "95 % of the speed errors of tracks are at most this"),
    ("heading_error_p95_deg", "95 % of the heading errors of tracks that move are at most this"),
    ("detected_p95_s", "95 % of those in plain view are tracked within this; missing: too many never were"),
    ("age_p99_ms", "99 % of what is sent is at most so old at the antenna"),
    ("recall", "share of what is in plain view that is tracked"),
    ("false_share", "share of participants farther than 3 m from everybody"),
    ("known_300ms", "smallest share of those around a vehicle of whom it was told within 300 ms"),
    ("told_age_p95_ms", "95 % of what a vehicle needs to know is at most so old, the worst vehicle"),
    ("delay_p95_s", "95 % of the vehicles that left lost at most this"),
    ("throughput_per_h", "vehicles that left the road, per hour"),
    ("messages", "messages of all units"),
    ("road_users", "most road users at once"),
];

impl Row {
    /// The row of a run that was judged.
    #[must_use]
    pub fn of(run: u64, point: &Point, done: &Done, verdicts: &[Verdict]) -> Self {
        Self {
            pass: verdicts.iter().all(|v| v.pass),
            holds: verdicts.iter().map(|v| (v.that.clone(), v.pass)).collect(),
            messages_fnv1a: format!("{:016x}", done.hash),
            figures: figures(done),
            ..Self::failed(run, point, String::new())
        }
    }

    /// The row of a storyboard without units; the hash is that of its trajectory.
    #[must_use]
    pub fn of_recital(run: u64, point: &Point, recited: &Recited, verdicts: &[Verdict]) -> Self {
        Self {
            pass: verdicts.iter().all(|v| v.pass),
            holds: verdicts.iter().map(|v| (v.that.clone(), v.pass)).collect(),
            messages_fnv1a: format!("{:016x}", recited.hash),
            figures: recited.figures(),
            ..Self::failed(run, point, String::new())
        }
    }

    /// The row of a run that could not be made.
    #[must_use]
    pub fn failed(run: u64, point: &Point, why: String) -> Self {
        let number = |v: &Value| v.as_float().or_else(|| v.as_integer().map(|i| i as f64));
        let (mut numbers, mut words) = (BTreeMap::new(), BTreeMap::new());
        for (key, value) in &point.figures {
            match number(value) {
                Some(v) => numbers.insert(key.clone(), v).map(|_| ()),
                None => words.insert(key.clone(), value.to_string()).map(|_| ()),
            };
        }
        Self {
            run,
            seed: point.seed,
            numbers,
            words,
            pass: false,
            holds: BTreeMap::new(),
            error: why,
            figures: BTreeMap::new(),
            messages_fnv1a: String::new(),
        }
    }
}

/// Figures of a run, by the names in [`FIGURES`].
#[must_use]
pub fn figures(done: &Done) -> BTreeMap<String, f64> {
    let judge = &done.judge;
    let mut found = BTreeMap::new();
    let mut put = |name: &str, value: Option<f64>| {
        // JSON and comparisons know no infinite numbers.
        if let Some(value) = value.filter(|v| v.is_finite()) {
            found.insert(name.to_owned(), value);
        }
    };
    put("collisions", Some(done.world.collisions().len() as f64));
    let leads: Option<Vec<f64>> = judge.leads.iter().map(|(_, lead)| lead.as_ref()?.lead_s).collect();
    put("lead_s", leads.and_then(|l| l.into_iter().min_by(f64::total_cmp)));
    if let Some(metrics) = done.recorded.as_ref().map(|r| &r.metrics) {
        safety(metrics, &mut put);
    }
    let over = |of: fn(&crate::judge::UnitRecord) -> &Histogram| {
        let mut all = judge.units.iter().map(of);
        let mut sum = all.next()?.clone();
        all.for_each(|h| sum.merge(h));
        Some(sum)
    };
    put("position_error_p95_m", over(|u| &u.errors).and_then(|h| h.percentile(95.0)));
    put("speed_error_p95_mps", over(|u| &u.speed_errors).and_then(|h| h.percentile(95.0)));
    put("heading_error_p95_deg", over(|u| &u.heading_errors).and_then(|h| h.percentile(95.0)));
    let mut delays: Vec<f64> = judge.units.iter().flat_map(|u| u.sights.delays(None)).collect();
    delays.sort_by(f64::total_cmp);
    put("detected_p95_s", nearest_rank(&delays, 95.0));
    put("age_p99_ms", over(|u| &u.ages).and_then(|h| h.percentile(99.0)));
    let strays = over(|u| &u.strays).filter(|h| h.total() > 0);
    put("false_share", strays.map(|h| h.above(3.0) as f64 / h.total() as f64));
    let recalls = judge.units.iter().flat_map(|u| u.recalls.values());
    let (all, known) = recalls.fold((0, 0), |(a, k), (all, known)| (a + all, k + known));
    put("recall", (all > 0).then(|| known as f64 / all as f64));
    let told = judge.vehicles.values().filter_map(|v| v.known_within(300.0));
    put("known_300ms", told.min_by(f64::total_cmp));
    let ages = judge.vehicles.values().filter_map(|v| v.ages.percentile(95.0));
    put("told_age_p95_ms", ages.max_by(f64::total_cmp));
    put("messages", Some(done.messages as f64));
    put("road_users", Some(judge.most_users as f64));
    found
}

/// The worst of all pairs and the journeys, by the names in [`FIGURES`].
#[must_use]
pub fn worst(metrics: &Metrics) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    safety(metrics, &mut |name, value| {
        if let Some(value) = value.filter(|v| v.is_finite()) {
            found.insert(name.to_owned(), value);
        }
    });
    let hits = metrics.pairs().values().map(|p| p.collisions.len()).sum::<usize>();
    found.insert("collisions".to_owned(), hits as f64);
    found
}

fn safety(metrics: &Metrics, put: &mut impl FnMut(&str, Option<f64>)) {
    let mut worst = |name: &str, least: bool, figure: fn(&Pair) -> Extreme| {
        put(name, metrics.extreme(None, None, least, figure).map(|(value, ..)| value));
    };
    worst("min_distance_m", true, |p| p.distance_m);
    worst("min_ttc_s", true, |p| p.ttc_s);
    worst("min_ttc_2d_s", true, |p| p.ttc_2d_s);
    worst("min_pet_s", true, |p| p.pet_s);
    worst("min_thw_s", true, |p| p.thw_s);
    worst("max_mdrac_mps2", false, |p| p.mdrac_mps2);
    worst("min_time_gap_s", true, |p| p.time_gap_s);
    worst("max_drac_mps2", false, |p| p.drac_mps2);
    put("exposed_ttc_s", metrics.pairs().values().map(|p| p.exposed_s).max_by(f64::total_cmp));
    put("delay_p95_s", metrics.trips.delays.percentile(95.0));
    put("throughput_per_h", Some(metrics.trips.throughput_per_h()));
}

/// Rows as a table, in the order of their numbers: the same rows give the same table, whoever made them and when.
///
/// # Errors
/// Never, for rows of one plan.
pub fn table(rows: &BTreeMap<u64, Row>) -> Result<Table, ParquetError> {
    let all = || rows.values();
    let keys = |of: fn(&Row) -> Vec<&String>| -> Vec<String> {
        let set: std::collections::BTreeSet<_> = all().flat_map(of).collect();
        set.into_iter().cloned().collect()
    };
    let mut columns: Vec<(String, Column)> = vec![
        ("run".into(), Column::Int(all().map(|r| r.run as i64).collect())),
        ("seed".into(), Column::Int(all().map(|r| r.seed as i64).collect())),
    ];
    for key in keys(|r| r.numbers.keys().collect()) {
        let values = all().map(|r| r.numbers.get(&key).copied()).collect();
        columns.push((key, Column::Float(values)));
    }
    for key in keys(|r| r.words.keys().collect()) {
        let values = all().map(|r| r.words.get(&key).cloned().unwrap_or_default()).collect();
        columns.push((key, Column::Text(values)));
    }
    columns.push(("pass".into(), Column::Bool(all().map(|r| r.pass).collect())));
    columns.push(("error".into(), Column::Text(all().map(|r| r.error.clone()).collect())));
    for (name, _) in FIGURES {
        let values = all().map(|r| r.figures.get(name).copied()).collect();
        columns.push((name.into(), Column::Float(values)));
    }
    for that in keys(|r| r.holds.keys().collect()) {
        let values = all().map(|r| r.holds.get(&that).map(|h| f64::from(u8::from(*h)))).collect();
        columns.push((format!("holds: {that}"), Column::Float(values)));
    }
    columns.push(("messages_fnv1a".into(), Column::Text(all().map(|r| r.messages_fnv1a.clone()).collect())));
    Table::new(columns)
}
