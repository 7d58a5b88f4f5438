//! Compiles our ASN.1 texts with asn1rs: into Rust types, into a table of the names as the standard writes them (the
//! generated code knows only the Rust spelling, and errors want the original), and into a table of shapes.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use asn1rs::r#gen::Generator as _;
use asn1rs::r#gen::rust::RustCodeGenerator;
use asn1rs::model::rust::{rust_struct_or_enum_name, rust_variant_name};
use asn1rs::model::{Asn, Enumerated, EnumeratedVariant, Model, Type};
use asn1rs::parser::Tokenizer;

#[path = "build/shapes.rs"]
mod shapes;

/// The schemas, each with the types that become Rust types with all that they refer to: those of the messages that the
/// model has. Everything else needs its shape only.
const SCHEMAS: [(&str, &[&str]); 4] = [
    ("csae53_2020", &["MessageFrame"]),
    ("ydt3709_2020", &["MessageFrame"]),
    (
        "csae157_2020",
        &[
            "MessageFrame",
            "CLPMM",
            "PAMData",
            "PersonalSafetyMessage",
            "RTCMcorrections",
            "RoadsideCoordination",
            "SensorSharingMsg",
            "TestMsg",
            "VehIntentionAndRequest",
        ],
    ),
    (
        "j2735_2024",
        &[
            "MessageFrame",
            "BasicSafetyMessage",
            "CommonSafetyRequest",
            "EmergencyVehicleAlert",
            "IntersectionCollision",
            "MapData",
            "PersonalSafetyMessage",
            "RTCMcorrections",
            "RoadSafetyMessage",
            "RoadSideAlert",
            "SPAT",
            "SensorDataSharingMessage",
            "SignalRequestMessage",
            "SignalStatusMessage",
            "SpecialVehicleExtensions",
            "SupplementalVehicleExtensions",
            "TravelerInformation",
            "VehicleSafetyExtensions",
        ],
    ),
];

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let out = env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=build");
    let mut day1: Option<Types> = None;
    for (schema, roots) in SCHEMAS {
        let source = format!("asn1/{schema}.asn");
        println!("cargo::rerun-if-changed={source}");
        let text = fs::read_to_string(&source)?;
        let model = parse(&text).map_err(|e| format!("{source}: {e}"))?;
        let types = reachable(&model, roots).map_err(|e| format!("{source}: {e}"))?;
        let shared = day1.as_ref().map(|day1| same(&types, day1)).unwrap_or_default();
        let code = compile(model.clone(), &types, &shared).map_err(|e| format!("{source}: {e}"))?;
        let table = table(&model).map_err(|e| format!("{source}: {e}"))?;
        fs::write(Path::new(&out).join(format!("{schema}.rs")), code)?;
        fs::write(Path::new(&out).join(format!("{schema}_names.rs")), table)?;
        let shapes = shapes::table(&model, &text).map_err(|e| format!("{source}: {e}"))?;
        fs::write(Path::new(&out).join(format!("{schema}_shapes.rs")), shapes)?;
        // The first schema is that of Day I: others take its Rust types where theirs are the same.
        day1.get_or_insert(types);
    }
    #[cfg(feature = "peers")]
    peer("asn1/csae53_2020.asn", &Path::new(&out).join("csae53_rasn.rs"))?;
    Ok(())
}

/// Compiles a schema with rasn's compiler, for the bench that compares.
#[cfg(feature = "peers")]
fn peer(source: &str, to: &Path) -> Result<(), Failure> {
    use rasn_compiler::prelude::{Compiler, RasnBackend};
    Compiler::<RasnBackend, _>::new()
        .add_asn_by_path(source)
        .set_output_mode(rasn_compiler::OutputMode::SingleFile(to.to_owned()))
        .compile()
        .map_err(|e| format!("{source}: {e}"))?;
    Ok(())
}

/// The schema, once asn1rs has read as many types in it as it has; some of what it cannot read it passes over in silence.
fn parse(text: &str) -> Result<Model<Asn>, Failure> {
    if text.contains("[[") || text.contains("EXPORTS") {
        return Err("groups of additions and EXPORTS are mis-parsed".into());
    }
    let parsed = Model::try_from(Tokenizer.parse(text)).map_err(|e| format!("{e:?}"))?;
    let model = parsed.try_resolve().map_err(|e| format!("{e:?}"))?;
    let written = text
        .lines()
        .filter(|line| !line.starts_with("--") && line.contains(" ::= ") && !line.ends_with("BEGIN"))
        .count();
    let names: BTreeSet<String> = model.definitions.iter().map(|d| rust_struct_or_enum_name(d.name())).collect();
    if names.len() != written {
        return Err(format!("{written} types are written, {} of distinct Rust names were read", names.len()).into());
    }
    Ok(model)
}

/// Types by name.
type Types = BTreeMap<String, Type>;

