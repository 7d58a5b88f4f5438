//! Compiles the schema of the messages a second time, with another compiler, for the oracle in `src/oracle.rs`.

use std::env;
use std::error::Error;
use std::path::Path;

use rasn_compiler::OutputMode;
use rasn_compiler::prelude::{Compiler, RasnBackend};

fn main() -> Result<(), Box<dyn Error>> {
    let schema = "../v2x-msgs/asn1/csae53_2020.asn";
    println!("cargo::rerun-if-changed={schema}");
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let warnings = Compiler::<RasnBackend, _>::new()
        .add_asn_by_path(schema)
        .set_output_mode(OutputMode::SingleFile(Path::new(&out).join("csae53_oracle.rs")))
        .compile()
        .map_err(|e| format!("{schema}: {e}"))?;
    for warning in warnings {
        println!("cargo::warning={warning}");
    }
    Ok(())
}
