//! `rsu msg`: messages as people and programs read them, to and from the bytes that go on air.

mod input;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value;
use v2x_msgs::wire_json::Span;
use v2x_msgs::{Profile, hex, json, wire_json};

use self::input::{Messages, Source};
use crate::cli::Global;
use crate::cmd::{self, Exit};
use crate::limits::RADIO_BYTES;

/// Arguments of `rsu msg`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu msg decode --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg encode rsm.json")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show what is in messages
    Decode(Decode),
    /// Make the bytes of messages
    Encode(Encode),
    /// Show what takes how many bits
    Size(Size),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Input: hexadecimal digits, one message a line, or one message in raw octets.

Examples:
  rsu msg decode --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg decode --json heard.hex | jq .msg_cnt

Exit code: 0 good, 1 when a message was refused.")]
struct Decode {
    #[command(flatten)]
    from: From,
    /// The standard's own fields and raw numbers instead of SI units
    #[arg(long)]
    wire: bool,
    /// Draw where every field lies in the bits
    #[arg(long, conflicts_with = "wire")]
    bits: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Input: JSON documents as `rsu msg decode --json` prints them; the error names field or line.

Examples:
  rsu msg encode rsm.json
  rsu msg decode --json --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0 | rsu msg encode -

Exit code: 0 good, 1 when a document was refused.")]
struct Encode {
    /// Message set and edition
    #[arg(long, value_name = "PROFILE", default_value_t)]
    profile: Profile,
    /// The JSON has the standard's own fields and raw numbers
    #[arg(long)]
    wire: bool,
    /// Write raw octets, of one message
    #[arg(long)]
    raw: bool,
    /// JSON file, `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rsu msg size --hex 44d8815db93d34cfe14a9dcec2a2b5f664914e80a0
  rsu msg size heard.hex

Exit code: 0 good, 1 when a message was refused.")]
struct Size {
    #[command(flatten)]
    from: From,
}

#[derive(Debug, clap::Args)]
struct From {
    /// Message set and edition
    #[arg(long, value_name = "PROFILE", default_value_t)]
    profile: Profile,
    /// The message, in hexadecimal digits
    #[arg(long, value_name = "DIGITS", conflicts_with = "file")]
    hex: Option<String>,
    /// File with messages, `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "hex")]
    file: Option<PathBuf>,
}

impl From {
    fn messages(self) -> anyhow::Result<Messages> {
        match (self.hex, self.file) {
            (Some(digits), _) => Ok(Messages::of_text(digits)),
            (None, Some(file)) => Messages::of(Source::of(&file)?),
            (None, None) => bail!("neither --hex nor a file"),
        }
    }
}

/// Runs one of the three.
///
/// # Errors
/// When the input cannot be read, or stdout is closed.
pub fn run(args: Args, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Decode(args) => decode(args, global),
        Command::Encode(args) => encode(&args),
        Command::Size(args) => size(args, global),
    }
}

fn decode(args: Decode, global: &Global) -> anyhow::Result<ExitCode> {
    let (profile, wire, bits) = (args.from.profile, args.wire, args.bits);
    each_message(args.from, |octets| {
        if bits {
            return bits_of(octets, profile, global.json);
        }
        let value = if wire {
            wire_json::decode(octets, profile)?
        } else {
            json::to_json(&v2x_msgs::decode(octets, profile)?)?
        };
        Ok(if global.json { value.to_string() } else { tree(value, octets.len()) })
    })
}

fn size(args: Size, global: &Global) -> anyhow::Result<ExitCode> {
    let profile = args.from.profile;
    each_message(args.from, |octets| sizes_of(octets, profile, global.json))
}

/// Prints what `show` makes of each message; a message that is refused is told on stderr, and the next one is taken.
fn each_message(from: From, show: impl Fn(&[u8]) -> anyhow::Result<String>) -> anyhow::Result<ExitCode> {
    let (mut good, mut refused) = (0_u64, 0_u64);
    for message in from.messages()? {
        let message = message?;
        match message.octets.map_err(anyhow::Error::from).and_then(|octets| show(&octets)) {
            Ok(text) => {
                good += 1;
                cmd::print(text)?;
            }
            Err(error) => {
                refused += 1;
                complain(&error.context(message.place));
            }
        }
    }
    if good + refused == 0 {
        return Err(Exit::new(cmd::FAILED, "there is no message in the input")
            .help("give hexadecimal digits, one message a line, or one message in raw octets")
            .into());
    }
    Ok(ExitCode::from(if refused > 0 { cmd::FAILED } else { 0 }))
}

fn complain(error: &anyhow::Error) {
    // Nobody reads stderr: nothing to do about it.
    let _ = writeln!(anstream::stderr(), "\x1b[1;31merror\x1b[0m: {error:#}");
}

fn encode(args: &Encode) -> anyhow::Result<ExitCode> {
    let name = args.file.display();
    let text = Source::of(&args.file)?.text()?;
    let mut made: Vec<Vec<u8>> = Vec::new();
    for (number, document) in serde_json::Deserializer::from_str(&text).into_iter::<Value>().enumerate() {
        let document = document.with_context(|| format!("{name}: no JSON"))?;
        let octets = octets_of(&document, args).with_context(|| format!("{name}, document {}", number + 1))?;
        if args.raw {
            made.push(octets);
        } else {
            cmd::print(hex::to_hex(&octets))?;
            made.push(Vec::new());
        }
    }
    match (made.as_slice(), args.raw) {
        ([], _) => bail!("{name}: there is no document in the input"),
        ([octets], true) => {
            let mut out = std::io::stdout().lock();
            out.write_all(octets)?;
            out.flush()?;
        }
        (_, true) => bail!("{name}: raw octets of several messages would run together; leave out --raw"),
        (_, false) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn octets_of(document: &Value, args: &Encode) -> anyhow::Result<Vec<u8>> {
    if args.wire {
        return Ok(wire_json::encode(document, args.profile)?);
    }
    if document.get("choice").is_some() {
        bail!("this is JSON on the level of the wire: say --wire");
    }
    Ok(v2x_msgs::encode(&json::from_json(document)?, args.profile)?)
}

/// A message as indented lines, for people: its kind and size, then its fields.
fn tree(mut value: Value, octets: usize) -> String {
    let kind = value.get("schema").or_else(|| value.get("choice")).and_then(Value::as_str).unwrap_or("message");
    let kind = kind.trim_start_matches("v2x.").trim_end_matches("/1").trim_end_matches("Frame");
    let mut lines = vec![format!("{kind}, {octets} octets")];
    if let Some(object) = value.as_object_mut() {
        object.remove("schema");
    }
    branch(value.get("value").unwrap_or(&value), 1, &mut lines);
    lines.join("\n")
}

fn branch(value: &Value, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut item = |name: String, item: &Value| match item {
        Value::Array(list) if list.iter().all(|v| v.is_string()) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            lines.push(format!("{indent}{name}: {}", if words.is_empty() { "none".into() } else { words.join(", ") }));
        }
        Value::Array(_) | Value::Object(_) => {
            lines.push(format!("{indent}{name}"));
            branch(item, depth + 1, lines);
        }
        Value::String(text) => lines.push(format!("{indent}{name}: {text}")),
        other => lines.push(format!("{indent}{name}: {other}")),
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| item(name.clone(), value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| item(format!("[{i}]"), value)),
        other => lines.push(format!("{indent}{other}")),
    }
}

/// `rsu.msg.bits/1` and `rsu.msg.size/1`.
#[derive(Serialize)]
struct Report {
    schema: &'static str,
    message: String,
    octets: usize,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<usize>,
    bits: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

fn bits_of(octets: &[u8], profile: Profile, as_json: bool) -> anyhow::Result<String> {
    let spans = wire_json::spans(octets, profile)?;
    if as_json {
        let field = |s: Span| Field { path: s.path, bit: Some(s.bit), bits: s.bits, value: s.value };
        let message = frame_of(&spans);
        let fields = spans.into_iter().map(field).collect();
        let report = Report { schema: "rsu.msg.bits/1", message, octets: octets.len(), fields };
        return Ok(serde_json::to_string(&report)?);
    }
    let line = |s: &Span| {
        let depth = s.path.matches(['.', '[']).count();
        let name = s.path.rsplit(['.']).next().unwrap_or_default();
        let name = name.rfind('[').map_or(name, |at| &name[at..]);
        format!("{:>6} {:>6}  {}{name} {}", s.bit, s.bits, "  ".repeat(depth), s.value.as_deref().unwrap_or_default())
    };
    let lines: Vec<String> = spans.iter().map(|s| line(s).trim_end().to_owned()).collect();
    Ok(format!("   bit   bits  field\n{}", lines.join("\n")))
}

fn sizes_of(octets: &[u8], profile: Profile, as_json: bool) -> anyhow::Result<String> {
    let spans = wire_json::spans(octets, profile)?;
    let message = frame_of(&spans);
    let fields = sizes(&spans);
    if as_json {
        let report = Report { schema: "rsu.msg.size/1", message, octets: octets.len(), fields };
        return Ok(serde_json::to_string(&report)?);
    }
    let share = octets.len() as f64 / RADIO_BYTES as f64 * 100.0;
    let mut text = format!(
        "{message}: {} octets, {share:.0} % of the {RADIO_BYTES} that a radio carries\n  bits  field",
        octets.len()
    );
    for field in fields {
        let note = field.value.map(|value| format!("  ({value})")).unwrap_or_default();
        text.push_str(&format!("\n{:>6}  {}{note}", field.bits, field.path));
    }
    Ok(text)
}

/// The message's name: `rsm` for `rsmFrame`.
fn frame_of(spans: &[Span]) -> String {
    spans.first().map(|whole| whole.path.trim_end_matches("Frame").to_owned()).unwrap_or_default()
}

/// Bits of the message's own fields, lists with the number of their elements.
fn sizes(spans: &[Span]) -> Vec<Field> {
    let Some(whole) = spans.first() else { return Vec::new() };
    let prefix = format!("{}.", whole.path);
    let own =
        |span: &Span| span.path.strip_prefix(&prefix).filter(|name| !name.contains(['.', '['])).map(str::to_owned);
    let field = |span: &Span| {
        let path = own(span)?;
        let inner = format!("{}[", span.path);
        let element =
            |s: &&Span| s.path.strip_prefix(&inner).is_some_and(|rest| rest.ends_with(']') && !rest.contains('.'));
        let elements = spans.iter().filter(element).count();
        let value = (elements > 0).then(|| format!("{elements} of them, {} each", span.bits / elements));
        Some(Field { path, bit: None, bits: span.bits, value })
    };
    spans.iter().filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSI: &str = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";

    fn rsi() -> Vec<u8> {
        hex::from_hex(RSI).unwrap()
    }

    #[test]
    fn a_tree_for_people_has_no_brackets() {
        let value =
            serde_json::json!({"schema": "v2x.rsi/1", "id": "ab", "list": [{"x": 1}], "flags": ["left"], "none": []});
        let text = "rsi, 7 octets\n  flags: left\n  id: ab\n  list\n    [0]\n      x: 1\n  none: none";
        assert_eq!(tree(value, 7), text);
        let wire = serde_json::json!({"choice": "rsmFrame", "value": {"msgCnt": 1}});
        assert_eq!(tree(wire, 3), "rsm, 3 octets\n  msgCnt: 1");
    }

    #[test]
    fn sizes_add_up_to_the_message() {
        let spans = wire_json::spans(&rsi(), Profile::Csae53_2020).unwrap();
        let fields = sizes(&spans);
        let sum: usize = fields.iter().map(|f| f.bits).sum();
        assert!(sum <= rsi().len() * 8 && sum + 16 > rsi().len() * 8, "{sum} of {}", rsi().len() * 8);
        assert_eq!(fields.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["msgCnt", "moy", "id", "refPos"]);
        assert_eq!(frame_of(&spans), "rsi");
    }

    #[test]
    fn the_bits_of_a_message_are_drawn_field_by_field() {
        let text = bits_of(&rsi(), Profile::Csae53_2020, false).unwrap();
        assert!(text.contains("msgCnt 108"), "{text}");
        assert!(text.contains("id c9e9a67f0a54ee76"), "{text}");
        let json: Value = serde_json::from_str(&bits_of(&rsi(), Profile::Csae53_2020, true).unwrap()).unwrap();
        assert_eq!(json["fields"][1]["path"], "rsiFrame.msgCnt");
    }
}
