//! `rsu msg diff`: field by field what differs between two messages.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Map, Value};
use v2x_msgs::hex;

use super::decode;
use super::encode;
use super::input::{Messages, Source};
use super::profile::Choice;
use super::read::{Message, Type};
use crate::cli::Global;
use crate::cmd;

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A and B: hexadecimal digits, or files with one message in digits, JSON or raw octets. List elements with
an identifier are compared with the one of the same identifier.

Examples:
  rsu msg diff before.json after.json
  rsu msg diff --wire 44d8815d… 44d8815e…

Exit code: 0 equal, 1 different, 2 when one of them is no message."
)]
pub(super) struct Diff {
    /// Message set and edition, or `auto`
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Choice>,
    /// Compare the standard's own fields and raw numbers instead of SI units
    #[arg(long)]
    wire: bool,
    /// The one
    #[arg(value_name = "A")]
    a: String,
    /// The other
    #[arg(value_name = "B")]
    b: String,
}

/// `rsu.msg.diff/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    profile: &'static str,
    equal: bool,
    differences: Vec<Difference>,
}

/// One field that differs.
#[derive(Debug, Serialize, PartialEq)]
struct Difference {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<Value>,
}

/// Runs it.
pub(super) fn run(args: &Diff, global: &Global) -> anyhow::Result<ExitCode> {
    let read = |what: &str| octets(what, args.profile).map_err(|e| usage(e.context(shortened(what))));
    let (a, b) = (read(&args.a)?, read(&args.b)?);
    let profile = Choice::of(args.profile, &a, None).map_err(|e| usage(e.context(shortened(&args.a))))?.profile;
    let value = |octets: &[u8], what: &str, wire: bool| {
        let message = Message {
            octets,
            read: Choice::of(Some(Choice::Is(profile)), octets, None)?,
            of: Type::of(None, profile)?,
            place: None,
        };
        decode::value(&message, wire).map_err(|e| usage(e.context(shortened(what))))
    };
    let (mut left, mut right) = (value(&a, &args.a, args.wire)?, value(&b, &args.b, args.wire)?);
    if !args.wire && left == right && a != b {
        // What the form in SI units leaves out differs.
        (left, right) = (value(&a, &args.a, true)?, value(&b, &args.b, true)?);
    }
    let mut differences = Vec::new();
    compare("", &left, &right, &mut differences);
    if differences.is_empty() && a != b {
        let digits = |octets: &[u8]| Some(Value::String(hex::to_hex(octets)));
        differences.push(Difference { path: "(the bytes)".to_owned(), a: digits(&a), b: digits(&b) });
    }
    let equal = differences.is_empty();
    if global.json {
        cmd::print_json(&Report { schema: "rsu.msg.diff/1", profile: profile.name(), equal, differences })?;
    } else if !equal {
        cmd::print(differences.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(ExitCode::from(if equal { 0 } else { cmd::FAILED }))
}

/// As diff(1): what cannot be compared is not a difference.
fn usage(error: anyhow::Error) -> anyhow::Error {
    cmd::Exit::new(cmd::USAGE, format!("{error:#}")).into()
}

fn shortened(what: &str) -> String {
    match what.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &what[..at]),
        None => what.to_owned(),
    }
}

/// The bytes of an argument: digits, or a file with one message in any form.
fn octets(what: &str, profile: Option<Choice>) -> anyhow::Result<Vec<u8>> {
    let file = Path::new(what);
    if what != "-" && !file.exists() {
        return hex::from_hex(what).context("neither a file nor hexadecimal digits");
    }
    let mut source = Source::of(file)?;
    let start = std::io::BufRead::fill_buf(&mut source.reader)?;
    if start.trim_ascii_start().first() == Some(&b'{') {
        let mut documents = super::documents::Documents::of(source.lines());
        let text = documents.next()?.context("no document")?.text?;
        let value: Value = serde_json::from_str(&text).context("no JSON")?;
        let wire = value.get("schema").is_none();
        let profile = profile.unwrap_or(Choice::Is(v2x_msgs::Profile::default())).to_encode()?;
        return encode::of_value(&value, Type::of(None, profile)?, profile, wire);
    }
    let mut messages = Messages::of(source)?;
    let first = messages.next().context("there is no message in it")??;
    if messages.next().is_some() {
        bail!("more than one message is in it; two messages are compared");
    }
    Ok(first.octets?)
}

/// Fields that name an element of a list among the others, in both forms of JSON.
const IDENTIFIERS: [&str; 10] =
    ["ptcId", "ptc_id", "objectID", "object_id", "rteId", "rtsId", "laneID", "lane_id", "signalGroup", "id"];

