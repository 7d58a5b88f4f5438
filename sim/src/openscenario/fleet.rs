//! What traffic is made of: vehicles with weights, from which one is drawn each time (standard: TrafficDefinition,
//! TrafficDistribution).

use super::driver::follower::class;
use super::entity::{Controller, Entity, Object};
use super::limits;
use super::reader::Reader;
use super::word::ObjectKind;
use super::xml::Element;
use crate::random::Luck;

/// Categories of traffic whose mix is not given, with their weights (those of esmini's swarm).
const USUAL: [(&str, f64); 5] = [("car", 5.0), ("van", 2.0), ("bus", 1.0), ("truck", 2.0), ("motorbike", 1.0)];
/// Categories that do not drive of themselves.
const TOWED: [&str; 2] = ["trailer", "semitrailer"];

/// A kind of road user.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it is.
    pub object: Object,
    /// Its controllers.
    pub controllers: Vec<Controller>,
}

/// Road users to draw from.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    templates: Vec<(f64, Template)>,
    controllers: Vec<(f64, Controller)>,
    roles: Vec<(f64, String)>,
}

fn pick<'a, T>(list: &'a [(f64, T)], luck: &mut Luck) -> Option<&'a T> {
    let weights: Vec<_> = list.iter().map(|(weight, _)| *weight).collect();
    list.get(luck.pick(&weights)).map(|(_, value)| value)
}

impl Fleet {
    /// Draws one; `None`: there is nothing to draw from.
    pub fn draw(&self, luck: &mut Luck) -> Option<Template> {
        let mut drawn = pick(&self.templates, luck)?.clone();
        if drawn.controllers.is_empty() && !self.controllers.is_empty() {
            drawn.controllers.extend(pick(&self.controllers, luck).cloned());
        }
        if !self.roles.is_empty() {
            let role = pick(&self.roles, luck).cloned().unwrap_or_default();
            drawn.object.properties.insert("role".into(), role);
        }
        Some(drawn)
    }

    /// It holds somebody of this category.
    #[must_use]
    pub fn has(&self, object: &Object) -> bool {
        let same = |o: &Object| o.kind == object.kind && o.category == object.category;
        self.templates.iter().any(|(weight, t)| *weight > 0.0 && same(&t.object))
    }

    /// Weights must not be negative, and not all 0.
    fn check(&self, reader: &mut Reader, e: &Element) {
        let sums = [
            self.templates.iter().map(|t| t.0).sum::<f64>(),
            if self.controllers.is_empty() { 1.0 } else { self.controllers.iter().map(|c| c.0).sum() },
            if self.roles.is_empty() { 1.0 } else { self.roles.iter().map(|r| r.0).sum() },
        ];
        if sums.iter().any(|sum| *sum <= 0.0) {
            reader.complain(e, "has nothing to draw from: all weights are 0", "give a weight above 0");
        }
    }
}

impl Reader {
    /// Reads the `TrafficDefinition` or `TrafficDistribution` of an action; `None`: it has none.
    pub fn read_fleet(&mut self, e: &Element) -> Option<Fleet> {
        let (fleet, at) = if let Some(definition) = e.child("TrafficDefinition") {
            (self.read_definition(definition), definition)
        } else {
            let distribution = e.child("TrafficDistribution")?;
            (self.read_distribution(distribution), distribution)
        };
        fleet.check(self, at);
        Some(fleet)
    }

    /// The usual mix of the vehicles in the catalogs, else of vehicles like this one.
    pub fn usual_fleet(&mut self, e: &Element, like: Option<&Object>) -> Fleet {
        let mut fleet = Fleet::default();
        let known = self.catalog_vehicles(e);
        if let (true, Some(like)) = (known.is_empty(), like) {
            fleet.templates.push((1.0, Template { object: like.clone(), controllers: Vec::new() }));
            return fleet;
        }
        for (category, weight) in USUAL {
            if known.is_empty() || known.iter().any(|o| o.category == category) {
                fleet.add(category, weight, &known);
            }
        }
        if fleet.templates.is_empty() {
            fleet.add("car", 1.0, &[]);
        }
        fleet
    }

    fn read_definition(&mut self, e: &Element) -> Fleet {
        let mut fleet = Fleet::default();
        let known = self.catalog_vehicles(e);
        let categories = e.child("VehicleCategoryDistribution");
        for entry in categories.iter().flat_map(|d| d.all("VehicleCategoryDistributionEntry")) {
            let (category, weight) = (self.text(entry, "category"), self.positive(entry, "weight"));
            if self.word(entry, "category", super::entity::VEHICLES).is_some() {
                fleet.add(&category, weight, &known);
            }
        }
        for entry in e.child("VehicleRoleDistribution").iter().flat_map(|d| d.all("VehicleRoleDistributionEntry")) {
            fleet.roles.push((self.positive(entry, "weight"), self.text(entry, "role")));
        }
        for entry in e.child("ControllerDistribution").iter().flat_map(|d| d.all("ControllerDistributionEntry")) {
            let weight = self.positive(entry, "weight");
            fleet.controllers.extend(self.read_controller(entry).map(|c| (weight, c)));
        }
        fleet
    }

    fn read_distribution(&mut self, e: &Element) -> Fleet {
        let mut fleet = Fleet::default();
        for entry in e.all("TrafficDistributionEntry") {
            let share = self.positive(entry, "weight");
            let kinds: Vec<_> = entry
                .child("EntityDistribution")
                .map(|d| d.all("EntityDistributionEntry").collect())
                .unwrap_or_default();
            let mut templates = Vec::new();
            for kind in &kinds {
                let weight = self.positive(kind, "weight");
                let Some(template) = kind.child("ScenarioObjectTemplate") else {
                    self.complain(kind, "has no ScenarioObjectTemplate", "add one");
                    continue;
                };
                let controllers = template.all("ObjectController").filter_map(|c| self.read_controller(c)).collect();
                templates.extend(self.read_template(template).map(|object| (weight, Template { object, controllers })));
            }
            let sum: f64 = templates.iter().map(|(weight, _)| weight).sum();
            let scale = if sum > 0.0 { share / sum } else { 0.0 };
            fleet.templates.extend(templates.into_iter().map(|(weight, t)| (weight * scale, t)));
        }
        fleet
    }
}

impl Fleet {
    /// All known vehicles of a category share its weight; without any a usual one stands for it.
    fn add(&mut self, category: &str, weight: f64, known: &[Object]) {
        let of_it: Vec<_> = known.iter().filter(|o| o.category == category).collect();
        let template = |object: Object| Template { object, controllers: Vec::new() };
        if of_it.is_empty() || self.templates.len() > limits::ENTITIES {
            self.templates.push((weight, template(Entity::generic(category, category).object)));
            return;
        }
        let each = weight / of_it.len() as f64;
        self.templates.extend(of_it.into_iter().map(|o| (each, template(o.clone()))));
    }
}

/// It drives of itself.
#[must_use]
pub fn drives(object: &Object) -> bool {
    object.kind == ObjectKind::Vehicle && !TOWED.contains(&object.category.as_str())
}

/// Length of a usual road user of a category, metres.
#[must_use]
pub fn usual_length(category: &str) -> f64 {
    crate::microsim::style::Style::of(class(category)).size.length_m
}
