//! Reads scenario files and refuses bad ones with file, line, column and remedy.

mod users;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Check, Scenario, Sensing, expect};

/// Largest scenario file.
const MAX_BYTES: u64 = 1 << 20;
/// Longest simulated time, seconds.
const MAX_S: f64 = 24.0 * 3600.0;
/// Most units, flows, actors, faults and expectations.
const MAX_ITEMS: usize = 1000;

/// A scenario that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub file: PathBuf,
    /// Line from 1; 0: the file as a whole.
    pub line: usize,
    /// Column from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub title: String,
    /// What to do.
    pub help: String,
    /// The line itself.
    pub source: String,
}

impl Refused {
    /// A complaint about a file as a whole.
    #[must_use]
    pub fn file(path: &Path, title: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: path.to_owned(),
            line: 0,
            column: 0,
            title: title.into(),
            help: help.into(),
            source: String::new(),
        }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        if self.line == 0 {
            writeln!(f, "  --> {}", self.file.display())?;
        } else {
            writeln!(f, "  --> {}:{}:{}", self.file.display(), self.line, self.column)?;
            writeln!(f, "   | {}", self.source)?;
            writeln!(f, "   | {:>1$}", "^", self.column)?;
        }
        write!(f, "help: {}", self.help)
    }
}

/// Reads a scenario file.
pub(super) fn read(path: &Path) -> Result<String, Refused> {
    let refuse = |title: String, help: &str| Refused::file(path, title, help);
    let meta = std::fs::metadata(path).map_err(|e| {
        refuse(format!("the scenario cannot be read: {e}"), "`rsu-sim list` shows those that are there")
    })?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        let title = format!("this is no scenario file: a file of at most {MAX_BYTES} bytes is taken");
        return Err(refuse(title, "give a scenario file in TOML"));
    }
    std::fs::read_to_string(path)
        .map_err(|e| refuse(format!("the scenario cannot be read: {e}"), "save it as UTF-8 text"))
}

struct Text<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Text<'_> {
    fn at(&self, span: &Range<usize>, title: impl Into<String>, help: impl Into<String>) -> Refused {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &self.text[..start];
        let from = before.rfind('\n').map_or(0, |i| i + 1);
        Refused {
            file: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[from..].chars().count() + 1,
            title: title.into(),
            help: help.into(),
            source: self.text[from..].lines().next().unwrap_or("").to_owned(),
        }
    }
}

/// Parses and checks a scenario.
pub(super) fn parse(path: &Path, text: &str) -> Result<Scenario, Refused> {
    let text = Text { path, text };
    let scenario: Scenario = toml::from_str(text.text).map_err(|e| {
        let help = if e.message().contains("unknown field") {
            "remove the key or correct its name; docs/simulation.md lists all keys"
        } else {
            "correct this line; docs/simulation.md shows every key with an example"
        };
        text.at(&e.span().unwrap_or(0..0), e.message().to_owned(), help)
    })?;
    check(&text, &scenario)?;
    Ok(scenario)
}

