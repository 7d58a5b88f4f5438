//! Compiles the schemas of the messages a second time, with another compiler, and lists the types that whole messages and
//! open types are of.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rasn_compiler::OutputMode;
use rasn_compiler::prelude::{Compiler, RasnBackend};

const SCHEMAS: [(&str, &str); 4] =
    [("csae53_2020", "csae53"), ("ydt3709_2020", "ydt3709"), ("csae157_2020", "csae157"), ("j2735_2024", "j2735")];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    for (schema, module) in SCHEMAS {
        let source = format!("../../v2x-msgs/asn1/{schema}.asn");
        println!("cargo::rerun-if-changed={source}");
        let warnings = Compiler::<RasnBackend, _>::new()
            .add_asn_by_path(&source)
            .set_output_mode(OutputMode::SingleFile(Path::new(&out).join(format!("{module}.rs"))))
            .compile()
            .map_err(|e| format!("{source}: {e}"))?;
        for warning in warnings {
            println!("cargo::warning={warning}");
        }
        let readings = readings(&fs::read_to_string(&source)?, module)?;
        fs::write(Path::new(&out).join(format!("{module}_readings.rs")), readings)?;
    }
    Ok(())
}

/// `match name { "BasicSafetyMessage" => …, … }` over the frame and everything that an open type may hold.
fn readings(text: &str, module: &str) -> Result<String, Box<dyn Error>> {
    let opens = text.lines().filter_map(|line| line.strip_prefix("--@ open "));
    let mut names: Vec<&str> = opens.filter_map(|open| open.split(' ').nth(2)).collect();
    names.push("MessageFrame");
    names.sort_unstable();
    names.dedup();
    let mut out = String::from("match name {\n");
    for name in names {
        writeln!(out, "    {name:?} => Some(reading::<{module}::{module}::{}>()),", rust_name(name))?;
    }
    out.push_str("    _ => None,\n}\n");
    Ok(out)
}

/// `Position3D-addGrpB` is `Position3DAddGrpB` in Rust.
fn rust_name(name: &str) -> String {
    let capital = |part: &str| part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect();
    name.split('-').map(capital).collect::<Vec<String>>().concat()
}
