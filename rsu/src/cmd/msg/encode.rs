//! `rsu msg encode`: the bytes of messages.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;
use v2x_msgs::{Profile, hex, json};

use super::documents::{Document, Documents};
use super::input::Source;
use super::profile::Choice;
use super::read::{Out, Type, complain, verdict};
use crate::cli::Global;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(after_help = "Input: JSON documents as `rsu msg decode --json` prints them; an error names field or line.

Examples:
  rsu msg encode rsm.json
  rsu msg decode --json --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0 | rsu msg encode -

Exit code: 0 good, 1 when a document was refused.")]
pub(super) struct Encode {
    /// Message set and edition
    #[arg(long, value_name = "PROFILE", default_value_t = Choice::Is(Profile::default()))]
    profile: Choice,
    /// The JSON has the standard's own fields and raw numbers
    #[arg(long)]
    wire: bool,
    /// The JSON is a value of this type of the standard, not a whole message
    #[arg(long = "type", value_name = "NAME", requires = "wire")]
    type_name: Option<String>,
    /// Write raw octets, of one message
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// JSON file, `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// `rsu.msg.encoded/1`.
#[derive(Serialize)]
struct Encoded {
    schema: &'static str,
    profile: &'static str,
    octets: usize,
    hex: String,
}

/// Runs it.
pub(super) fn run(args: &Encode, global: &Global) -> anyhow::Result<ExitCode> {
    let profile = args.profile.to_encode()?;
    let of = Type::of(args.type_name.as_deref(), profile)?;
    let source = Source::of(&args.file)?;
    let name = source.name.clone();
    let mut documents = Documents::of(source.lines());
    let (mut out, mut good, mut refused, mut number) = (Out::open(), 0_u64, 0_u64, 0_u64);
    loop {
        if documents.would_wait() {
            out.flush()?;
        }
        let Some(document) = documents.next().with_context(|| format!("cannot read {name}"))? else { break };
        number += 1;
        if args.raw && number > 1 {
            bail!("{name}: raw octets of several messages would run together; leave out --raw");
        }
        let place = format!("{name}, document {number} in line {}", document.line);
        match octets_of(&document, of, profile, args.wire) {
            Ok(octets) => {
                good += 1;
                write(&mut out, &octets, profile, args, global)?;
            }
            Err(error) => {
                refused += 1;
                out.flush()?;
                complain(&error.context(place));
            }
        }
    }
    if number == 0 {
        bail!("{name}: there is no document in the input");
    }
    out.flush()?;
    verdict(global, good, refused)
}

fn write(out: &mut Out, octets: &[u8], profile: Profile, args: &Encode, global: &Global) -> anyhow::Result<()> {
    let digits = || hex::to_hex(octets);
    if args.raw {
        // Held back: a second document would take the octets' meaning.
        out.octets(octets)?;
    } else if global.json {
        let schema = "rsu.msg.encoded/1";
        let encoded = Encoded { schema, profile: profile.name(), octets: octets.len(), hex: digits() };
        out.line(&serde_json::to_string(&encoded)?)?;
    } else {
        out.line(&digits())?;
    }
    Ok(())
}

fn octets_of(document: &Document, of: Type, profile: Profile, wire: bool) -> anyhow::Result<Vec<u8>> {
    let text = document.text.as_ref().map_err(Clone::clone)?;
    let value: Value = serde_json::from_str(text).map_err(|error| no_json(&error, document.line))?;
    of_value(&value, of, profile, wire)
}

/// The bytes of a document in one of its two forms.
pub(super) fn of_value(value: &Value, of: Type, profile: Profile, wire: bool) -> anyhow::Result<Vec<u8>> {
    if wire {
        return Ok(of.wire.encode(value)?);
    }
    if value.get("choice").is_some() || value.get("messageId").is_some() {
        bail!("this is JSON on the level of the wire: say --wire");
    }
    Ok(v2x_msgs::encode(&json::from_json(value)?, profile)?)
}

/// What serde_json says, with the line of the file instead of the document's.
fn no_json(error: &serde_json::Error, first_line: u64) -> anyhow::Error {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    let line = first_line + (error.line() as u64).saturating_sub(1);
    anyhow::anyhow!("no JSON: {what} at line {line} column {}", error.column())
}
