//! Who takes part: vehicles, pedestrians and things, with the box each fills and what it can do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::driver::Mind;
use super::driver::follower::class;
use super::limits;
use super::reader::{EntityId, Reader};
use super::word::{OBJECT_KINDS, ObjectKind, Words};
use super::xml::Element;
use crate::microsim::style::Style;
use crate::openscenario::word::SMALL;

/// A participant.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Unique name.
    pub name: String,
    /// What it is.
    pub object: Object,
    /// Controllers it may be driven by.
    pub controllers: Vec<Controller>,
    /// The vehicle it pulls from the start.
    pub trailer: Option<EntityId>,
}

/// What an entity is.
#[derive(Clone, Debug)]
pub struct Object {
    /// Vehicle, pedestrian or thing.
    pub kind: ObjectKind,
    /// Category as written: car, truck, pedestrian, barrier, …
    pub category: String,
    /// The box it fills.
    pub bounds: Bounds,
    /// What it can do.
    pub performance: Performance,
    /// Properties by name.
    pub properties: BTreeMap<String, String>,
    /// Distance from the origin to the hitch for a trailer, metres, negative behind.
    pub hitch: Option<f64>,
    /// Distance from the origin forward to the coupler by which it is pulled, metres.
    pub coupler: Option<f64>,
}

impl Object {
    /// A property of this name says `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.properties.get(name).is_some_and(|value| value == "true")
    }

    fn unknown() -> Self {
        Self {
            kind: ObjectKind::Misc,
            category: String::new(),
            bounds: Bounds { center: [0.0; 3], size: [1.0; 3] },
            performance: Performance::NONE,
            properties: BTreeMap::new(),
            hitch: None,
            coupler: None,
        }
    }
}

/// A box about an entity, in its frame: x forward, y left, z up, metres from the origin.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Middle of the box.
    pub center: [f64; 3],
    /// Length, width, height.
    pub size: [f64; 3],
}

/// Limits of motion, SI units; infinite when there are none.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Performance {
    /// m/s.
    pub max_speed: f64,
    /// m/s².
    pub max_acceleration: f64,
    /// m/s², positive.
    pub max_deceleration: f64,
}

impl Performance {
    const NONE: Self =
        Self { max_speed: f64::INFINITY, max_acceleration: f64::INFINITY, max_deceleration: f64::INFINITY };
}

impl Entity {
    /// An entity of this category as large as such vehicles are, its origin at the rear axle.
    #[must_use]
    pub fn generic(name: &str, category: &str) -> Self {
        let size = Style::of(class(category)).size;
        let object = Object {
            kind: ObjectKind::Vehicle,
            category: category.into(),
            bounds: Bounds {
                center: [REAR_AXLE * size.length_m, 0.0, 0.5 * size.height_m],
                size: [size.length_m, size.width_m, size.height_m],
            },
            ..Object::unknown()
        };
        Self { name: name.into(), object, controllers: Vec::new(), trailer: None }
    }
}

/// From the rear axle of a vehicle to its middle, share of its length.
const REAR_AXLE: f64 = 0.28;

/// A controller: a driver that is no part of the scenario's actions.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Name.
    pub name: String,
    /// Name of its definition.
    pub definition: String,
    /// Properties by name.
    pub properties: BTreeMap<String, String>,
}

impl Controller {
    /// What it is: the property `esminiController`, else the name of its definition.
    #[must_use]
    pub fn class(&self) -> &str {
        self.properties.get("esminiController").filter(|c| !c.is_empty()).unwrap_or(&self.definition)
    }
}

/// Categories of vehicles.
pub(super) const VEHICLES: Words<f64> = &[
    ("bicycle", 0.0),
    ("bus", 0.0),
    ("car", 0.0),
    ("motorbike", 0.0),
    ("semitrailer", 0.0),
    ("trailer", 0.0),
    ("train", 0.0),
    ("tram", 0.0),
    ("truck", 0.0),
    ("van", 0.0),
];

