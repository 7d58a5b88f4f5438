//! Compiles our ASN.1 text with asn1rs, into Rust types, and into a table of the names as the standard writes them: the
//! generated code knows only the Rust spelling, and errors and the wire-level JSON want the original.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use asn1rs::r#gen::Generator as _;
use asn1rs::r#gen::rust::RustCodeGenerator;
use asn1rs::model::rust::{rust_struct_or_enum_name, rust_variant_name};
use asn1rs::model::{Asn, Enumerated, EnumeratedVariant, Model, Type};
use asn1rs::parser::Tokenizer;

const SCHEMAS: [&str; 1] = ["csae53_2020"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    for schema in SCHEMAS {
        let source = format!("asn1/{schema}.asn");
        println!("cargo::rerun-if-changed={source}");
        let tokens = Tokenizer.parse(&fs::read_to_string(&source)?);
        let parsed = Model::try_from(tokens).map_err(|e| format!("{source}: {e:?}"))?;
        let mut model = parsed.try_resolve().map_err(|e| format!("{source}: {e:?}"))?;

        fs::write(Path::new(&out).join(format!("{schema}_names.rs")), names(&model)?)?;

        part_enumerators_of_one_rust_name(&mut model);
        let mut generator = RustCodeGenerator::default();
        generator.add_model(model.to_rust());
        let files = generator.to_string().map_err(|e| format!("{source}: {e:?}"))?;
        let code: String = files.into_iter().map(|(_, code)| code).collect();
        fs::write(Path::new(&out).join(format!("{schema}.rs")), code)?;
    }
    Ok(())
}

/// A sorted table: Rust name of a type, then its components, alternatives or enumerators as the schema spells them.
fn names(model: &Model<Asn>) -> Result<String, Box<dyn Error>> {
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
    let mut text = String::from("&[\n");
    for (name, items) in rows {
        writeln!(text, "    ({name:?}, &{items:?}),")?;
    }
    text.push_str("]\n");
    Ok(text)
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
