//! What is left of a run for people and machines: one self-contained HTML page, and JUnit XML. No clock time is in either,
//! so the same seed gives the same bytes.

pub mod draw;
pub mod film;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use crate::judge::UnitRecord;
use crate::run::Done;
use crate::scenario::Loaded;
use crate::sweep::row;
use crate::verdict::Verdict;

/// A run, judged.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Name of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Seed.
    pub seed: u64,
    /// Simulated seconds.
    pub for_s: f64,
    /// Every expectation holds.
    pub pass: bool,
    /// Every expectation.
    pub verdicts: Vec<Verdict>,
    /// The one command that repeats it.
    pub repeat: String,
    /// Messages of all units.
    pub messages: u64,
    /// Hash over them, hexadecimal.
    pub messages_fnv1a: String,
    /// Measured figures by name, as in a row of a sweep.
    pub figures: BTreeMap<String, f64>,
    /// The page.
    #[serde(skip)]
    pub html: String,
}

impl Outcome {
    /// Sums up a run of the scenario that somebody called `asked`.
    #[must_use]
    pub fn new(loaded: &Loaded, asked: &str, done: &Done, verdicts: Vec<Verdict>) -> Self {
        let mut outcome = Self {
            scenario: loaded.name.clone(),
            title: loaded.scenario.title.clone(),
            seed: done.seed,
            for_s: *loaded.scenario.for_s.as_ref(),
            pass: verdicts.iter().all(|v| v.pass),
            verdicts,
            repeat: format!("rsu-sim run {asked} --seed {}", done.seed),
            messages: done.messages,
            messages_fnv1a: format!("{:016x}", done.hash),
            figures: row::figures(done),
            html: String::new(),
        };
        outcome.html = page(&outcome, done);
        outcome
    }
}

impl Outcome {
    /// Another command repeats it.
    pub fn repeat_with(&mut self, command: &str, done: &Done) {
        command.clone_into(&mut self.repeat);
        self.html = page(self, done);
    }
}

/// What became of one scenario: judged, or it could not be run.
pub type Result = std::result::Result<Outcome, (String, String)>;

/// JUnit XML of several scenarios. A failed expectation is a failure, a scenario that could not be run an error.
#[must_use]
pub fn junit(results: &[Result]) -> String {
    let mut report = Report::new("rsu-sim");
    for result in results {
        let (name, cases) = match result {
            Ok(outcome) => (outcome.scenario.as_str(), cases(outcome)),
            Err((name, why)) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(why.lines().next().unwrap_or_default()).set_description(why);
                (name.as_str(), vec![TestCase::new("the scenario runs", status)])
            }
        };
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    // quick-junit writes to a string; it fails only when the writer does.
    report.to_string().unwrap_or_default()
}

fn cases(outcome: &Outcome) -> Vec<TestCase> {
    let case = |verdict: &Verdict| {
        let status = if verdict.pass {
            TestCaseStatus::success()
        } else {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = format!("{}\nrepeat: {}", verdict.measured, outcome.repeat);
            status.set_message(&verdict.measured).set_type("expectation").set_description(more);
            status
        };
        let mut case = TestCase::new(&verdict.that, status);
        case.set_classname(format!("{} seed {}", outcome.scenario, outcome.seed));
        case.set_time(Duration::from_secs_f64(outcome.for_s));
        case
    };
    outcome.verdicts.iter().map(case).collect()
}