fn compare(path: &str, a: &Value, b: &Value, differences: &mut Vec<Difference>) {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => fields(path, a, b, differences),
        (Value::Array(a), Value::Array(b)) => elements(path, a, b, differences),
        _ if a == b => {}
        _ => differences.push(Difference { path: path.to_owned(), a: Some(a.clone()), b: Some(b.clone()) }),
    }
}

fn fields(path: &str, a: &Map<String, Value>, b: &Map<String, Value>, differences: &mut Vec<Difference>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, left) in a {
        match b.get(name) {
            Some(right) => compare(&join(name), left, right, differences),
            None => differences.push(Difference { path: join(name), a: Some(left.clone()), b: None }),
        }
    }
    for (name, right) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
        differences.push(Difference { path: join(name), a: None, b: Some(right.clone()) });
    }
}

fn elements(path: &str, a: &[Value], b: &[Value], differences: &mut Vec<Difference>) {
    if let Some((key, left, right)) = keyed(a, b) {
        let (left, right): (Vec<_>, Vec<_>) = (left.into_iter().zip(a).collect(), right.into_iter().zip(b).collect());
        for (id, value) in &left {
            let path = format!("{path}[{key}={id}]");
            match right.iter().find(|(other, _)| other == id) {
                Some((_, other)) => compare(&path, value, other, differences),
                None => differences.push(Difference { path, a: Some((*value).clone()), b: None }),
            }
        }
        for (id, value) in right.iter().filter(|(id, _)| !left.iter().any(|(other, _)| other == id)) {
            let path = format!("{path}[{key}={id}]");
            differences.push(Difference { path, a: None, b: Some((*value).clone()) });
        }
        return;
    }
    for index in 0..a.len().max(b.len()) {
        let path = format!("{path}[{index}]");
        match (a.get(index), b.get(index)) {
            (Some(a), Some(b)) => compare(&path, a, b, differences),
            (a, b) => differences.push(Difference { path, a: a.cloned(), b: b.cloned() }),
        }
    }
}

/// The identifiers of the elements, when every element has one and none has that of another.
#[allow(clippy::type_complexity)]
fn keyed<'a>(a: &'a [Value], b: &'a [Value]) -> Option<(&'static str, Vec<String>, Vec<String>)> {
    let of = |list: &'a [Value], key: &str| -> Option<Vec<String>> {
        let ids: Vec<String> = list.iter().map(|v| Some(v.get(key)?.to_string())).collect::<Option<_>>()?;
        let mut sorted = ids.clone();
        sorted.sort();
        sorted.dedup();
        (sorted.len() == ids.len()).then_some(ids)
    };
    IDENTIFIERS
        .into_iter()
        .find_map(|key| Some((key, of(a, key)?, of(b, key)?)))
        .filter(|_| !a.is_empty() || !b.is_empty())
}

fn line(difference: &Difference) -> String {
    let value = |value: &Option<Value>| value.as_ref().map_or("(absent)".to_owned(), Value::to_string);
    format!("{}: {} → {}", difference.path, value(&difference.a), value(&difference.b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(a: &Value, b: &Value) -> Vec<String> {
        let mut found = Vec::new();
        compare("", a, b, &mut found);
        found.iter().map(line).collect()
    }

    #[test]
    fn fields_are_compared_one_by_one() {
        let a = json!({"msg_cnt": 1, "gone": true, "pos": {"lat": 1.5}, "points": [1, 2]});
        let b = json!({"msg_cnt": 2, "pos": {"lat": 1.5}, "points": [1, 3, 4], "new": "x"});
        assert_eq!(
            differences(&a, &b),
            [
                "gone: true → (absent)",
                "msg_cnt: 1 → 2",
                "points[1]: 2 → 3",
                "points[2]: (absent) → 4",
                "new: (absent) → \"x\""
            ]
        );
        assert_eq!(differences(&a, &a), [""; 0]);
    }

    #[test]
    fn road_users_are_compared_with_themselves() {
        let a = json!({"participants": [{"ptc_id": 1, "v": 1}, {"ptc_id": 2, "v": 2}]});
        let b = json!({"participants": [{"ptc_id": 2, "v": 3}, {"ptc_id": 7, "v": 1}]});
        assert_eq!(
            differences(&a, &b),
            [
                "participants[ptc_id=1]: {\"ptc_id\":1,\"v\":1} → (absent)",
                "participants[ptc_id=2].v: 2 → 3",
                "participants[ptc_id=7]: (absent) → {\"ptc_id\":7,\"v\":1}"
            ]
        );
    }
}
