//! `.sumocfg`: which network and which demand belong together, and for how long.

use std::path::{Path, PathBuf};

use super::xml::{Notes, Reader, SumoError, text};
use super::{demand, net};
use crate::microsim::traffic::{Settings, Traffic};

/// What a configuration names.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Network.
    pub net: PathBuf,
    /// Files with types and demand, in the order in which they are read.
    pub routes: Vec<PathBuf>,
    /// End, seconds.
    pub end_s: Option<f64>,
    /// Step, seconds.
    pub step_s: Option<f64>,
    /// Seed.
    pub seed: Option<u64>,
}

impl Scenario {
    /// Reads a `.sumocfg`.
    ///
    /// # Errors
    /// When it is none, or names no network.
    pub fn read(path: &Path) -> Result<Self, SumoError> {
        let (file, text) = (path.display().to_string(), text(path)?);
        let reader = Reader { file: &file };
        let root_name = if text.contains("<sumoConfiguration") { "sumoConfiguration" } else { "configuration" };
        let document = reader.parse(&text, root_name)?;
        let root = document.root_element();
        let node = |name: &str| root.descendants().find(|n| n.has_tag_name(name));
        let folder = path.parent().unwrap_or(Path::new("."));
        let files = |name: &str| -> Vec<PathBuf> {
            let value = node(name).and_then(|n| n.attribute("value")).unwrap_or("");
            value.split(',').map(str::trim).filter(|f| !f.is_empty()).map(|f| folder.join(f)).collect()
        };
        let number = |name: &str| node(name).map_or(Ok(None), |n| reader.number(n, "value"));
        let Some(net) = files("net-file").into_iter().next() else {
            return Err(reader.error(root, "no <net-file value=…/>", "name the network"));
        };
        // Types of the additional files are used by the routes.
        let routes = files("additional-files").into_iter().chain(files("route-files")).collect();
        let seed = number("seed")?.filter(|s| *s >= 0.0).map(|s| s as u64);
        Ok(Self {
            net,
            routes,
            end_s: number("end")?.filter(|e| *e > 0.0),
            step_s: number("step-length")?.filter(|s| *s > 0.0),
            seed,
        })
    }

    /// A network with some demand files.
    #[must_use]
    pub fn of(net: PathBuf, routes: Vec<PathBuf>) -> Self {
        Self { net, routes, end_s: None, step_s: None, seed: None }
    }

    /// The traffic of this scenario; step and seed of the file win over those of `settings`.
    ///
    /// # Errors
    /// When one of its files cannot be used.
    pub fn traffic(&self, settings: Settings) -> Result<(Traffic, Notes), SumoError> {
        let (network, mut notes) = net::read(&self.net)?;
        let dt = self.step_s.unwrap_or(settings.dt);
        let seed = self.seed.unwrap_or(settings.seed);
        let mut traffic = Traffic::new(network, Settings { dt, seed, ..settings });
        for file in &self.routes {
            demand::read(file, &mut traffic, &mut notes)?;
        }
        Ok((traffic, notes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microsim::style::Class;

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sumo")
    }

    #[test]
    fn a_configuration_of_sumo_runs_to_its_end_without_a_collision() {
        let scenario = Scenario::read(&folder().join("crossing.sumocfg")).unwrap();
        assert_eq!((scenario.end_s, scenario.step_s), (Some(120.0), Some(0.5)));
        let (mut traffic, notes) = scenario.traffic(Settings { collisions: true, ..Settings::default() }).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(traffic.settings.dt, 0.5);
        let mut classes = std::collections::BTreeSet::new();
        while traffic.time() < 120.0 {
            traffic.step();
            classes.extend(traffic.vehicles().map(|v| traffic.style(v).class));
            assert!(traffic.collisions().is_empty(), "{:?}", traffic.collisions());
        }
        let counts = traffic.counts();
        assert_eq!((counts.entered, counts.arrived), (4, 4), "{counts:?}");
        assert_eq!(classes, [Class::Car, Class::Trailer, Class::Bicycle].into());
    }

    #[test]
    fn flows_come_as_often_as_they_say_and_in_the_mix_that_they_say() {
        let (network, _) = net::read(&folder().join("crossing.net.xml")).unwrap();
        let mut traffic = Traffic::new(network, Settings { dt: 0.5, ..Settings::default() });
        let text = r#"<routes>
            <vTypeDistribution id="mix"><vType id="c" vClass="passenger" probability="0.8"/><vType id="b" vClass="bus" probability="0.2"/></vTypeDistribution>
            <flow id="even" type="mix" from="n-in" to="s-out" begin="0" end="600" vehsPerHour="360" departLane="best" departSpeed="max"/>
            <flow id="poisson" from="s-in" to="n-out" begin="0" end="600" period="exp(0.1)" departLane="best" departSpeed="max"/>
            <flow id="few" from="e-in" to="w-out" begin="100" end="600" number="5" departLane="best" departSpeed="max"/>
        </routes>"#;
        super::super::demand::parse("r.xml", text, &mut traffic, &mut Notes::new()).unwrap();
        let mut names = std::collections::BTreeMap::new();
        while traffic.time() < 800.0 {
            traffic.step();
            names.extend(traffic.vehicles().map(|v| (traffic.name(v.name), traffic.style(v).class)));
        }
        let count = |stem: &str| names.keys().filter(|n| n.starts_with(stem)).count();
        assert_eq!((count("even."), count("few.")), (60, 5));
        assert!((40..=80).contains(&count("poisson.")), "{}", count("poisson."));
        let buses = names.values().filter(|c| **c == Class::Bus).count();
        assert!((4..=22).contains(&buses), "{buses}");
        assert!(traffic.demand.is_over() && traffic.vehicles().count() == 0);
    }

    #[test]
    fn demand_that_does_not_fit_is_refused_with_its_line() {
        for (element, part) in [
            ("<vehicle id=\"a\" depart=\"0\"><route edges=\"n-in moon\"/></vehicle>", "no edge `moon`"),
            ("<vehicle id=\"a\" depart=\"0\"><route edges=\"n-in n-out\"/></vehicle>", "does not lead"),
            ("<trip id=\"a\" depart=\"0\" from=\"n-out\" to=\"n-in\"/>", "no way"),
            ("<vType id=\"t\" carFollowModel=\"Wiedemann\"/>", "Wiedemann"),
            ("<vType id=\"t\" vClass=\"ship\"/>", "ship"),
            ("<flow id=\"f\" from=\"n-in\" to=\"s-out\" end=\"9\"/>", "how often"),
            ("<vehicle id=\"a\" type=\"x\" depart=\"0\"/>", "no vType `x`"),
            ("<rerouter id=\"a\"/>", "not understood"),
        ] {
            let (network, _) = net::read(&folder().join("crossing.net.xml")).unwrap();
            let mut traffic = Traffic::new(network, Settings::default());
            let text = format!("<routes>\n{element}\n</routes>");
            let error = super::super::demand::parse("r.xml", &text, &mut traffic, &mut Notes::new()).unwrap_err();
            assert!(error.to_string().contains(part) && error.line == 2, "{error}");
        }
    }
}