fn check(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    let for_s = *s.for_s.as_ref();
    if !(for_s > 0.0 && for_s <= MAX_S) {
        let title = format!("for_s = {for_s} is no time to simulate");
        return Err(text.at(&s.for_s.span(), title, "give seconds, more than 0 and at most a day"));
    }
    if !(0.0..=3600.0).contains(&s.warm_s) {
        return Err(text.at(&(0..0), format!("warm_s = {} is out of range", s.warm_s), "give 0 to 3600 seconds"));
    }
    let counts = [s.unit.len(), s.flow.len(), s.actor.len(), s.fault.len(), s.expect.len(), s.tags.len()];
    let yard = [s.gate.len(), s.dock.len(), s.bay.len()];
    if counts.iter().chain(&yard).any(|&n| n > MAX_ITEMS) {
        let help = format!("at most {MAX_ITEMS} of each table are taken");
        return Err(text.at(&(0..0), "the scenario is too large", help));
    }
    if s.unit.is_empty() {
        check_bare(text, s)?;
    }
    if s.expect.is_empty() {
        let help = format!("add `[[expect]]` with `that = \"…\"` and one of {}", expect::CHECKS);
        return Err(text.at(&(0..0), "the scenario expects nothing, so it could not fail", help));
    }
    check_chances(text, s)?;
    check_expects(text, s)?;
    for flow in &s.flow {
        users::flow(flow.as_ref()).map_err(|(title, help)| text.at(&flow.span(), title, help))?;
    }
    let mut names = BTreeSet::new();
    for actor in &s.actor {
        users::actor(actor.as_ref()).map_err(|(title, help)| text.at(&actor.span(), title, help))?;
        if !names.insert(&actor.as_ref().id) {
            let title = format!("there are two actors `{}`", actor.as_ref().id);
            return Err(text.at(&actor.span(), title, "give each its own id"));
        }
    }
    for actor in &s.actor {
        let leads =
            |id: &String| s.actor.iter().any(|a| &a.as_ref().id == id && a.as_ref().obu && *id != actor.as_ref().id);
        if let Some(behind) = actor.as_ref().behind.as_ref().filter(|id| !leads(id)) {
            let title =
                format!("`{}` follows `{behind}`, which is no other actor with an on-board unit", actor.as_ref().id);
            return Err(text.at(&actor.span(), title, "name an [[actor]] that has `obu = true`"));
        }
    }
    users::yard(s).map_err(|(span, (title, help))| text.at(&span, title, help))?;
    check_traffic(text, s)?;
    check_faults(text, s)
}

/// Without a unit there is no map and nobody who hears: only a storyboard of its own can run.
fn check_bare(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    let help = "add `[[unit]]` with `config = \"units/x01.toml\"`";
    let Some(story) = &s.openscenario else {
        return Err(text.at(&(0..0), "the scenario has no unit", help));
    };
    let lonely =
        [(!s.flow.is_empty(), "[[flow]]"), (!s.actor.is_empty(), "[[actor]]"), (!s.fault.is_empty(), "[[fault]]")];
    if let Some((_, what)) = lonely.iter().find(|(there, _)| *there) {
        let title = format!("{what} needs a unit: an OpenSCENARIO file alone has no map of ours and no air");
        return Err(text.at(&story.file.span(), title, help));
    }
    if let Some(deaf) = s.expect.iter().find(|e| !e.as_ref().needs_no_unit()) {
        let title = format!("`{}` is measured on a unit, and there is none", deaf.as_ref().that);
        return Err(text.at(&deaf.span(), title, help));
    }
    Ok(())
}

fn check_traffic(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    let Some(traffic) = &s.traffic else { return Ok(()) };
    if !(0.0..=30.0).contains(&traffic.change_s) || traffic.at_m.iter().any(|c| !c.is_finite()) {
        let title = "the traffic has a figure that cannot be";
        return Err(text.at(&traffic.net.span(), title, "give change_s from 0 to 30 s, at_m in metres"));
    }
    Ok(())
}

fn check_faults(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    for fault in &s.fault {
        fault.as_ref().check().map_err(|(title, help)| text.at(&fault.span(), title, help))?;
    }
    Ok(())
}

fn check_chances(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    let mut chances = vec![("channel.loss", s.channel.loss), ("channel.shadow", s.channel.shadow)];
    let mut delays = vec![("channel.delay_ms", s.channel.delay_ms), ("link.delay_ms", s.link.delay_ms)];
    for unit in &s.unit {
        for (name, sensing) in
            [("camera", unit.camera.than(Sensing::camera())), ("lidar", unit.lidar.than(Sensing::lidar()))]
        {
            let ok = sensing.range_m > 0.0 && (0.0..=100.0).contains(&sensing.clutter) && sensing.noise >= 0.0;
            if !(ok && sensing.noise.is_finite() && sensing.range_m.is_finite()) {
                let title = format!("unit.{name} has a figure that no sensor has");
                return Err(text.at(&unit.config.span(), title, "range_m > 0, clutter 0 to 100, noise from 0 on"));
            }
            chances.extend([("miss", sensing.miss), ("confuse", sensing.confuse), ("late", sensing.late)]);
            delays.push(("latency_ms", sensing.latency_ms));
        }
    }
    for (name, chance) in chances {
        if !(0.0..=1.0).contains(&chance) {
            return Err(text.at(&(0..0), format!("{name} = {chance} is no chance"), "give a number from 0 to 1"));
        }
    }
    for (name, [low, high]) in delays {
        if !(low >= 0.0 && high >= low && high <= 10_000.0) {
            let title = format!("{name} = [{low}, {high}] is no range of delays");
            return Err(text.at(&(0..0), title, "give [shortest, longest] in ms, at most 10000"));
        }
    }
    Ok(())
}