/// Rust types for `types`; those that are `shared` are taken from the first schema instead.
fn compile(mut model: Model<Asn>, types: &Types, shared: &BTreeSet<&str>) -> Result<String, Failure> {
    part_enumerators_of_one_rust_name(&mut model);
    rename_what_the_derive_cannot_take(&mut model);
    let own: BTreeSet<String> = types
        .keys()
        .filter(|name| !shared.contains(name.as_str()))
        .map(|name| rust_struct_or_enum_name(name))
        .collect();
    let mut rust = model.to_rust();
    rust.definitions.retain(|definition| own.contains(&definition.0));
    let mut generator = RustCodeGenerator::default();
    generator.add_model(rust);
    let files = generator.to_string().map_err(|e| format!("{e:?}"))?;
    let mut code: String = files.into_iter().map(|(_, code)| code).collect();
    for name in shared {
        writeln!(code, "pub use super::csae53::{};", rust_struct_or_enum_name(name))?;
    }
    Ok(code)
}

/// These types and all that they refer to.
fn reachable(model: &Model<Asn>, roots: &[&str]) -> Result<Types, Failure> {
    let all: Types = model.definitions.iter().map(|d| (d.name().to_owned(), d.value().r#type.clone())).collect();
    let mut kept = Types::new();
    let mut waiting: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(name) = waiting.pop() {
        let kind = all.get(&name).ok_or_else(|| format!("no type {name}"))?;
        if kept.insert(name, kind.clone()).is_none() {
            references(kind, &mut waiting);
        }
    }
    Ok(kept)
}

/// The types that are the same in another schema, with all that they refer to.
fn same<'a>(types: &'a Types, other: &Types) -> BTreeSet<&'a str> {
    let mut same: BTreeSet<&str> =
        types.iter().filter(|(name, kind)| other.get(*name) == Some(kind)).map(|(name, _)| name.as_str()).collect();
    loop {
        let differing: Vec<&str> = same
            .iter()
            .copied()
            .filter(|name| {
                let mut parts = Vec::new();
                types.get(*name).into_iter().for_each(|kind| references(kind, &mut parts));
                parts.iter().any(|part| !same.contains(part.as_str()))
            })
            .collect();
        if differing.is_empty() {
            return same;
        }
        same.retain(|name| !differing.contains(name));
    }
}

/// The types that a type refers to.
fn references(kind: &Type, to: &mut Vec<String>) {
    match kind {
        Type::TypeReference(name, _) => to.push(name.clone()),
        Type::Optional(inner) | Type::Default(inner, _) | Type::SequenceOf(inner, _) | Type::SetOf(inner, _) => {
            references(inner, to);
        }
        Type::Sequence(list) | Type::Set(list) => {
            list.fields.iter().for_each(|field| references(&field.role.r#type, to));
        }
        Type::Choice(choice) => choice.variants().for_each(|variant| references(variant.r#type(), to)),
        _ => {}
    }
}

/// The rows of the table of names, as one Rust expression.
fn table(model: &Model<Asn>) -> Result<String, Failure> {
    let mut text = String::from("&[\n");
    for (name, items) in names(model) {
        writeln!(text, "    ({name:?}, &{items:?}),")?;
    }
    text.push_str("]\n");
    Ok(text)
}

/// Rust name of a type, then its components, alternatives or enumerators as the schema spells them; sorted.
fn names(model: &Model<Asn>) -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for definition in &model.definitions {
        let items: Vec<String> = match &definition.value().r#type {
            Type::Sequence(list) | Type::Set(list) => list.fields.iter().map(|f| f.name.clone()).collect(),
            Type::Choice(choice) => choice.variants().map(|v| v.name().to_owned()).collect(),
            Type::Enumerated(enumerated) => enumerated.variants().map(|v| v.name().to_owned()).collect(),
            _ => continue,
        };
        rows.push((rust_struct_or_enum_name(definition.name()), items));
    }
    rows.sort();
    rows
}

/// asn1rs's derive cannot have a component called `type` just before the extension marker.
fn rename_what_the_derive_cannot_take(model: &mut Model<Asn>) {
    for definition in &mut model.definitions {
        let Type::Sequence(list) = &mut definition.1.r#type else { continue };
        if let Some(last) = list.extension_after.and_then(|at| list.fields.get_mut(at))
            && last.name == "type"
        {
            last.name = "kind".to_owned();
        }
    }
}

/// `prec01deg` and `prec0-1deg` are one name in Rust: the second gets an `X`. Only the order counts on the wire.
fn part_enumerators_of_one_rust_name(model: &mut Model<Asn>) {
    for definition in &mut model.definitions {
        let Type::Enumerated(enumerated) = &definition.1.r#type else { continue };
        let mut taken = BTreeSet::new();
        let variants: Vec<EnumeratedVariant> = enumerated
            .variants()
            .map(|variant| {
                let mut name = variant.name().to_owned();
                while !taken.insert(rust_variant_name(&name)) {
                    name.push('X');
                }
                match variant.number() {
                    Some(number) => EnumeratedVariant::from_name_number(name, number),
                    None => EnumeratedVariant::from_name(name),
                }
            })
            .collect();
        let extension = enumerated.extension_after_index();
        definition.1.r#type =
            Type::Enumerated(Enumerated::from_variants(variants).with_maybe_extension_after(extension));
    }
}
