//! The table of what is covered, in `docs/messages.md`: made of what the code does with the golden pairs, not of what
//! somebody believes.
//!
//! After a wanted change: `UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test coverage`.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use v2x_msgs::{Profile, decode, hex, wire_json};

const BEGIN: &str = "<!-- coverage: written by v2x-msgs/tests/coverage.rs -->\n";
const END: &str = "<!-- end of coverage -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One line a message: what each part of the crate makes of its golden pair.
fn table() -> String {
    let mut table = String::from("| profile | message | number | wire JSON | model | second codec | status |\n");
    table.push_str("|---|---|---|---|---|---|---|\n");
    for profile in Profile::ALL {
        for message in wire_json::messages(profile) {
            let folder = root().join("v2x-msgs/golden").join(profile.name());
            let bytes = fs::read_to_string(folder.join(message.name).with_extension("hex")).unwrap();
            let bytes = hex::from_hex(bytes.trim()).unwrap();
            let wire = if wire_json::decode(&bytes, profile).is_ok() { "both ways" } else { "no" };
            let model = match decode(&bytes, profile) {
                Ok(message) => message.kind().name().to_uppercase(),
                Err(_) => "–".to_owned(),
            };
            let number = message.alternative.map_or_else(|| message.number.to_string(), str::to_owned);
            let status = if message.experimental { "experimental: not seen on air" } else { "" };
            let name = message.name;
            writeln!(table, "| {profile} | {name} | {number} | {wire} | {model} | rasn | {status} |").unwrap();
        }
    }
    table
}

#[test]
fn the_table_in_the_documentation_is_what_the_code_does() {
    let file = root().join("docs/messages.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let current = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, &current).unwrap();
    } else {
        assert!(text == current, "docs/messages.md is stale: UPDATE_GOLDEN=1 cargo test -p v2x-msgs --test coverage");
    }
}
