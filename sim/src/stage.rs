//! A scenario made ready: its world, its units with their sensors, its signals. Both the virtual run and the demo start
//! from here.

use std::path::{Path, PathBuf};

use calibration::Timestamp;
use calibration::geodesy::EnuFrame;
use rsu::config::diagnose::{Complaint, Severity};
use rsu::config::load;
use rsu::site_map::SiteMap;
use rsu::station::Setup;

use crate::chronicle::Part;
use crate::eyes::Eyes;
use crate::microsim::Settings;
use crate::openscenario;
use crate::road::Road;
use crate::scenario::{self, FaultKind, Grants, Loaded};
use crate::signals::Signals;
use crate::world::story::Story;
use crate::world::{Carrier, World, WorldError};

/// Step of the world while the traffic warms up, seconds.
const WARM_STEP_S: f64 = 0.05;

/// A scenario made ready.
#[derive(Debug)]
pub struct Stage {
    /// Who is on the road.
    pub world: World,
    /// What the signals show.
    pub signals: Signals,
    /// The frame of the world.
    pub frame: EnuFrame,
    /// Units, in the order of the file.
    pub units: Vec<Unit>,
    /// The map that is driven on.
    pub map: SiteMap,
}

/// A unit made ready.
#[derive(Debug)]
pub struct Unit {
    /// Configuration, map and calibration, as [`rsu::config`] read them.
    pub setup: Setup,
    /// Its sensors.
    pub eyes: Eyes,
}

