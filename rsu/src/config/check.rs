//! Level *rules*: do the values fit together? Everything that one value alone can tell is in the schema.

mod links;
mod sensors;
mod signal;

use std::collections::BTreeMap;

use super::Config;
use super::diagnose::Complaint;
use super::tree::{Node, Source};
use crate::site_map::SiteMap;

/// Above this age a warning comes too late for a driver (T/CSAE 53-2020 asks for 100 ms of its applications).
const MAX_BUDGET_MS: f64 = 100.0;

/// Every rule that `config` breaks. `tree` says where each value stands.
#[must_use]
pub fn check(config: &Config, map: Option<&SiteMap>, tree: &Node, sources: &[Source]) -> Vec<Complaint> {
    let mut rules = Rules { config, map, tree, sources, complaints: Vec::new() };
    rules.site();
    rules.ids();
    rules.sensors();
    rules.tracking();
    rules.signal();
    rules.services();
    rules.radios();
    rules.corridor_link();
    rules.budget();
    rules.web();
    rules.complaints
}

struct Rules<'a> {
    config: &'a Config,
    map: Option<&'a SiteMap>,
    tree: &'a Node,
    sources: &'a [Source],
    complaints: Vec<Complaint>,
}

impl Rules<'_> {
    /// An error at the value of `path`, or at the table around it when the value is not written.
    fn error(&mut self, code: &'static str, path: &[&str], title: String, label: &str, help: impl Into<String>) {
        let complaint = Complaint::at(code, title, self.sources, self.tree.place(path));
        self.complaints.push(complaint.label(label).help(help));
    }

    /// As `error`, but the unit may run.
    fn warning(&mut self, code: &'static str, path: &[&str], title: String, label: &str, help: impl Into<String>) {
        let complaint = match (path, self.sources.first()) {
            ([], Some(file)) => Complaint::error(code, title, &file.name), // the whole file
            _ => Complaint::at(code, title, self.sources, self.tree.place(path)).label(label),
        };
        self.complaints.push(complaint.warning().help(help));
    }

    /// As `error`, without repeating what is written there.
    fn secret_error(&mut self, path: &[&str], title: String, label: &str, help: impl Into<String>) {
        let complaint = Complaint::at("config::secret", title, self.sources, self.tree.place(path));
        self.complaints.push(complaint.masked().label(label).help(help));
    }

    /// What is written at `path`, as it is written.
    fn written(&self, path: &[&str]) -> Option<&str> {
        let at = self.tree.find(path)?.at;
        self.sources.get(at.source)?.text.get(at.start..at.end)
    }

    fn line_of(&self, path: &[&str]) -> usize {
        Complaint::at("", "", self.sources, self.tree.place(path)).line
    }

    fn site(&mut self) {
        let origin = self.config.site.origin;
        if origin.lat_deg == 0.0 && origin.lon_deg == 0.0 {
            let help = "take the crossing's centre from a survey or a map: 7 decimals are 1 cm";
            let title = "`origin` is 0° N 0° E, in the Gulf of Guinea".into();
            self.error("config::origin", &["site", "origin"], title, "not a crossing", help);
            return;
        }
        for key in ["lat_deg", "lon_deg"] {
            let path = ["site", "origin", key];
            let decimals =
                self.written(&path).map_or(9, |text| text.split_once('.').map_or(0, |(_, d)| d.trim().len()));
            if decimals < 5 {
                let off_m = 111_000.0 / 10f64.powi(decimals as i32);
                let title = format!(
                    "`{key}` has {decimals} decimal{}: every message is up to {off_m:.0} m off",
                    if decimals == 1 { "" } else { "s" }
                );
                let help = "give 7 decimals (1 cm); receivers match your messages to lanes";
                self.warning("config::precision", &path, title, "too coarse for lanes", help);
            }
        }
    }

    /// Ids are unique among the sensors and among the radios.
    fn ids(&mut self) {
        let config = self.config;
        let cameras = config.camera.iter().enumerate().map(|(n, c)| ("camera", n, c.id.0.as_str()));
        let lidars = config.lidar.iter().enumerate().map(|(n, l)| ("lidar", n, l.id.0.as_str()));
        self.unique(cameras.chain(lidars).collect());
        self.unique(config.radio.iter().enumerate().map(|(n, r)| ("radio", n, r.id.as_str())).collect());
    }

    fn unique(&mut self, named: Vec<(&'static str, usize, &str)>) {
        let mut seen = BTreeMap::new();
        for (table, n, id) in named {
            let number = n.to_string();
            let path = [table, &number, "id"];
            if let Some(first) = seen.get(id) {
                let title = format!("the id `{id}` is used twice, first in line {first}");
                let help = "an id names one thing: choose another, such as `north-2`";
                self.error("config::duplicate", &path, title, "used before", help);
            } else {
                seen.insert(id, self.line_of(&path));
            }
        }
    }

    fn tracking(&mut self) {
        let slowest = self.config.rates().fold(f64::INFINITY, f64::min);
        let coast_s = f64::from(self.config.tracking.coast_ms) / 1000.0;
        if slowest.is_finite() && coast_s < 1.0 / slowest {
            let period_ms = 1000.0 / slowest;
            let title =
                format!("a track lives {} ms unseen, but a frame comes every {period_ms:.0} ms", coast_s * 1000.0);
            let help = format!("give `coast_ms` at least {:.0}, three frames of the slowest sensor", 3.0 * period_ms);
            self.error(
                "config::coast",
                &["tracking", "coast_ms"],
                title,
                "every track would die between two frames",
                help,
            );
        }
    }

    fn services(&mut self) {
        let config = self.config;
        let rate = config.services.rsm.rate_hz;
        let fastest = config.rates().fold(0.0, f64::max);
        if fastest > 0.0 && rate > fastest {
            let title = format!("{rate} RSM a second asked, but no sensor gives more than {fastest} frames a second");
            let help = "an RSM is sent when a frame was fused; lower this rate or raise a sensor's `rate_hz`";
            self.warning("config::rate", &["services", "rsm", "rate_hz"], title, "faster than every sensor", help);
        }
        let rsi = &config.services.rsi;
        let wanted = self.tree.find(&["services", "rsi"]).is_some() && rsi.rate_hz > 0.0 && !rsi.events.is_empty();
        if wanted && config.site.map.is_none() {
            let help = "give `[site] map`, or `events = []`";
            let title = "warnings need a map: without lanes nobody is on the wrong one".into();
            self.warning("config::map", &["services", "rsi"], title, "no warning can arise", help);
        }
    }

    fn budget(&mut self) {
        let total = self.config.budget.total_ms();
        if total > MAX_BUDGET_MS {
            let title = format!("the budget adds up to {total} ms, above {MAX_BUDGET_MS} ms from photon to antenna");
            let help = "applications of T/CSAE 53-2020 expect 100 ms; make the stages shorter or know why not";
            self.warning("config::budget", &["budget"], title, "these five add up", help);
        }
    }
}

impl Config {
    /// Frames a second of each sensor.
    fn rates(&self) -> impl Iterator<Item = f64> {
        self.camera.iter().map(|c| c.rate_hz).chain(self.lidar.iter().map(|l| l.rate_hz))
    }
}