impl Reader {
    /// Reads `Entities`.
    pub fn read_entities(&mut self, root: &Element) -> Vec<Entity> {
        let mut entities: Vec<Entity> = Vec::new();
        let mut trailers: Vec<(usize, Element, String)> = Vec::new();
        let Some(list) = root.child("Entities") else { return entities };
        let objects: Vec<_> = list.all("ScenarioObject").collect();
        if objects.len() > limits::ENTITIES {
            let what = format!("{} entities, more than {}", objects.len(), limits::ENTITIES);
            self.complain(list, what, "leave out those that play no part");
            return entities;
        }
        for element in objects {
            let name = self.text(element, "name");
            self.add_entity(element, name, &mut entities, &mut trailers);
        }
        for (towing, element, name) in trailers {
            match self.entities.get(&name) {
                Some(&trailer) => entities[towing].trailer = Some(trailer),
                None => self.complain(&element, format!("no entity is called {name:?}"), "name a ScenarioObject"),
            }
        }
        for selection in list.all("EntitySelection") {
            self.read_selection(selection, &entities);
        }
        entities
    }

    fn add_entity(
        &mut self,
        element: &Element,
        name: String,
        entities: &mut Vec<Entity>,
        trailers: &mut Vec<(usize, Element, String)>,
    ) {
        if name.is_empty() || self.entities.contains_key(&name) {
            self.complain(
                element,
                format!("the name {name:?} is empty or taken"),
                "give every entity a name of its own",
            );
            return;
        }
        let kinds = ["Vehicle", "Pedestrian", "MiscObject"];
        let mut pulled = None;
        let object = match element.children.iter().find(|c| kinds.contains(&c.name.as_str())) {
            Some(inline) => Some(self.within(inline, |r| r.read_object(inline, &mut pulled))),
            None => match element.child("CatalogReference") {
                Some(reference) => self.refer(reference, &kinds, |r, e| r.read_object(e, &mut pulled)),
                None => {
                    self.complain(element, "is no vehicle, pedestrian or thing", "add one, or a CatalogReference");
                    None
                }
            },
        };
        let controllers = element.all("ObjectController").filter_map(|c| self.read_controller(c)).collect();
        // One that cannot be read keeps its name, so that those who refer to it are not blamed.
        let object = object.unwrap_or_else(Object::unknown);
        let id = entities.len();
        self.entities.insert(name.clone(), id);
        let pulls = format!("{name}+");
        entities.push(Entity { name, object, controllers, trailer: None });
        match pulled {
            Some(Pulled::Named(at, other)) => trailers.push((id, at, other)),
            Some(Pulled::Inside(inner)) if entities.len() < limits::ENTITIES => {
                // Named after what pulls it (as esmini does), so that a catalog entry can be used twice.
                self.add_entity(&inner, pulls.clone(), entities, trailers);
                trailers.push((id, inner, pulls));
            }
            _ => {}
        }
    }

    pub(super) fn read_object(&mut self, element: &Element, pulled: &mut Option<Pulled>) -> Object {
        let (kind, attribute) = match element.name.as_str() {
            "Vehicle" => (ObjectKind::Vehicle, "vehicleCategory"),
            "Pedestrian" => (ObjectKind::Pedestrian, "pedestrianCategory"),
            _ => (ObjectKind::Misc, "miscObjectCategory"),
        };
        let category = self.text(element, attribute);
        if kind == ObjectKind::Vehicle {
            let _ = self.word(element, attribute, VEHICLES);
        }
        let offset = |r: &mut Self, name: &str| element.child(name).map(|e| r.number(e, "dx"));
        let (hitch, coupler) = (offset(self, "TrailerHitch"), offset(self, "TrailerCoupler"));
        if let Some(trailer) = element.child("Trailer") {
            if let Some(inner) = trailer.child("Trailer") {
                *pulled = Some(Pulled::Inside(inner.clone()));
            } else if let Some(named) = trailer.child("TrailerRef") {
                let name = self.text(named, "entityRef");
                *pulled = (!name.is_empty()).then(|| Pulled::Named(named.clone(), name));
            }
        }
        Object {
            kind,
            category,
            bounds: self.read_bounds(element),
            performance: self.read_performance(element),
            properties: self.read_properties(element),
            hitch,
            coupler,
        }
    }

    /// Reads the object of a template.
    pub(super) fn read_template(&mut self, e: &Element) -> Option<Object> {
        let kinds = ["Vehicle", "Pedestrian", "MiscObject"];
        match e.children.iter().find(|c| kinds.contains(&c.name.as_str())) {
            Some(inline) => Some(self.within(inline, |r| r.read_object(inline, &mut None))),
            None => match e.child("CatalogReference") {
                Some(reference) => self.refer(reference, &kinds, |r, e| r.read_object(e, &mut None)),
                None => {
                    self.complain(e, "is no vehicle, pedestrian or thing", "add one, or a CatalogReference");
                    None
                }
            },
        }
    }