/// A scenario cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A unit's configuration is refused.
    #[error("the configuration of a unit is refused\n{}", .0.join("\n"))]
    Config(Vec<String>),
    /// A map cannot be read.
    #[error("the map {path} cannot be read: {why}")]
    Map {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Nobody watches.
    #[error("the scenario has no unit, only a storyboard; run it with `rsu-sim run` or `sweep`, or add a [[unit]]")]
    NoUnit,
    /// There is no map to drive on.
    #[error("there is no road: give `map` in the scenario, or `[site] map` in its first unit")]
    NoMap,
    /// Two units with one name, or a name that is not there.
    #[error("{0}")]
    Unit(String),
    /// The OpenSCENARIO file is refused.
    #[error("the OpenSCENARIO file is refused\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Openscenario(Vec<openscenario::Complaint>),
    /// The lane network or its demand is refused.
    #[error("the traffic is refused\n{0}")]
    Traffic(String),
    /// The road users do not fit the map.
    #[error(transparent)]
    World(#[from] WorldError),
}

impl Stage {
    /// Makes `loaded` ready for a run with `seed` that begins at `start`; the traffic has warmed up.
    ///
    /// # Errors
    /// When a file that the scenario names is not good, or its road users do not fit its map.
    pub fn set(loaded: &Loaded, seed: u64, start: Timestamp) -> Result<Self, StageError> {
        let scenario = &loaded.scenario;
        if scenario.unit.is_empty() {
            return Err(StageError::NoUnit);
        }
        let mut setups = Vec::new();
        for unit in &scenario.unit {
            setups.push(read_unit(&loaded.file(unit.config.as_ref()))?);
        }
        check_names(loaded, &setups)?;
        for fault in scenario.fault.iter().map(|f| f.as_ref()).filter(|f| f.kind == FaultKind::CalibrationMissing) {
            for setup in setups.iter_mut().filter(|s| fault.is_of(&s.config.site.id.0)) {
                setup.rig.sensors.remove(fault.sensor.as_deref().unwrap_or_default());
            }
        }
        let map = match &scenario.map {
            Some(path) => read_map(&loaded.file(path.as_ref()))?,
            None => setups[0].map.clone().ok_or(StageError::NoMap)?,
        };
        let frame = setups[0].rig.frame;
        let grants: Vec<_> = scenario.unit.iter().map(|unit| unit.priority).collect();
        check_grants(&setups, &grants)?;
        let signals = Signals::new(&setups, &grants, scenario.fault.iter().map(|f| f.as_ref()), start);
        let road = Road::new(&map).map_err(WorldError::from)?;
        let mut world = World::new(scenario, road, seed, start.offset_secs(-scenario.warm_s))?;
        if let Some(told) = &scenario.openscenario {
            let path = loaded.file(told.file.as_ref());
            let story = Story::read(&path, &told.values(), told.at_m, scenario.warm_s, seed)
                .map_err(StageError::Openscenario)?;
            let names: Vec<_> = story.names().collect();
            check_cast(loaded, &names, story.parts())?;
            world.play(story, told.obu.clone());
        }
        if let Some(traffic) = &scenario.traffic {
            world.join(read_traffic(loaded, traffic, seed)?);
        }
        for _ in 0..(scenario.warm_s / WARM_STEP_S).round() as u64 {
            let lights = signals.at(world.now());
            world.step(WARM_STEP_S, &lights);
        }
        world.set_now(start);
        let units = setups.into_iter().zip(&scenario.unit).map(|(setup, plan)| {
            let eyes = Eyes::new(&setup, plan, &frame, seed, start);
            Unit { setup, eyes }
        });
        Ok(Self { world, signals, frame, units: units.collect(), map })
    }
}

/// A unit whose controller grants priority has a plan, and speaks a dialect in which one can ask.
fn check_grants(setups: &[Setup], grants: &[Option<Grants>]) -> Result<(), StageError> {
    for setup in setups.iter().zip(grants).filter_map(|(setup, grants)| grants.map(|_| setup)) {
        let (site, plan) = (&setup.config.site, &setup.config.signal.plan);
        if plan.is_none() || site.dialect != v2x_msgs::Profile::Csae157_2020 {
            return Err(StageError::Unit(format!(
                "the controller of `{}` cannot grant priority: give its configuration `[signal.plan]`, and `[site] dialect = \"csae157-2020\"`, in which vehicles can ask",
                site.id
            )));
        }
    }
    Ok(())
}

/// What is not understood in a network or its demand would be missing on the road, so it is refused.
fn read_traffic(loaded: &Loaded, plan: &scenario::Traffic, seed: u64) -> Result<Carrier, StageError> {
    let routes = plan.routes.iter().map(|path| loaded.file(path)).collect();
    let settings = Settings { seed, change_s: plan.change_s, ..Settings::default() };
    let read = Carrier::read(loaded.file(plan.net.as_ref()), routes, plan.at_m, plan.obu.clone(), settings);
    match read {
        Ok(Ok(carrier)) => Ok(carrier),
        Ok(Err(left_out)) => {
            Err(StageError::Traffic(format!("not understood: {}\nhelp: remove it", left_out.join("; "))))
        }
        Err(e) => Err(StageError::Traffic(e.to_string())),
    }
}

fn read_unit(path: &Path) -> Result<Setup, StageError> {
    let errors = |list: Vec<Complaint>| {
        let errors = list.iter().filter(|c| c.severity == Severity::Error);
        StageError::Config(errors.map(Complaint::render).collect())
    };
    load::load(path).map(|(setup, _)| setup).map_err(errors)
}

fn read_map(path: &Path) -> Result<SiteMap, StageError> {
    let bad = |why: String| StageError::Map { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|e| bad(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| bad(e.to_string()))
}

/// Expectations and on-board units name road users of the scenario or of its OpenSCENARIO file.
pub(crate) fn check_cast(loaded: &Loaded, told: &[&str], parts: &[Part]) -> Result<(), StageError> {
    let elements = loaded.scenario.expect.iter().filter_map(|e| e.as_ref().storyboard.as_ref()?.element.as_deref());
    if let Some(absent) = elements.into_iter().find(|name| !parts.iter().any(|p| p.name == *name)) {
        let known: Vec<_> = parts.iter().skip(1).map(|p| p.name.as_str()).collect();
        let text = format!(
            "an expectation speaks of `{absent}` of the storyboard; its acts and events are {}",
            known.join(", ")
        );
        return Err(StageError::Unit(text));
    }
    let ours: Vec<_> = loaded.scenario.actor.iter().map(|a| a.as_ref().id.as_str()).collect();
    let refuse = |what: &str, name: &str| {
        Err(StageError::Unit(format!("{what} speaks of `{name}`; the OpenSCENARIO file has {}", told.join(", "))))
    };
    if let Some(twice) = ours.iter().find(|name| told.contains(name)) {
        return Err(StageError::Unit(format!(
            "`{twice}` is in the OpenSCENARIO file too; give the [[actor]] another id"
        )));
    }
    let obu = loaded.scenario.openscenario.iter().flat_map(|o| &o.obu);
    if let Some(name) = obu.map(String::as_str).find(|name| !told.contains(name)) {
        return refuse("[openscenario] obu", name);
    }
    let expected = loaded.scenario.expect.iter().flat_map(|e| e.as_ref().actors());
    match expected.into_iter().find(|name| !told.contains(name) && !ours.contains(name)) {
        Some(name) => refuse("an expectation", name),
        None => Ok(()),
    }
}

/// Faults and expectations name units and sensors that are there.
fn check_names(loaded: &Loaded, setups: &[Setup]) -> Result<(), StageError> {
    let names: Vec<_> = setups.iter().map(|s| s.config.site.id.0.as_str()).collect();
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(StageError::Unit(format!("two units are called `{name}`; give each its own `[site] id`")));
        }
    }
    for fault in loaded.scenario.fault.iter().map(|f| f.as_ref()) {
        let Some(unit) = &fault.unit else { continue };
        let Some(setup) = setups.iter().find(|s| s.config.site.id.0 == *unit) else {
            let text = format!("a fault speaks of unit `{unit}`; the units are {}", names.join(", "));
            return Err(StageError::Unit(text));
        };
        let config = &setup.config;
        let sensors: Vec<_> =
            config.camera.iter().map(|c| &c.id.0).chain(config.lidar.iter().map(|l| &l.id.0)).collect();
        if let Some(sensor) = fault.sensor.as_ref().filter(|s| !sensors.contains(s)) {
            let known: Vec<_> = sensors.iter().map(|s| s.as_str()).collect();
            let text = format!("a fault speaks of sensor `{sensor}` of {unit}; it has {}", known.join(", "));
            return Err(StageError::Unit(text));
        }
    }
    let parks = loaded.scenario.actor.iter().filter_map(|a| a.as_ref().park.as_ref());
    if let Some(unknown) = parks.map(|p| p.unit.as_str()).find(|u| !names.contains(u)) {
        let text = format!("an actor parks by what unit `{unknown}` says; the units are {}", names.join(", "));
        return Err(StageError::Unit(text));
    }
    let mut expected = loaded.scenario.expect.iter().flat_map(|e| e.as_ref().units());
    if let Some(unknown) = expected.find(|u| !names.contains(u)) {
        let text = format!("an expectation speaks of unit `{unknown}`; the units are {}", names.join(", "));
        return Err(StageError::Unit(text));
    }
    Ok(())
}