/// Looks of every page.
pub const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;\
background:#fff}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}\
td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}.p{color:#17784a;\
font-weight:600}.f{color:#c62828;font-weight:600}code{font:13px ui-monospace,monospace}svg{max-width:100%;height:auto}\
@media(prefers-color-scheme:dark){body{background:#12161b;color:#e8e8e4}td,th{border-color:#333}.p{color:#4cc38a}\
.f{color:#ff6369}}";

fn page(outcome: &Outcome, done: &Done) -> String {
    let mut h = String::new();
    let _ = write!(
        h,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{}</title>",
        text(&outcome.scenario)
    );
    let _ = write!(h, "<meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>");
    let word = if outcome.pass { "<span class=\"p\">PASS</span>" } else { "<span class=\"f\">FAIL</span>" };
    let _ = write!(h, "<h1>{} — {word}</h1><p>{}</p>", text(&outcome.scenario), text(&outcome.title));
    let _ = write!(
        h,
        "<p>Seed {}, {} s simulated, {} messages, hash <code>{}</code>. ",
        outcome.seed, outcome.for_s, outcome.messages, outcome.messages_fnv1a
    );
    let _ = write!(h, "Repeat: <code>{}</code></p>", text(&outcome.repeat));
    h += "<h2>Expectations</h2><table>";
    for v in &outcome.verdicts {
        let (class, word) = if v.pass { ("p", "PASS") } else { ("f", "FAIL") };
        let _ = write!(h, "<tr><td class=\"{class}\">{word}<td>{}<td>{}", text(&v.that), text(&v.measured));
        if !v.pass {
            let _ = write!(h, "<br>Repeat: <code>{}</code>", text(&outcome.repeat));
        }
    }
    h += "</table>";
    if let Some(recorded) = &done.recorded {
        if let Some(scene) = &recorded.film.worst {
            h += &film::strip(&done.world.road, scene, &recorded.metrics);
        }
        h += "<h2>Safety and traffic</h2><table><tr><th>Figure<th>Value<th>What it is";
        for (name, what) in row::FIGURES {
            if let Some(value) = outcome.figures.get(name) {
                let _ = write!(h, "<tr><td>{name}<td>{value:.3}<td>{what}");
            }
        }
        h += "</table>";
    }
    if let Some(worst) = &done.judge.worst {
        let _ = write!(
            h,
            "<h2>The largest position error: {:.1} s, {} {:.2} m off as {} saw it</h2>",
            worst.at_s,
            text(&worst.who),
            worst.error_m,
            text(&worst.unit)
        );
        h += "<p>Filled: the truth. Outlined: the tracks.</p>";
        h += &draw::top_view(&done.world.road, worst);
    }
    for unit in &done.judge.units {
        unit_section(&mut h, unit);
    }
    h += "</html>\n";
    h
}

fn unit_section(h: &mut String, unit: &UnitRecord) {
    let _ = write!(h, "<h2>Unit {}</h2><table><tr><th>Message<th>Count<th>Bytes", text(&unit.name));
    for (kind, tally) in &unit.messages {
        let _ = write!(h, "<tr><td>{}<td>{}<td>{}", kind.name(), tally.count, tally.bytes);
    }
    h.push_str("</table><table><tr><th>Class<th>In plain view<th>Tracked");
    for (class, (all, known)) in &unit.recalls {
        let share = 100.0 * *known as f64 / (*all).max(1) as f64;
        let _ = write!(h, "<tr><td>{}<td>{all}<td>{share:.2} %", class.name());
    }
    h.push_str("</table>");
    let figure = |v: Option<f64>, digits: usize| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"));
    let _ = write!(
        h,
        "<p>Position error: median {} m, 95 % {} m. Age from light to antenna: median {} ms, 99 % {} ms. \
         Hand-overs {}, warnings {}.</p>",
        figure(unit.errors.percentile(50.0), 2),
        figure(unit.errors.percentile(95.0), 2),
        figure(unit.ages.percentile(50.0), 0),
        figure(unit.ages.percentile(99.0), 0),
        unit.handovers,
        unit.warnings
    );
    h.push_str(&draw::curves("Position error, m (mean and largest of each second)", &unit.errors_s));
    h.push_str(&draw::curves("Age, ms (mean and largest of each second)", &unit.ages_s));
}

/// Text that is safe inside HTML.
pub(crate) fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