    fn read_bounds(&mut self, element: &Element) -> Bounds {
        let Some(boxed) = element.child("BoundingBox") else {
            self.complain(element, "has no BoundingBox", "add one: collisions and free space need it");
            return Bounds { center: [0.0; 3], size: [1.0; 3] };
        };
        let mut three = |part: &str, names: [&str; 3]| match boxed.child(part) {
            Some(e) => names.map(|n| self.number(e, n)),
            None => {
                self.complain(boxed, format!("has no {part}"), format!("add {part}"));
                [1.0; 3]
            }
        };
        let bounds = Bounds {
            center: three("Center", ["x", "y", "z"]),
            size: three("Dimensions", ["length", "width", "height"]),
        };
        if bounds.size.iter().any(|v| *v < 0.0 || *v > 1_000.0) {
            self.complain(boxed, "has a side below 0 or beyond 1000 m", "give its size in metres");
        }
        bounds
    }

    fn read_performance(&mut self, element: &Element) -> Performance {
        let Some(e) = element.child("Performance") else { return Performance::NONE };
        let mut bound = |name| self.limit(e, name).unwrap_or(f64::INFINITY).max(SMALL);
        Performance {
            max_speed: bound("maxSpeed"),
            max_acceleration: bound("maxAcceleration"),
            max_deceleration: bound("maxDeceleration"),
        }
    }

    fn read_properties(&mut self, element: &Element) -> BTreeMap<String, String> {
        let mut properties = BTreeMap::new();
        for property in element.child("Properties").iter().flat_map(|p| p.all("Property")) {
            let value = self.optional(property, "value").unwrap_or_default();
            properties.insert(self.text(property, "name"), value);
        }
        properties
    }

    /// Reads an element with a `Controller` or a reference to one in it.
    pub fn read_controller(&mut self, element: &Element) -> Option<Controller> {
        let read = |r: &mut Self, e: &Element| {
            let name = r.text(e, "name");
            Controller { definition: name.clone(), name, properties: r.read_properties(e) }
        };
        let mut controller = if let Some(inline) = element.child("Controller") {
            self.within(inline, |r| read(r, inline))
        } else {
            self.refer(element.child("CatalogReference")?, &["Controller"], read)?
        };
        if let Some(name) = self.optional(element, "name") {
            controller.name = name;
        }
        let model = controller
            .properties
            .get("model")
            .filter(|m| !["ReferenceDriver", "Regulation"].contains(&m.as_str()))
            .cloned();
        if let (Mind::Reference(_), Some(model)) = (Mind::of(&controller), model) {
            let what = format!("controller {}: its model {model} is not played", controller.name);
            self.deviate(element, what, "the reference driver of UN R157 drives instead");
        }
        if matches!(Mind::of(&controller), Mind::Unknown) {
            let what = format!("controller {} is code outside the standard that is not played", controller.name);
            self.deviate(element, what, "the default controller drives: it keeps lane and speed");
        }
        Some(controller)
    }

    fn read_selection(&mut self, element: &Element, entities: &[Entity]) {
        let name = self.text(element, "name");
        let Some(members) = element.child("Members") else {
            self.complain(element, "has no Members", "add Members with EntityRef or ByType");
            return;
        };
        let mut chosen = Vec::new();
        for member in &members.children {
            if member.name == "EntityRef" {
                chosen.extend(self.entity(member, "entityRef"));
            } else if let Some(kind) = self.word(member, "objectType", OBJECT_KINDS) {
                chosen.extend((0..entities.len()).filter(|&i| entities[i].object.kind == kind));
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        if self.entities.contains_key(&name) || self.selections.insert(name.clone(), chosen).is_some() {
            self.complain(element, format!("the name {name:?} is taken"), "give the selection a name of its own");
        }
    }
}

/// What a vehicle pulls.
pub(super) enum Pulled {
    Named(Element, String),
    Inside(Element),
}

/// Path of a file that an element names, relative to the scenario, with the slashes of this system.
#[must_use]
pub fn relative(folder: &std::path::Path, path: &str) -> PathBuf {
    folder.join(path.replace('\\', "/"))
}
