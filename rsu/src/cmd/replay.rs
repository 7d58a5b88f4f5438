//! `rsu replay`: the inputs of a recording through the same station; what it says must be what it said.

use std::path::PathBuf;
use std::process::ExitCode;

use calibration::Timestamp;
use serde_json::Value;
use v2x_msgs::Profile;

use crate::cli::Global;
use crate::cmd;
use crate::record::replay::{Difference, Said, Verdict, replay};
use crate::shell::clock::{self, StopWatch};

/// Differing fields that are listed.
const FIELDS: usize = 20;

/// Arguments of `rsu replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu replay out/street.mcap
  rsu replay new.mcap --compare reference.mcap --json

Exit code: 0 equal, 3 equal but the recording has gaps or is cut off, 4 different.")]
pub struct Args {
    /// Recording made by `rsu run --record`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How fast: 1 is real time, max as fast as possible
    #[arg(long, value_name = "SPEED", default_value = "max", value_parser = speed)]
    pub speed: Speed,
    /// Compare with what this recording says, not with FILE itself
    #[arg(long, value_name = "REF")]
    pub compare: Option<PathBuf>,
}

/// How fast a recording is replayed.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Speed {
    /// As fast as possible.
    Max,
    /// So many times real time.
    Times(f64),
}

fn speed(text: &str) -> Result<Speed, String> {
    match text.parse() {
        _ if text == "max" => Ok(Speed::Max),
        Ok(times) if times > 0.0 && times < 1e6 => Ok(Speed::Times(times)),
        _ => Err(format!("`{text}` is not a speed; write 1 for real time, 2 for twice as fast, or max")),
    }
}

/// Replays a recording.
///
/// # Errors
/// When it cannot be read.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    let watch = StopWatch::start();
    let mut first = None;
    let verdict = replay(&args.file, args.compare.as_deref(), |at: Timestamp| {
        if let Speed::Times(times) = args.speed {
            let due_s = at.seconds_since(*first.get_or_insert(at)) / times;
            clock::rest(std::time::Duration::from_secs_f64((due_s - watch.elapsed().as_secs_f64()).max(0.0)));
        }
    })?;
    if global.json {
        cmd::print_json(&verdict)?;
    } else {
        cmd::print(text(&verdict, watch.elapsed().as_secs_f64()))?;
    }
    Ok(ExitCode::from(match &verdict {
        Verdict { difference: Some(_), .. } => cmd::VERDICT,
        Verdict { lost: 0, cut_off: false, .. } => 0,
        _ => cmd::LOSS,
    }))
}

fn text(verdict: &Verdict, took_s: f64) -> String {
    let Verdict { unit, inputs, said, recorded, span_s, lost, .. } = verdict;
    let mut lines = vec![format!("{unit}  {inputs} inputs, {span_s:.1} s replayed in {took_s:.2} s")];
    match &verdict.difference {
        None => lines.push(format!("{said} messages, each byte as recorded")),
        Some(difference) => {
            lines.push(format!("{said} messages now, {recorded} then: they differ"));
            lines.extend(describe(difference, verdict.profile));
        }
    }
    if *lost > 0 {
        lines.push(format!("the recorder lost {lost} entries (the disk was too slow): a replay cannot be exact"));
    }
    if verdict.cut_off {
        lines.push("the recording is cut off: replayed as far as it goes".to_owned());
    }
    lines.join("\n")
}

/// The first difference: where in the bytes, then field by field.
fn describe(difference: &Difference, profile: Profile) -> Vec<String> {
    let Difference { number, then, now } = difference;
    let (Some(then), Some(now)) = (then, now) else {
        let side = |said: &Option<Said>| {
            said.as_ref()
                .map_or("nothing".to_owned(), |s| format!("{} of {} bytes at {}", s.kind.name(), s.bytes.len(), s.at))
        };
        return vec![format!("first difference: message {number}: {} then, {} now", side(then), side(now))];
    };
    let byte =
        then.bytes.iter().zip(&now.bytes).position(|(a, b)| a != b).unwrap_or(then.bytes.len().min(now.bytes.len()));
    let mut lines = vec![format!(
        "first difference: message {number}, {} at {}: {} bytes then, {} bytes now, from byte {byte} on",
        now.kind.name(),
        now.at,
        then.bytes.len(),
        now.bytes.len()
    )];
    let json = |said: &Said| {
        v2x_msgs::decode(&said.bytes, profile).ok().and_then(|m| serde_json::to_value(m).ok()).unwrap_or_default()
    };
    let mut fields = Vec::new();
    compare("", &json(then), &json(now), &mut fields);
    lines.extend(fields.into_iter().take(FIELDS));
    lines
}

fn compare(path: &str, then: &Value, now: &Value, found: &mut Vec<String>) {
    match (then, now) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let side = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{path}.{key}"), &side(a), &side(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for i in 0..a.len().max(b.len()) {
                let side = |list: &Vec<Value>| list.get(i).cloned().unwrap_or_default();
                compare(&format!("{path}[{i}]"), &side(a), &side(b), found);
            }
        }
        (a, b) if a != b => found.push(format!("  {}: {a} then, {b} now", path.trim_start_matches('.'))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differing_fields_are_named_by_their_path() {
        let mut found = Vec::new();
        let then = json!({ "msg_cnt": 1, "participants": [{ "speed_mps": 1.0 }, { "speed_mps": 2.0 }] });
        let now = json!({ "msg_cnt": 1, "participants": [{ "speed_mps": 1.02 }] });
        compare("", &then, &now, &mut found);
        assert_eq!(
            found,
            [
                "  participants[0].speed_mps: 1.0 then, 1.02 now",
                "  participants[1]: {\"speed_mps\":2.0} then, null now"
            ]
        );
    }

    #[test]
    fn a_speed_is_a_number_or_max() {
        assert_eq!((speed("max"), speed("2")), (Ok(Speed::Max), Ok(Speed::Times(2.0))));
        assert!(["0", "-1", "fast", "inf", "NaN"].iter().all(|wrong| speed(wrong).is_err()));
    }
}