fn check_expects(text: &Text<'_>, s: &Scenario) -> Result<(), Refused> {
    // A trailer is called as its tractor with a `+`.
    let known = |id: &str| {
        let plain = id.strip_suffix('+');
        let called = |a: &super::Actor| a.id == id || (a.trailer.is_some() && plain == Some(a.id.as_str()));
        s.actor.iter().find(|a| called(a.as_ref()))
    };
    for expect in &s.expect {
        let e = expect.as_ref();
        let checks = e.checks();
        if checks.len() != 1 {
            let title = format!("`{}` has {} measurements", e.that, checks.len());
            return Err(text.at(&expect.span(), title, format!("give exactly one of {}", expect::CHECKS)));
        }
        if let Some(deaf) = e.hearers().into_iter().find(|id| known(id).is_some_and(|a| !a.as_ref().obu)) {
            let title = format!("`{deaf}` has no on-board unit, so it hears nothing");
            return Err(text.at(&expect.span(), title, "add `obu = true` to that actor"));
        }
        if matches!(checks[0], Check::Storyboard(_)) && s.openscenario.is_none() {
            let title = format!("`{}` speaks of a storyboard, and there is none", e.that);
            return Err(text.at(&expect.span(), title, "add `[openscenario]` with `file = \"…\"`"));
        }
        // Names out of an OpenSCENARIO file are known once that file is read, those of lane traffic when they come.
        let ours = s.openscenario.is_none() && s.traffic.is_none();
        if let Some(missing) = e.actors().into_iter().find(|id| ours && known(id).is_none()) {
            let title = format!("`{}` speaks of `{missing}`, which is no actor of this scenario", e.that);
            return Err(text.at(&expect.span(), title, "name an `[[actor]]` by its id"));
        }
        if let Check::Bound(_, bound) = checks[0] {
            let bounds: Vec<f64> = bound.min.iter().chain(&bound.max).copied().collect();
            if bounds.is_empty() || bounds.iter().any(|b| !b.is_finite()) {
                let title = format!("`{}` bounds nothing", e.that);
                return Err(text.at(&expect.span(), title, "give `min = …` or `max = …`, a finite number"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "title = \"t\"\nfor_s = 1\n[[unit]]\nconfig = \"u.toml\"\n[[expect]]\nthat = \"x\"\nno_collision = {}\n";

    fn refused(text: &str) -> Refused {
        parse(Path::new("bad.toml"), text).expect_err(text)
    }

    #[test]
    fn the_smallest_scenario_is_taken() {
        assert_eq!(parse(Path::new("good.toml"), GOOD).unwrap().seed, 1);
    }

    #[test]
    fn bad_scenarios_are_refused_with_line_and_remedy() {
        let with = |more: &str| format!("{GOOD}{more}");
        let cases = [
            (with("[[actor]]\nid = \"a\"\nkind = \"car\"\nlane = \"l\"\nlain = 2\n"), 12, "lain"),
            (with("[[actor]]\nid = \"a\"\nkind = \"ship\"\nlane = \"l\"\n"), 10, "ship"),
            (with("[[actor]]\nid = \"a\"\nkind = \"car\"\n"), 8, "no way"),
            (with("[[actor]]\nid = \"a\"\nkind = \"car\"\npath = []\n"), 8, "path"),
            (with("[[flow]]\nper_hour = 3\n"), 8, "one way"),
            (with("[[flow]]\nlink = \"x\"\nper_hour = -3\n"), 8, "per_hour"),
            (with("[[fault]]\nat_s = 1\nkind = \"sensor-frozen\"\nunit = \"x01\"\n"), 8, "which sensor"),
            (with("[[expect]]\nthat = \"y\"\n"), 8, "0 measurements"),
            (with("[[expect]]\nthat = \"y\"\nttc_s = {}\n"), 8, "bounds nothing"),
            (with("[[expect]]\nthat = \"y\"\nttc_s = { min = nan }\n"), 8, "bounds nothing"),
            (with("[[expect]]\nthat = \"y\"\nno_collision = { actor = \"who\" }\n"), 8, "no actor"),
            (GOOD.replace("for_s = 1", "for_s = -1"), 2, "for_s"),
            (GOOD.replace("for_s = 1", "for_s = nan"), 2, "for_s"),
            (GOOD.replace("for_s = 1", "for_s = \"long\""), 2, "invalid type"),
            (with("[channel]\nloss = 1.5\n"), 1, "channel.loss"),
            (GOOD[..GOOD.find("[[expect]]").unwrap()].to_owned(), 1, "could not fail"),
            ("title = ".to_owned(), 1, ""),
        ];
        for (text, line, word) in cases {
            let refused = refused(&text);
            assert_eq!(refused.line, line, "{refused}\n{text}");
            assert!(refused.title.contains(word), "{refused}");
            assert!(!refused.help.is_empty() && refused.to_string().contains("bad.toml:"), "{refused}");
        }
    }

    #[test]
    fn yards_trailers_and_priority_that_cannot_be_are_refused_where_they_stand() {
        let with = |more: &str| format!("{GOOD}{more}");
        let actor = |more: &str| with(&format!("[[actor]]\nid = \"a\"\nkind = \"car\"\n{more}\n"));
        let path = "path = [[0, 0], [9, 0]]";
        let cases = [
            (actor(&format!("{path}\nsiren = true")), "`siren` but is on no lane"),
            (actor("lane = \"l\"\nasks = \"bus\""), "without an on-board unit"),
            (actor("lane = \"l\"\nheeds = true"), "no path to hold it on"),
            (actor(&format!("{path}\nlag_s = 9")), "as no vehicle does"),
            (actor(&format!("{path}\nstops = [{{ at_m = 3, gate = \"g\" }}]")), "gate `g`"),
            (actor(&format!("{path}\npark = {{ bays = [\"b\"], unit = \"u\" }}")), "bay `b`"),
            (actor(&format!("{path}\npark = {{ bays = [], unit = \"u\" }}")), "cannot park so"),
            (actor(&format!("{path}\ntrailer = {{ length_m = 900 }}")), "figure that cannot be"),
            (actor("path = [[0, 0]]\ntrailer = {}"), "no trailer"),
            (with("[[gate]]\nid = \"g\"\ndocks = [\"d\"]\n"), "dock `d`, which is not there"),
            (with("[[gate]]\nid = \"g\"\ncheck_s = -1\n"), "time that cannot be"),
            (with("[[dock]]\nid = \"d\"\nway = [[0, 0]]\nfor_s = 1\n"), "0 gates send to dock"),
            (with("[[dock]]\nid = \"d\"\nway = []\nfor_s = 1\n"), "cannot be reached"),
            (with("[[bay]]\nid = \"b\"\nat = [nan, 0]\nheading_deg = 0\n"), "nowhere"),
            (with("[traffic]\nnet = \"n\"\nroutes = []\nchange_s = 99\n"), "figure that cannot be"),
        ];
        for (text, word) in cases {
            let refused = refused(&text);
            assert!(refused.title.contains(word), "{refused}\n{text}");
            assert!((8..=9).contains(&refused.line) && !refused.help.is_empty(), "{refused}");
        }
        assert!(parse(Path::new("good.toml"), &actor(&format!("{path}\ntrailer = {{}}\nheeds = true"))).is_ok());
    }

    #[test]
    fn garbage_is_refused_without_a_panic() {
        for text in ["\u{0}", "ä=", "[[[", "title = \"t\"\nfor_s = 1e400", "[[unit]]\nconfig = 3", "\u{feff}x"] {
            refused(text);
        }
        let deep = format!("title = {}1{}", "[".repeat(5000), "]".repeat(5000));
        refused(&deep);
    }

    #[test]
    fn a_missing_file_and_a_folder_are_refused() {
        assert!(read(Path::new("/nowhere/at/all.toml")).unwrap_err().help.contains("rsu-sim list"));
        assert!(read(Path::new(".")).unwrap_err().title.contains("no scenario"));
    }
}
